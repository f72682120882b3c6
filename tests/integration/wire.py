# SPDX-License-Identifier: GPL-2.0-or-later
"""CertificateRequests of a capture as others read them: tshark, and OpenSSL for the names.

tshark puts the TCP streams together. It shows the first 100 names of a list only, and takes
messages above 65,536 bytes for encrypted ones; what it does not show is read here by a slow,
plain parser, which agrees with tshark where tshark speaks.
"""
import ctypes
import ctypes.util
import shutil
import subprocess
import xml.etree.ElementTree as xml
from dataclasses import dataclass, field

TSHARK = ["tshark", "-n", "--enable-heuristic", "tls_tcp",
          "-o", "tls.desegment_ssl_records:TRUE", "-o", "tls.desegment_ssl_application_data:TRUE",
          "-o", "tcp.desegment_tcp_streams:TRUE", "-o", "tcp.check_checksum:FALSE",
          "-o", "ip.check_checksum:FALSE"]
TSHARK_NAMES_MAX = 100
TSHARK_MESSAGE_MAX = 65536

CHANGE_CIPHER_SPEC, HANDSHAKE = 20, 22
SERVER_HELLO, CERTIFICATE_REQUEST = 2, 13
TLS12 = 0x0303


@dataclass
class Request:
    """One CertificateRequest. declared is the list's length field, names are DER."""
    client_port: int
    message_len: int
    declared: int
    names: list = field(default_factory=list)

    @property
    def size(self):
        return sum(2 + len(name) for name in self.names)

    def is_wrapped(self):
        return self.size > 0xFFFF and self.declared == self.size % 0x10000


def missing_tools():
    """What this comparison needs and this machine has not."""
    found = {"tshark": shutil.which("tshark"), "libcrypto": ctypes.util.find_library("crypto")}
    return [name for name, path in found.items() if path is None]


def tshark(path, *words):
    done = subprocess.run([*TSHARK, "-r", str(path), *words], check=True, capture_output=True)
    return done.stdout.decode()


# What the plain parser reads

def requests_of(path):
    """All CertificateRequests in the clear, stream by stream."""
    numbers = sorted(set(tshark(path, "-T", "fields", "-e", "tcp.stream").split()), key=int)
    follow = [word for number in numbers for word in ("-z", f"follow,tcp,raw,{number}")]
    for stream in tshark(path, "-q", *follow).split("Follow: tcp,raw")[1:]:
        client_port, from_server = server_bytes(stream)
        yield from requests_in(client_port, from_server)


def server_bytes(followed):
    """The client's port, and what the server of a TCP stream said from its TLS start on."""
    lines = followed.splitlines()
    client_port = next(int(l.rsplit(":", 1)[1]) for l in lines if l.startswith("Node 0:"))
    chunks = [bytes.fromhex(l) for l in lines if l.startswith("\t")]
    while chunks and chunks[0][:2] != b"\x16\x03":
        chunks.pop(0)
    return client_port, b"".join(chunks)


def requests_in(client_port, stream):
    version = 0
    for kind, body in messages_in(stream):
        if kind == SERVER_HELLO:
            version = int.from_bytes(body[:2], "big")
        elif kind == CERTIFICATE_REQUEST:
            yield parse_request(client_port, version, body)


def messages_in(stream):
    """The handshake messages of a direction up to its ChangeCipherSpec."""
    handshake = b""
    while len(stream) >= 5 and stream[0] != CHANGE_CIPHER_SPEC:
        length = int.from_bytes(stream[3:5], "big")
        if stream[0] == HANDSHAKE:
            handshake += stream[5:5 + length]
        stream = stream[5 + length:]
    while len(handshake) >= 4:
        length = int.from_bytes(handshake[1:4], "big")
        yield handshake[0], handshake[4:4 + length]
        handshake = handshake[4 + length:]


