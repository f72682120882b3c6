# SPDX-License-Identifier: GPL-2.0-or-later
"""Real TLS servers on b and real clients on a."""
import re
import socket
import subprocess
import sys
import threading
from pathlib import Path

from lab import HOST_B, inside
from program import PATIENCE_S, Program, wait_until

CLIENTS = Path(__file__).with_name("tls_clients.py")
NAME = "www.example.at"


def free_ports(count):
    """Nothing else listens on b."""
    return range(4433, 4433 + count)


def make_key(folder):
    """server.key and server.pem, self-signed."""
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={NAME}", "-days", "30",
                    "-keyout", "server.key", "-out", "server.pem"], cwd=folder, check=True,
                   capture_output=True)


def first_of(store, count, path):
    """A store with the first certificates of another one."""
    blocks = re.findall(r"-----BEGIN CERT.*?-----END CERTIFICATE-----\n", store.read_text(),
                        re.DOTALL)
    assert len(blocks) >= count
    path.write_text("".join(blocks[:count]))
    return path


class Server(Program):
    """It listens when the constructor returns."""

    def __init__(self, folder, words, port):
        super().__init__(folder, words, "b", stdin=subprocess.PIPE)
        self.port = port
        self.until(lambda: inside("b", "ss", "-Hltn", "sport", "=", f":{port}"), "it listens")


def openssl_server(folder, port, listed, trusted):
    """It asks for a certificate of the trusted, lists the listed, and does not insist."""
    return Server(folder, ["openssl", "s_server", "-accept", port, "-cert", "server.pem", "-key",
                           "server.key", "-tls1_2", "-verify", "3", "-quiet", "-CAfile", listed,
                           "-verifyCAfile", trusted], port)


def mbedtls_server(folder, program, port, trusted):
    """It serves one connection, and cuts its list where its buffer ends."""
    return Server(folder, [program, HOST_B, port, "server.pem", "server.key", trusted], port)


def start_client(folder, port, count, silence_s):
    return Program(folder, [sys.executable, "-B", CLIENTS, HOST_B, port, count, silence_s], "a")


def silent_client(folder, port):
    """A client that only shakes hands and then stays: itself, and the end of the handshake."""
    client = start_client(folder, port, 1, 60)
    client.until(lambda: client.printed().endswith("\n"), "it has shaken hands")
    return client, float(client.printed())


def shake_hands(folder, port, count=1):
    """The wall clock at the end of each of count full TLS 1.2 handshakes, one after the other."""
    client = start_client(folder, port, count, 0)
    code = client.wait(PATIENCE_S + count / 10)
    ended_at = [float(line) for line in client.printed().split()]
    if code != 0 or len(ended_at) != count:
        raise AssertionError(f"{len(ended_at)} of {count} handshakes: {client.told()}")
    return ended_at


def gnutls_client(folder, port):
    """gnutls-cli without a certificate: what it printed."""
    client = Program(folder, ["gnutls-cli", "--insecure", "--sni-hostname", NAME, "--priority",
                              "NORMAL:-VERS-TLS1.3", "-p", port, HOST_B], "a")
    client.wait()
    return client.printed()


class Dump(Program):
    """tcpdump on b's interface. It listens when the constructor returns."""

    def __init__(self, folder, path, *words):
        super().__init__(folder, ["tcpdump", "-i", "wire", "-Z", "root", "-n", "-w", path, *words],
                         "b")
        self.until(lambda: "listening on" in self.told(), "it listens")

    def figures(self):
        """packets captured, received by filter, dropped by kernel; after its end."""
        return [int(number) for number in re.findall(r"^(\d+) packets? ", self.told(),
                                                     re.MULTILINE)][:3]


class DatagramListener:
    """Whoever listens on /dev/log, or on the journal's socket."""

    def __init__(self, path):
        self.messages = []
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(path))
        path.chmod(0o666)
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self):
        while True:
            try:
                self.messages.append(self.socket.recv(65536).decode(errors="surrogateescape"))
            except OSError:
                return

    def until(self, count):
        wait_until(lambda: len(self.messages) >= count, f"{count} messages")

    def close(self):
        self.socket.close()
