#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Records real TLS 1.3 handshakes of every server with every client, labelled by construction.

    matrix.py FOLDER [--servers a,b] [--clients a,b] [--requests none,5] [--extras]

FOLDER gets all.pcap, keys.log (the key logs of all programs that write one) and labels.json: one
entry a connection with its port, when it ran, what the server was told to ask and what the client
was given. check_matrix.py judges casniff by them. What it needs: root (tcpdump on the loopback
interface) and openssl gnutls-bin libgnutls28-dev default-jdk-headless nodejs golang-go
libnss3-tools libwolfssl-dev gcc tcpdump.

FOLDER/pki is made once and used again.
"""
import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent.parent / "pcaps" / "src"))

import names            # noqa: E402
from pki import Pki     # noqa: E402

FIRST_PORT = 21000
EXTRAS = 500  # from the first port to those of the cases beside the matrix
SIZES = {"5": 5, "144": 144, "400": 400}
REQUESTS = ["none", "empty", *SIZES]
CIPHERS = ["aes128", "aes256", "chacha"]
IANA = {"aes128": "TLS_AES_128_GCM_SHA256", "aes256": "TLS_AES_256_GCM_SHA384",
        "chacha": "TLS_CHACHA20_POLY1305_SHA256"}
GNUTLS = {"aes128": "AES-128-GCM", "aes256": "AES-256-GCM", "chacha": "CHACHA20-POLY1305"}
WOLFSSL = {"aes128": "TLS13-AES128-GCM-SHA256", "aes256": "TLS13-AES256-GCM-SHA384",
           "chacha": "TLS13-CHACHA20-POLY1305-SHA256"}
NSS = {"aes128": ":1301", "aes256": ":1302", "chacha": ":1303"}
GET = b"GET / HTTP/1.0\r\n\r\n"


def run(*words, **more):
    return subprocess.run([str(w) for w in words], check=True, capture_output=True, **more)


def make_pki(folder):
    if (folder / "done").exists():
        return
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    pki = Pki(folder)
    count = max(SIZES.values())
    pki.roots([(f"root{i:03}", subject, mask)
               for i, (subject, mask) in enumerate(names.subjects(count), 1)])
    for name, size in SIZES.items():
        pki.bundle(f"cas-{name}", [f"root{i:03}" for i in range(1, size + 1)])
    for key in ("ec", "rsa"):
        pki.issue(f"server-{key}", [("CN", "www.example.at")], "root002", "server",
                  key=f"{key}.key")
        pki.issue(f"client-{key}", [("CN", "Anna Muster")], "root001", key=f"{key}.key")
        for side in ("server", "client"):
            run("openssl", "pkcs12", "-export", "-name", f"{side}-{key}", "-passout", "pass:test",
                "-inkey", f"{key}.key", "-in", f"{side}-{key}.pem", "-out", f"{side}-{key}.p12",
                cwd=folder)
    for request in REQUESTS:
        nss_database(folder, f"nss-{request}", SIZES.get(request, 0), ["server", "client"])
    nss_database(folder, "nss-nobody", 0, [])
    (folder / "done").touch()


def nss_database(folder, name, size, sides):
    """Trusts the first CAs; NSS sends any certificate that it has, so "nobody" has none."""
    (folder / name).mkdir()
    database = f"sql:{folder / name}"
    run("certutil", "-N", "-d", database, "--empty-password")
    for i in range(1, size + 1):
        run("certutil", "-A", "-n", f"root{i}", "-t", "CT,C,C", "-d", database,
            "-i", folder / f"root{i:03}.pem")
    for side in sides:
        run("pk12util", "-i", folder / f"{side}-rsa.p12", "-d", database, "-W", "test")


def build(folder):
    run("gcc", "-O1", "-o", folder / "peer_gnutls", HERE / "peer_gnutls.c", "-lgnutls")
    run("gcc", "-O1", "-o", folder / "peer_wolfssl", HERE / "peer_wolfssl.c", "-lwolfssl")
    run("go", "build", "-o", folder / "peer_go", HERE / "peer.go",
        env={**os.environ, "GOFLAGS": "-mod=mod", "GO111MODULE": "off"})
    run("javac", "-d", folder, HERE / "Peer.java")
    shutil.copy(HERE / "peer.js", folder)


def bundle_or(request):
    return f"pki/cas-{request}.pem" if request in SIZES else request


# --- servers: each a list of commands for (port, request, cipher) triples ---

def openssl_server(port, request, cipher, more=()):
    words = ["openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-cert", "pki/server-rsa.pem",
             "-key", "pki/rsa.key", "-tls1_3", "-ciphersuites", IANA[cipher], "-www",
             "-keylogfile", f"keys-s{port}.log", *more]
    if request != "none":
        words += ["-verify", "2"]
    if request in SIZES:
        words += ["-CAfile", bundle_or(request)]
    return words


def each(command):
    return lambda triples: [command(*triple) for triple in triples]


def gnutls_server(port, request, cipher):
    words = ["gnutls-serv", "-q", "--http", "-p", port, "--x509certfile", "pki/server-rsa.pem",
             "--x509keyfile", "pki/rsa.key", "--priority",
             f"NORMAL:-VERS-ALL:+VERS-TLS1.3:-CIPHER-ALL:+{GNUTLS[cipher]}"]
    if request == "none":
        words.append("-a")
    if request in SIZES:
        words += ["--x509cafile", bundle_or(request)]
    return words


def wolfssl_server(port, request, cipher):
    return ["./peer_wolfssl", "server", port, "pki/server-rsa.pem", "pki/rsa.key",
            bundle_or(request), WOLFSSL[cipher]]


def nss_server(port, request, cipher):
    words = ["selfserv", "-d", f"sql:pki/nss-{request}", "-n", "server-rsa", "-p", port,
             "-V", "tls1.3:tls1.3", "-c", NSS[cipher], "-t", "1"]
    return words if request == "none" else [*words, "-r"]


def java_servers(triples):
    words = ["java", "-Xmx256m", "-cp", ".", "Peer", "server"]
    for port, request, cipher in triples:
        words += [port, "pki/server-rsa.p12", bundle_or(request), IANA[cipher]]
    return [words]


def node_servers(triples):
    words = ["node", "peer.js", "server"]
    for port, request, cipher in triples:
        words += [port, "pki/server-rsa.pem", "pki/rsa.key", bundle_or(request), IANA[cipher]]
    return [words]


def go_servers(triples):
    words = ["./peer_go", "server"]
    for port, request, _ in triples:
        words += [port, "pki/server-rsa.pem", "pki/rsa.key", bundle_or(request)]
    return [words]


SERVERS = {"openssl": each(openssl_server), "gnutls": each(gnutls_server), "go": go_servers,
           "java": java_servers, "node": node_servers, "nss": each(nss_server),
           "wolfssl": each(wolfssl_server)}


# --- clients: a command for (port, certificate or none, cipher) ---

def certificate(cert):
    return ["none", "none"] if cert == "none" else [f"pki/client-{cert}.pem", f"pki/{cert}.key"]


def openssl_client(port, cert, cipher, more=()):
    pair = [] if cert == "none" else ["-cert", certificate(cert)[0], "-key", certificate(cert)[1]]
    return ["openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-servername",
            "www.example.at", "-ciphersuites", IANA[cipher], "-ign_eof", "-keylogfile",
            f"keys-c{port}.log", *pair, *more]


def gnutls_client(port, cert, cipher):
    return ["./peer_gnutls", port, *certificate(cert),
            f"NORMAL:-VERS-ALL:+VERS-TLS1.3:-CIPHER-ALL:+{GNUTLS[cipher]}"]


def wolfssl_client(port, cert, cipher):
    return ["./peer_wolfssl", "client", port, *certificate(cert), WOLFSSL[cipher]]


def nss_client(port, cert, cipher):
    database = "sql:pki/nss-nobody" if cert == "none" else "sql:pki/nss-5"
    words = ["tstclnt", "-h", "127.0.0.1", "-p", port, "-o", "-4", "-d", database,
             "-V", "tls1.3:tls1.3", "-c", NSS[cipher]]
    return words if cert == "none" else [*words, "-n", "client-rsa"]


def java_client(port, cert, cipher):
    store = cert if cert == "none" else f"pki/client-{cert}.p12"
    return ["java", "-Xshare:auto", "-XX:TieredStopAtLevel=1", "-cp", ".", "Peer", "client", port,
            store, IANA[cipher]]


def node_client(port, cert, cipher):
    return ["node", "peer.js", "client", port, *certificate(cert), IANA[cipher]]


def go_client(port, cert, _):
    return ["./peer_go", "client", port, *certificate(cert)]


def curl_client(port, cert, cipher):
    pair = [] if cert == "none" else ["--cert", certificate(cert)[0], "--key", certificate(cert)[1]]
    return ["curl", "-sk", "--tls13-ciphers", IANA[cipher], "--http1.0", *pair,
            f"https://127.0.0.1:{port}/"]


CLIENTS = {"openssl": openssl_client, "gnutls": gnutls_client, "go": go_client,
           "java": java_client, "node": node_client, "nss": nss_client, "wolfssl": wolfssl_client,
           "curl": curl_client}


# --- cases beside the matrix: OpenSSL's special ways. (name, server, [clients], label) ---

def extra_cases():
    """(name, server's options, clients' options, request, cert, what is expected)"""
    ses = "session.pem"
    yield "retry", ["-groups", "P-384"], [["-groups", "X25519:P-384"]], "5", "ec"
    yield "retry", ["-groups", "P-384"], [["-groups", "X25519:P-384"]], "5", "none"
    yield "retry", ["-groups", "P-384"], [["-groups", "X25519:P-384"]], "none", "none"
    yield "no-middlebox", ["-no_middlebox"], [["-no_middlebox"]], "5", "ec"
    yield "no-middlebox", ["-no_middlebox"], [["-no_middlebox"]], "none", "none"
    yield "resumed", [], [["-sess_out", ses], ["-sess_in", ses]], "5", "ec"
    yield "resumed", [], [["-sess_out", ses], ["-sess_in", ses]], "none", "none"
    yield "early", ["-early_data"], [["-sess_out", ses],
                                     ["-sess_in", ses, "-early_data", "early.bin"]], "5", "ec"
    yield "early-refused", ["-early_data", "-no_ticket"], [
        ["-sess_out", ses], ["-sess_in", ses, "-early_data", "early.bin"]], "5", "ec"
    for padding in ("16", "64", "256", "512", "4096"):
        yield f"pad-client-{padding}", [], [["-record_padding", padding]], "5", "ec"
        yield f"pad-client-{padding}", [], [["-record_padding", padding]], "5", "none"
        yield f"pad-client-{padding}", [], [["-record_padding", padding]], "none", "none"
        yield f"pad-server-{padding}", ["-record_padding", padding], [[]], "144", "ec"
        yield f"pad-server-{padding}", ["-record_padding", padding], [[]], "none", "none"
    for split in ("512", "1024", "4096"):
        more = ["-max_send_frag", split]
        yield f"split-server-{split}", more, [[]], "144", "ec"
        yield f"split-server-{split}", more, [[]], "none", "none"
        yield f"split-client-{split}", [], [more], "5", "rsa"
        yield f"split-client-{split}", [], [more], "none", "none"
        yield f"split-client-{split}", [], [more], "5", "none"
    yield "maxfrag", [], [["-maxfraglen", "512"]], "144", "ec"
    yield "maxfrag", [], [["-maxfraglen", "512"]], "none", "none"
    yield "ccm", ["-ciphersuites", "TLS_AES_128_CCM_SHA256"], [
        ["-ciphersuites", "TLS_AES_128_CCM_SHA256"]], "5", "ec"
    yield "ccm8", ["-ciphersuites", "TLS_AES_128_CCM_8_SHA256"], [
        ["-ciphersuites", "TLS_AES_128_CCM_8_SHA256"]], "5", "ec"
    yield "ccm8", ["-ciphersuites", "TLS_AES_128_CCM_8_SHA256"], [
        ["-ciphersuites", "TLS_AES_128_CCM_8_SHA256"]], "5", "none"
    yield "ccm8", ["-ciphersuites", "TLS_AES_128_CCM_8_SHA256"], [
        ["-ciphersuites", "TLS_AES_128_CCM_8_SHA256"]], "none", "none"
    yield "required", ["-Verify", "2", "-verify_return_error"], [[]], "5", "none"
    yield "untrusted", ["-verify_return_error"], [[]], "144", "ec"
    yield "no-tickets", ["-num_tickets", "0"], [[]], "5", "none"
    yield "no-tickets", ["-num_tickets", "0"], [[]], "none", "none"
    yield "offers-post", [], [["-enable_pha"]], "none", "none"
    yield "offers-post", [], [["-enable_pha"]], "5", "ec"
    yield "brotli-less", ["-curves", "X25519"], [[]], "400", "rsa"


class Lab:
    def __init__(self, folder, first_port):
        self.folder = folder
        self.first_port = first_port
        self.running = []
        self.labels = []
        self.env = {**os.environ, "SSLKEYLOGFILE": str(folder / "keys-env.log"),
                    "LD_LIBRARY_PATH": "", "NSS_ALLOW_SSLKEYLOGFILE": "1"}

    def start(self, words, **more):
        out = open(self.folder / "said.txt", "ab")
        process = subprocess.Popen([str(w) for w in words], cwd=self.folder, env=self.env,
                                   stdout=out, stderr=out, **more)
        out.close()
        self.running.append(process)
        return process

    def sniff(self):
        self.start(["tcpdump", "-i", "lo", "-Z", "root", "-U", "-s", "0", "-B", "65536", "-w",
                    "all.pcap", "tcp", "portrange", f"{self.first_port}-{self.first_port + EXTRAS + 500}"])
        time.sleep(1)

    def call(self, label, words):
        before = time.time()
        process = self.start(words, stdin=subprocess.PIPE)
        try:
            process.communicate(GET, timeout=8)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        self.running.remove(process)
        self.labels.append({**label, "from": before, "to": time.time()})

    def stop(self):
        for process in self.running:
            process.terminate()
        for process in self.running:
            process.wait()
        self.running = []


def wait_for(ports):
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        listening = run("ss", "-Hltn").stdout.decode()
        missing = [p for p in ports if f":{p} " not in listening]
        if not missing:
            return
        time.sleep(0.2)
    print("not listening:", missing, file=sys.stderr)


def matrix(lab, args):
    port = lab.first_port
    for server in args.servers:
        triples = []
        for request in args.requests:
            for cipher in CIPHERS:
                triples.append((port, request, cipher))
                port += 1
        for words in SERVERS[server](triples):
            lab.start(words, stdin=subprocess.PIPE)
        wait_for([t[0] for t in triples])
        for number, client in enumerate(args.clients):
            for at, (to, request, cipher) in enumerate(triples):
                for cert in ("none", ("ec", "rsa")[(at + number) % 2]):
                    if args.thin and (at + number + (cert == "none")) % 3 != 0:
                        continue
                    lab.call({"server": server, "client": client, "port": to, "request": request,
                              "cert": cert, "cipher": cipher, "kind": "matrix"},
                             CLIENTS[client](to, cert, cipher))
        print(server, "done", flush=True)


def extras(lab):
    port = lab.first_port + EXTRAS
    (lab.folder / "early.bin").write_bytes(GET)
    for name, more, clients, request, cert in extra_cases():
        words = openssl_server(port, request, "aes128", more)
        if "-early_data" in more:
            words.remove("-www")  # s_server knows no early data there
        server = lab.start(words, stdin=subprocess.PIPE)
        wait_for([port])
        for at, words in enumerate(clients):
            kind = name + ("-first" if at + 1 < len(clients) else "")
            lab.call({"server": "openssl", "client": "openssl", "port": port, "request": request,
                      "cert": cert, "cipher": "aes128", "kind": kind},
                     openssl_client(port, cert, "aes128", words))
        server.terminate()
        port += 1
    post_handshake(lab, port)


def post_handshake(lab, port):
    """The server asks after the handshake: s_server's command c."""
    for cert in ("ec", "none"):
        server = lab.start([w for w in openssl_server(port, "5", "aes128") if w != "-www"],
                           stdin=subprocess.PIPE)
        # without -verify at the start, so that nothing is asked in the handshake itself
        server.terminate()
        words = [w for w in openssl_server(port + 1, "none", "aes128") if w != "-www"]
        server = lab.start([*words, "-CAfile", "pki/cas-5.pem"], stdin=subprocess.PIPE)
        wait_for([port + 1])
        before = time.time()
        client = lab.start(openssl_client(port + 1, cert, "aes128", ["-enable_pha"]),
                           stdin=subprocess.PIPE)
        time.sleep(0.7)
        server.stdin.write(b"c\n")
        server.stdin.flush()
        time.sleep(0.7)
        client.stdin.write(b"hello\n")
        client.stdin.flush()
        time.sleep(0.5)
        client.terminate()
        client.wait()
        server.terminate()
        lab.labels.append({"server": "openssl", "client": "openssl", "port": port + 1,
                           "request": "post", "cert": cert, "cipher": "aes128",
                           "kind": "post-handshake", "from": before, "to": time.time()})
        port += 2


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--servers", type=lambda s: s.split(","), default=list(SERVERS))
    parser.add_argument("--clients", type=lambda s: s.split(","), default=list(CLIENTS))
    parser.add_argument("--requests", type=lambda s: s.split(","), default=REQUESTS)
    parser.add_argument("--extras", action="store_true")
    parser.add_argument("--first-port", type=int, default=FIRST_PORT)
    parser.add_argument("--thin", action="store_true", help="a third of the cases")
    args = parser.parse_args()
    folder = args.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    make_pki(folder / "pki")
    build(folder)
    for old in folder.glob("keys*.log"):
        old.unlink()
    (folder / "said.txt").unlink(missing_ok=True)
    lab = Lab(folder, args.first_port)
    try:
        lab.sniff()
        if args.extras:
            extras(lab)
        matrix(lab, args)
        time.sleep(1)
    finally:
        lab.stop()
    (folder / "keys.log").write_bytes(b"".join(
        sorted(set(b"".join(p.read_bytes() for p in folder.glob("keys-*.log")).splitlines(True)))))
    (folder / "keys.log").chmod(0o600)
    (folder / "labels.json").write_text(json.dumps(lab.labels, indent=0))


if __name__ == "__main__":
    main()