def parse_request(client_port, version, body):
    """RFC 5246, 7.4.4. A list whose length wrapped is read to the end of the message."""
    rest = body[1 + body[0]:]
    if version >= TLS12:
        rest = rest[2 + int.from_bytes(rest[:2], "big"):]
    request = Request(client_port, 4 + len(body), int.from_bytes(rest[:2], "big"))
    rest = rest[2:]
    while len(rest) >= 2:
        length = int.from_bytes(rest[:2], "big")
        request.names.append(rest[2:2 + length])
        rest = rest[2 + length:]
    return request


# What tshark reads

@dataclass
class Shown:
    """A CertificateRequest in tshark's tree: its size, and the attributes of the first names."""
    client_port: int
    declared: int
    names: list


def requests_shown(path):
    tree = xml.fromstring(tshark(path, "-Y", "tls.handshake.type == 13", "-T", "pdml"))
    for packet in tree.iter("packet"):
        port = next(int(f.get("show")) for f in packet.iter("field")
                    if f.get("name") == "tcp.dstport")
        for message in packet.iter("field"):
            children = {child.get("name"): child for child in message}
            if message.get("name") == "tls.handshake" and "tls.handshake.dnames_len" in children:
                names = children.get("tls.handshake.dnames", [])
                yield Shown(port, int(children["tls.handshake.dnames_len"].get("show")),
                            [attributes_shown(n) for n in names
                             if n.get("name") == "tls.handshake.dname"])


def attributes_shown(name):
    return [bytes.fromhex(f.get("value")) for f in name.iter("field")
            if f.get("name") == "x509if.RDNSequence_item"]


def attributes_of(der):
    """The contents of each RDN of a Name, as tshark shows them."""
    rest, found = element(der)[0], []
    while rest:
        content, rest = element(rest)
        found.append(content)
    return found


def element(der):
    """The contents of the first DER element, and what follows it."""
    length, start = der[1], 2
    if length >= 0x80:
        start += length & 0x7F
        length = int.from_bytes(der[2:start], "big")
    return der[start:start + length], der[start + length:]


# How OpenSSL prints a name

class NamePrinter:
    """X509_NAME_print_ex() as `openssl x509 -nameopt RFC2253,utf8,-esc_msb` calls it."""

    ESC_2253, ESC_CTRL, UTF8_CONVERT, DUMP_UNKNOWN, DUMP_DER = 0x1, 0x2, 0x10, 0x100, 0x200
    SEP_COMMA_PLUS, DN_REV, DUMP_UNKNOWN_FIELDS = 1 << 16, 1 << 20, 1 << 24
    FLAGS = (ESC_2253 | ESC_CTRL | UTF8_CONVERT | DUMP_UNKNOWN | DUMP_DER | SEP_COMMA_PLUS
             | DN_REV | DUMP_UNKNOWN_FIELDS)
    POINTERS = ("d2i_X509_NAME", "BIO_new", "BIO_s_mem")

    def __init__(self):
        self.crypto = ctypes.CDLL(ctypes.util.find_library("crypto"))
        for function in self.POINTERS:
            getattr(self.crypto, function).restype = ctypes.c_void_p

    def text(self, der):
        start = ctypes.cast(ctypes.create_string_buffer(der, len(der)), ctypes.c_void_p)
        name = self.crypto.d2i_X509_NAME(None, ctypes.byref(start), ctypes.c_long(len(der)))
        if not name:
            raise ValueError(f"OpenSSL does not read the name {der.hex()}")
        bio = ctypes.c_void_p(self.crypto.BIO_new(ctypes.c_void_p(self.crypto.BIO_s_mem())))
        self.crypto.X509_NAME_print_ex(bio, ctypes.c_void_p(name), 0, ctypes.c_ulong(self.FLAGS))
        room = ctypes.create_string_buffer(8 * len(der) + 64)
        length = self.crypto.BIO_read(bio, room, len(room))
        self.crypto.BIO_free(bio)
        self.crypto.X509_NAME_free(ctypes.c_void_p(name))
        return room.raw[:max(length, 0)].decode()
