#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Records renegotiations of TLS 1.0 to 1.2 of every kind of cipher suite, labelled.

    renegotiation.py FOLDER [--first-port N]

As IIS does it: the handshake, a request for a page, then a second handshake that asks for a
client certificate. Servers are openssl s_server (command R), Apache with SSLVerifyClient in a
<Location>, and gnutls-serv, whose clients renegotiate themselves. FOLDER gets all.pcap, keys.log
and labels.json, as with matrix.py; check_renegotiation.py judges casniff by them. Needs root and
openssl gnutls-bin apache2 curl tcpdump iproute2.
"""
import argparse
import json
import os
import subprocess
import time
from pathlib import Path

from matrix import Lab, make_pki, wait_for

FIRST_PORT = 27000
PAGE = b"GET /secret HTTP/1.0\r\n\r\n"
WAIT = 0.6

# name of OpenSSL, versions
OPENSSL = [
    ("ECDHE-RSA-AES128-GCM-SHA256", ["1.2"]),
    ("ECDHE-RSA-AES256-GCM-SHA384", ["1.2"]),
    ("AES256-GCM-SHA384", ["1.2"]),
    ("ECDHE-RSA-CHACHA20-POLY1305", ["1.2"]),
    ("DHE-RSA-AES128-CCM", ["1.2"]),
    ("DHE-RSA-AES256-CCM", ["1.2"]),
    ("DHE-RSA-AES128-CCM8", ["1.2"]),
    ("DHE-RSA-AES256-CCM8", ["1.2"]),
    ("ECDHE-RSA-AES128-SHA256", ["1.2"]),
    ("ECDHE-RSA-AES256-SHA384", ["1.2"]),
    ("DHE-RSA-AES256-SHA256", ["1.2"]),
    ("ECDHE-RSA-CAMELLIA128-SHA256", ["1.2"]),
    ("ECDHE-RSA-CAMELLIA256-SHA384", ["1.2"]),
    ("DHE-RSA-CAMELLIA256-SHA", ["1.0", "1.2"]),
    ("ECDHE-RSA-AES128-SHA", ["1.0", "1.1", "1.2"]),
    ("AES256-SHA", ["1.0", "1.1", "1.2"]),
]
# how gnutls-serv and gnutls-cli name what OpenSSL has no more
GNUTLS = [
    ("3DES-CBC", "1.0"), ("3DES-CBC", "1.2"), ("ARCFOUR-128", "1.0"), ("ARCFOUR-128", "1.2"),
    ("CAMELLIA-128-GCM", "1.2"), ("CAMELLIA-256-GCM", "1.2"), ("AES-128-CBC", "1.0"),
    ("AES-256-CBC", "1.1"), ("AES-256-CBC", "1.2"), ("AES-128-CCM-8", "1.2"),
]
CLIENTS = ["ec", "none"]


class Renegotiation:
    def __init__(self, lab):
        self.lab = lab
        self.port = lab.first_port

    def label(self, before, **more):
        self.lab.labels.append({"port": self.port, "from": before, "to": time.time(), **more})
        self.port += 1

    @staticmethod
    def say(process, text):
        try:
            process.stdin.write(text)
            process.stdin.flush()
        except BrokenPipeError:
            pass  # it ended; check_renegotiation.py will say what was not recorded
        time.sleep(WAIT)

    def openssl(self, suite, version, cert, more=(), often=1, label=None, config=None):
        """The client asks for a page; the server's R asks for a certificate."""
        flag = "-tls1" if version == "1.0" else "-tls" + version.replace(".", "_")
        common = [flag, "-cipher", f"{suite}:@SECLEVEL=0"]
        server = self.lab.start(
            ["openssl", "s_server", "-accept", f"127.0.0.1:{self.port}", "-cert",
             "pki/server-rsa.pem", "-key", "pki/rsa.key", "-CAfile", "pki/cas-144.pem",
             "-no_resumption_on_reneg", "-msg", "-msgfile", f"msg-{self.port}.txt", *common,
             *more],
            stdin=subprocess.PIPE)
        wait_for([self.port])
        before = time.time()
        pair = [] if cert == "none" else ["-cert", f"pki/client-{cert}.pem", "-key",
                                          f"pki/{cert}.key"]
        env = {**self.lab.env, **({"OPENSSL_CONF": config} if config else {})}
        client = self.lab.start(
            ["openssl", "s_client", "-connect", f"127.0.0.1:{self.port}", "-servername",
             "www.example.at", "-keylogfile", f"keys-{self.port}.log", *common, *pair],
            stdin=subprocess.PIPE, env=env)
        time.sleep(WAIT)
        self.say(client, PAGE)
        for _ in range(often):
            self.say(server, b"R\n")
            self.say(server, b"the page\n")
        client.terminate()
        client.wait()
        server.terminate()
        self.label(before, server="openssl", client="openssl", suite=suite, version=version,
                   cert=cert, renegotiations=often, kind=label or "page", more=list(more))

    def gnutls(self, cipher, version, cert, more=""):
        """gnutls-cli --rehandshake: the server asks in both handshakes."""
        priority = (f"NORMAL:-VERS-ALL:+VERS-TLS{version}:-CIPHER-ALL:+{cipher}:+RSA:+SHA1:"
                    f"%UNSAFE_RENEGOTIATION{more}")
        server = self.lab.start(
            ["gnutls-serv", "-q", "--http", "-p", self.port, "--x509certfile",
             "pki/server-rsa.pem", "--x509keyfile", "pki/rsa.key", "--x509cafile",
             "pki/cas-5.pem", "--priority", priority], stdin=subprocess.PIPE)
        wait_for([self.port])
        before = time.time()
        pair = [] if cert == "none" else ["--x509certfile", f"pki/client-{cert}.pem",
                                          "--x509keyfile", f"pki/{cert}.key"]
        client = self.lab.start(
            ["gnutls-cli", "--insecure", "-p", self.port, "--rehandshake", "--priority",
             priority, *pair, "127.0.0.1"], stdin=subprocess.PIPE)
        time.sleep(2 * WAIT)
        self.say(client, PAGE)
        client.terminate()
        client.wait()
        server.terminate()
        self.label(before, server="gnutls", client="gnutls", suite=cipher, version=version,
                   cert=cert, renegotiations=1, kind="rehandshake")

    def apache(self, certs):
        (self.lab.folder / "www").mkdir(exist_ok=True)
        (self.lab.folder / "www" / "secret").write_text("the page\n")
        port = self.port
        config = self.lab.folder / "apache.conf"
        modules = "/usr/lib/apache2/modules"
        config.write_text(f"""
ServerRoot {self.lab.folder}
ServerName www.example.at
PidFile apache.pid
ErrorLog apache.log
Listen 127.0.0.1:{port}
LoadModule mpm_event_module {modules}/mod_mpm_event.so
LoadModule authz_core_module {modules}/mod_authz_core.so
LoadModule ssl_module {modules}/mod_ssl.so
DocumentRoot {self.lab.folder}/www
SSLEngine on
SSLProtocol TLSv1.2
SSLCertificateFile pki/server-rsa.pem
SSLCertificateKeyFile pki/rsa.key
SSLCACertificateFile pki/cas-144.pem
<Location /secret>
    SSLVerifyClient require
    SSLVerifyDepth 2
</Location>
""", encoding="utf-8")
        server = self.lab.start(["apache2", "-X", "-f", config])
        wait_for([port])
        for cert in certs:
            before = time.time()
            pair = [] if cert == "none" else ["--cert", f"pki/client-{cert}.pem", "--key",
                                              f"pki/{cert}.key"]
            subprocess.run(
                ["curl", "-sk", "--http1.1", "--tls-max", "1.2", *pair, "-o", "/dev/null",
                 f"https://127.0.0.1:{port}/secret"], cwd=self.lab.folder, check=False,
                env={**self.lab.env,
                     "SSLKEYLOGFILE": str(self.lab.folder / f"keys-a{port}{cert}.log")},
                timeout=20)
            self.port = port
            self.label(before, server="apache", client="curl", suite="", version="1.2",
                       cert=cert, renegotiations=1, kind="page")
        server.terminate()


