#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Key logs as programs write them and as they should not be, and captures that carry their own.

    check_keylog_forms.py CASNIFF PCAPS_DIR [--gzip] [--zstd]

Each form either opens the recorded handshake, or does not and says why, with the line, and never
what stands in it.
"""
import argparse
import gzip
import json
import os
import shutil
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

NAME = "tls13-keylog"
NAMES = 5  # of the list in it
RANDOM, SECRET = "00" * 32, "ab" * 48

# What may stand beside the lines that open it: label, dialect, and what is odd about it.
GOOD = {
    "as OpenSSL writes it": lambda keys: keys,
    "CR LF": lambda keys: keys.replace(b"\n", b"\r\n"),
    "no end": lambda keys: keys.rstrip(b"\n"),
    "empty lines and comments": lambda keys: b"\n\n# a\n" + keys.replace(b"\n", b"\n\n#\n"),
    "capital digits": lambda keys: b"".join(
        line[:line.find(b" ")] + line[line.find(b" "):].upper() for line in keys.splitlines(True)),
    "backwards": lambda keys: b"".join(reversed(keys.splitlines(True))),
    "twice": lambda keys: keys + keys,
    "RSA of old NSS": lambda keys: b"RSA 0011223344556677 %b\n" % SECRET.encode() + keys,
    "RSA Session-ID of Wireshark": lambda keys: b"PMS_CLIENT_RANDOM %b %b\n" % (
        RANDOM.encode(), SECRET.encode()) + keys,
    "GnuTLS and NSS: early and exporter secrets": lambda keys: (
        b"CLIENT_EARLY_TRAFFIC_SECRET %b %b\nEARLY_EXPORTER_SECRET %b %b\nEXPORTER_SECRET %b %b\n"
        % ((RANDOM.encode(), SECRET.encode()) * 3)) + keys,
    "ECH of NSS": lambda keys: b"ECH_SECRET %b %b\nECH_CONFIG %b 00\n" % (
        RANDOM.encode(), SECRET.encode(), RANDOM.encode()) + keys,
    "QUIC": lambda keys: b"QUIC_CLIENT_TRAFFIC_SECRET_0 %b %b\n" % (
        RANDOM.encode(), SECRET.encode()) + keys,
    "wolfSSL and Java: only these four": lambda keys: b"".join(
        line for line in keys.splitlines(True) if b"TRAFFIC_SECRET" in line),
    "TLS 1.2 beside it": lambda keys: b"CLIENT_RANDOM %b %b\n" % (
        RANDOM.encode(), SECRET.encode()) + keys,
    "a line of another label that is long": lambda keys: b"SOMETHING_NEW " + b"0" * 900 + b"\n"
                                                         + keys,
}

# Whole files, each with its bad line's number and what is said of it.
BAD = {
    "a secret of odd length": (f"CLIENT_RANDOM {RANDOM} {SECRET[:-1]}\n", 1, "96 hex digits"),
    "a secret that is too short": (f"#\nCLIENT_RANDOM {RANDOM} {SECRET[:-2]}\n", 2,
                                   "96 hex digits"),
    "a secret that is too long": (f"CLIENT_TRAFFIC_SECRET_0 {RANDOM} {SECRET}00\n", 1,
                                  "64 or 96 hex digits"),
    "no secret": (f"CLIENT_TRAFFIC_SECRET_0 {RANDOM}\n", 1, "64 or 96 hex digits"),
    "a random that is too short": (f"CLIENT_RANDOM {RANDOM[2:]} {SECRET}\n", 1,
                                   "random must be 64 hex digits"),
    "no hex": (f"CLIENT_RANDOM {RANDOM} {'g' * 96}\n", 1, "96 hex digits"),
    "two blanks": (f"CLIENT_RANDOM  {RANDOM} {SECRET}\n", 1, "random must be 64 hex digits"),
    "a tab": (f"CLIENT_RANDOM\t{RANDOM}\t{SECRET}\n", 1, "no line of a key log"),
    "something behind it": (f"CLIENT_RANDOM {RANDOM} {SECRET} x\n", 1, "96 hex digits"),
    "a small label": (f"client_random {RANDOM} {SECRET}\n", 1, "no line of a key log"),
    "a label alone": ("\n\nSOMETHING\n", 3, "no line of a key log"),
    "a NUL": (f"CLIENT_RANDOM {RANDOM}\0{SECRET}\n", 1, "random must be 64 hex digits"),
    "a certificate": ("-----BEGIN CERTIFICATE-----\nMIIB\n", 1, "no line of a key log"),
    "a huge line": ("#\n" + "A" * 100000 + "\n", 2, "too long for a key log"),
    "binary": ("\x01\x02\x7f\n\0\0\n", 1, "no line of a key log"),
    "UTF-16": ("C\0L\0I\0E\0N\0T\0\n", 1, "no line of a key log"),
    "a byte order mark": ("\ufeffCLIENT_RANDOM " + RANDOM + " " + SECRET + "\n", 1,
                          "no line of a key log"),
}

# The same without their ends are not finished: told, and no reason to fail.
UNFINISHED = {
    "half a secret": f"CLIENT_RANDOM {RANDOM} {SECRET[:20]}",
    "half a label": "CLIENT_HANDSH",
    "a label": "CLIENT_RANDOM ",
}


def block(order, kind, body):
    body += b"\0" * (-len(body) % 4)
    size = struct.pack(order + "I", len(body) + 12)
    return struct.pack(order + "I", kind) + size + body + size


def section(order):
    return block(order, 0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1)) + block(
        order, 1, struct.pack(order + "HHI", 1, 0, 262144))


def secrets(order, keys, kind=0x544C534B, size=None):
    return block(order, 10, struct.pack(order + "II", kind, len(keys) if size is None else size)
                 + keys)


def packets_of(raw, order):
    """Those of a pcap file as enhanced packet blocks."""
    made, at = [], 24
    while at < len(raw):
        seconds, micro, size, wire = struct.unpack("<IIII", raw[at:at + 16])
        time = seconds * 1000000 + micro
        made.append(block(order, 6, struct.pack(order + "IIIII", 0, time >> 32, time & 0xFFFFFFFF,
                                                size, wire) + raw[at + 16:at + 16 + size]))
        at += 16 + size
    return made


class Check:
    def __init__(self, casniff, folder, scratch):
        self.casniff, self.folder, self.scratch = casniff, folder, scratch
        self.capture = folder / f"{NAME}.pcap"
        self.keys = (folder / f"{NAME}.keys").read_bytes()
        self.complaints = []

    def run(self, *words, **more):
        return subprocess.run([self.casniff, "--json", *words], capture_output=True, text=True,
                              timeout=60, check=False, **more)

    def expect(self, what, done, opens, said=None, code=0):
        told = [json.loads(line) for line in done.stdout.splitlines()]
        lists = [e["ca_list"]["count"] for e in told if e["event_type"] == "handshake"
                 and e["client_auth"].get("how") == "decrypted"]
        good = done.returncode == code and lists == ([NAMES] if opens else [])
        good = good and (said in done.stderr if said else not done.stderr)
        good = good and SECRET[:16] not in done.stderr + done.stdout
        if not good:
            self.complaints.append(f"{what}: exit {done.returncode}, lists {lists}, "
                                   f"{done.stderr.strip()[:300]!r}")

    def with_keys(self, keys, mode=0o600):
        path = self.scratch / "keys.log"
        path.unlink(missing_ok=True)
        path.write_bytes(keys)
        path.chmod(mode)
        return self.run("-r", self.capture, "--keylog", path)

    def forms(self):
        for what, form in GOOD.items():
            self.expect(what, self.with_keys(form(self.keys)), True)
        for what, (text, line, said) in BAD.items():
            raw = text.encode()
            self.expect(what, self.with_keys(raw), False, f"keys.log:{line}: ", 1)
            self.expect(what, self.with_keys(raw), False, said, 1)
            lines = self.keys.count(b"\n") + line
            self.expect(f"{what}, behind good lines", self.with_keys(self.keys + raw), False,
                        f"keys.log:{lines}: ", 1)
        for what, text in UNFINISHED.items():
            lines = self.keys.count(b"\n") + 1
            self.expect(what, self.with_keys(self.keys + text.encode()), True,
                        f"keys.log:{lines}: ")
        self.expect("an empty file", self.with_keys(b""), False)

    def files(self):
        self.expect("a directory", self.run("-r", self.capture, "--keylog", self.scratch), False,
                    "is a directory", 1)
        self.expect("nothing", self.run("-r", self.capture, "--keylog", self.scratch / "none"),
                    False, "check the path, or make an empty file", 1)
        self.expect("everybody's", self.with_keys(self.keys, 0o644), False, "chmod o-r", 1)
        self.expect("a device", self.run("-r", self.capture, "--keylog", "/dev/full"), False,
                    "neither a file nor a pipe", 1)
        link = self.scratch / "link"
        (self.scratch / "keys.log").chmod(0o600)
        link.symlink_to(self.scratch / "keys.log")
        self.expect("a link", self.run("-r", self.capture, "--keylog", link), True)
        self.expect("a pipe", self.run("-r", self.capture, "--keylog", "/dev/stdin",
                                       input=self.keys.decode()), True)
        half = self.scratch / "half"
        half.write_bytes(self.keys[:len(self.keys) // 2].rpartition(b"\n")[0] + b"\n")
        rest = self.scratch / "rest"
        rest.write_bytes(self.keys[half.stat().st_size:])
        half.chmod(0o600)
        rest.chmod(0o600)
        self.expect("two files", self.run("-r", self.capture, "--keylog", half, "--keylog", rest),
                    True)

    def through_a_pipe(self):
        """Packets ahead of their key log: it is read once more before the end."""
        path = self.scratch / "late.log"
        for late in (self.keys, self.keys.rstrip(b"\n"), b""):
            path.write_bytes(b"")
            path.chmod(0o600)
            with subprocess.Popen([self.casniff, "--json", "-r", "-", "--keylog", path],
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, bufsize=0) as casniff:
                casniff.stdin.write(self.capture.read_bytes())
                time.sleep(0.5)
                path.write_bytes(late)
                printed, errors = casniff.communicate(timeout=60)
            done = subprocess.CompletedProcess([], casniff.returncode, printed.decode(),
                                               errors.decode())
            self.expect(f"{len(late)} bytes late", done, bool(late))
        # A time that is long over: what waits is told, and the rest is as without a key log.
        path.write_bytes(b"")
        with open(self.capture, "rb") as capture:
            waited = self.run("-r", "-", "--keylog", path, stdin=capture)
        with open(self.capture, "rb") as capture:
            plain = self.run("-r", "-", stdin=capture)
        told = [[json.loads(line) for line in done.stdout.splitlines()] for done in
                (waited, plain)]
        told = [[(e.get("tls"), e["client_auth"], e.get("ca_list")) for e in events
                 if e["event_type"] == "handshake"] for events in told]
        if not told[0] or told[0] != told[1]:
            self.complaints.append("waiting in vain changes what is told")

    def with_capture(self, what, raw, opens, said=None, packers=(), code=0):
        path = self.scratch / "capture.pcapng"
        path.write_bytes(raw)
        self.expect(what, self.run("-r", path), opens, said, code)
        for name, pack in packers:
            path.write_bytes(pack(raw))
            self.expect(f"{what}, {name}", self.run("-r", path), opens, said, code)

    def captures(self, packers):
        raw = self.capture.read_bytes()
        for order in "<>":
            head, body = section(order), packets_of(raw, order)
            keys = self.keys
            half = keys.find(b"\n", len(keys) // 2) + 1
            far = block(order, 0xBAD, b"\xaa" * (9 << 20)) * 2  # libpcap takes no larger ones
            good = {
                "in front": head + secrets(order, keys) + b"".join(body),
                "behind": head + b"".join(body) + secrets(order, keys),
                "in the middle": head + b"".join(body[:4]) + secrets(order, keys) + b"".join(
                    body[4:]),
                "in two halves": head + secrets(order, keys[:half]) + b"".join(body) + secrets(
                    order, keys[half:]),
                "behind 18 MiB": head + far + b"".join(body) + secrets(order, keys),
                "in another section": head + b"".join(body) + head + secrets(order, keys),
                "before the interface": head[:28] + secrets(order, keys) + head[28:] + b"".join(
                    body),
                "with a last line without an end": head + secrets(order, keys.rstrip(b"\n"))
                                                   + b"".join(body),
            }
            for what, made in good.items():
                self.with_capture(f"{order} {what}", made, True, packers=packers)
            bad = {
                "another kind": (head + secrets(order, keys, 0x57474B4C) + b"".join(body), None),
                "longer than its block": (head + secrets(order, keys, size=1 << 31)
                                          + b"".join(body), None),
                "a bad line": (head + secrets(order, keys[:-5] + b"\n") + b"".join(body),
                               f"capture.pcapng:{keys.count(chr(10).encode())}: the secret must"),
            }
            for what, (made, said) in bad.items():
                self.with_capture(f"{order} {what}", made, what == "a bad line", said,
                                  packers=packers)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("casniff", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--gzip", action="store_true")
    parser.add_argument("--zstd", action="store_true")
    options = parser.parse_args()
    packers = [("gzip", gzip.compress)] if options.gzip else []
    if options.zstd and shutil.which("zstd"):
        packers.append(("zstd", lambda raw: subprocess.run(
            ["zstd", "-q", "-c"], input=raw, capture_output=True, check=True).stdout))
    with tempfile.TemporaryDirectory(prefix="casniff-keylog-") as scratch:
        os.chmod(scratch, 0o700)
        check = Check(options.casniff.resolve(), options.folder, Path(scratch))
        check.forms()
        check.files()
        check.through_a_pipe()
        check.captures(packers)
    print("\n".join(check.complaints) or "key logs of every form as expected")
    return 1 if check.complaints else 0


if __name__ == "__main__":
    sys.exit(main())