def record(renegotiation, quick):
    no_ems = renegotiation.lab.folder / "no-ems.cnf"
    no_ems.write_text("openssl_conf = a\n[a]\nssl_conf = b\n[b]\nsystem_default = c\n"
                      "[c]\nOptions = -ExtendedMasterSecret\n", encoding="utf-8")
    for suite, versions in OPENSSL[:1] if quick else OPENSSL:
        for version in versions:
            for cert in CLIENTS:
                renegotiation.openssl(suite, version, cert)
    for version in ["1.2"] if quick else ["1.0", "1.1", "1.2"]:
        renegotiation.openssl("AES128-SHA", version, "ec", ["-no_etm"], label="mac-then-encrypt")
    renegotiation.openssl("AES128-SHA256", "1.2", "ec", label="no-ems",
                          config=str(no_ems))
    renegotiation.openssl("ECDHE-RSA-AES128-GCM-SHA256", "1.2", "ec", often=3, label="thrice")
    renegotiation.openssl("AES128-SHA", "1.0", "ec", often=2, label="twice")
    renegotiation.openssl("ECDHE-RSA-AES128-GCM-SHA256", "1.2", "rsa",
                          ["-max_send_frag", "512"], label="split")
    renegotiation.openssl("AES128-SHA", "1.2", "rsa", ["-max_send_frag", "512"], label="split")
    renegotiation.openssl("ECDHE-RSA-AES256-GCM-SHA384", "1.2", "none",
                          ["-verify_return_error"], label="refused")
    renegotiation.apache(CLIENTS)
    for cipher, version in GNUTLS[:1] if quick else GNUTLS:
        renegotiation.gnutls(cipher, version, "rsa")
    if not quick:
        renegotiation.gnutls("AES-128-CBC", "1.0", "rsa", ":%NO_ETM")
        renegotiation.gnutls("AES-128-CBC", "1.2", "none", ":%NO_ETM:%NO_SESSION_HASH")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--first-port", type=int, default=FIRST_PORT)
    parser.add_argument("--quick", action="store_true", help="one case of each program")
    args = parser.parse_args()
    folder = args.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    make_pki(folder / "pki")
    for old in [*folder.glob("keys*.log"), *folder.glob("msg-*.txt")]:
        old.unlink()
    lab = Lab(folder, args.first_port)
    try:
        lab.sniff()
        record(Renegotiation(lab), args.quick)
        time.sleep(1)
    finally:
        lab.stop()
    lines = set(b"".join(p.read_bytes() for p in folder.glob("keys-*.log")).splitlines(True))
    (folder / "keys.log").write_bytes(b"".join(sorted(lines)))
    os.chmod(folder / "keys.log", 0o600)
    (folder / "labels.json").write_text(json.dumps(lab.labels, indent=0), encoding="utf-8")


if __name__ == "__main__":
    main()
