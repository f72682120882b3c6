#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Key logs: right ones, wrong ones, damaged ones, and damaged captures with right ones.

    check_keylog.py CASNIFF PCAPS_DIR

A wrong secret is told and never believed; a bad line is named and never quoted; a file that
everybody may read is refused; whatever is lost or altered on the wire, no list is called complete
that is not the server's; and no secret is ever printed.
"""
import json
import os
import random
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

NAMES, BYTES = 5, 384       # of the list in both captures
DAMAGES = 60


def run(casniff, capture, keys, *more):
    return subprocess.run([casniff, "--json", "-r", capture, "--keylog", keys, *more],
                          capture_output=True, text=True, timeout=60, check=False)


def events(done):
    return [json.loads(line) for line in done.stdout.splitlines()]


def handshake(done):
    return next((e for e in events(done) if e["event_type"] == "handshake"), None)


def secrets_of(text):
    return [line.split(" ")[2] for line in text.splitlines() if line and line[0] != "#"]


def packets_of(raw):
    packets, at = [], 24
    while at < len(raw):
        size = struct.unpack("<I", raw[at + 8:at + 12])[0]
        packets.append(raw[at:at + 16 + size])
        at += 16 + size
    return packets


def block(order, kind, body):
    body += b"\0" * (-len(body) % 4)
    return struct.pack(order + "II", kind, len(body) + 12) + body + struct.pack(
        order + "I", len(body) + 12)


def pcapng(order, packets, secrets):
    """A capture with a Decryption Secrets Block in front of its packets."""
    made = block(order, 0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1))
    made += block(order, 1, struct.pack(order + "HHI", 1, 0, 262144))
    made += block(order, 10, struct.pack(order + "II", 0x544C534B, len(secrets)) + secrets)
    for packet in packets:
        seconds, micro, size, wire = struct.unpack("<IIII", packet[:16])
        at = seconds * 1000000 + micro
        made += block(order, 6, struct.pack(order + "IIIII", 0, at >> 32, at & 0xFFFFFFFF, size,
                                            wire) + packet[16:])
    return made


class Check:
    def __init__(self, casniff, folder, scratch):
        self.casniff, self.folder, self.scratch = casniff, folder, scratch
        self.complaints = []

    def expect(self, holds, what, done):
        if not holds:
            self.complaints.append(f"{what}: exit {done.returncode}, {done.stderr.strip()!r}, "
                                   f"{json.dumps(handshake(done))[:300]}")

    def keys(self, text, mode=0o600):
        path = self.scratch / "keys"
        path.unlink(missing_ok=True)
        path.write_text(text)
        path.chmod(mode)
        return path

    def silent(self, done, text):
        for secret in secrets_of(text):
            if len(secret) >= 64 and (secret[:32] in done.stdout or secret[:32] in done.stderr):
                self.complaints.append("a secret is printed")

    def opens(self, name, text):
        done = run(self.casniff, self.folder / f"{name}.pcap", self.keys(text))
        event = handshake(done)
        self.expect(done.returncode == 0 and event["client_auth"]["how"] == "decrypted" and
                    event["ca_list"]["count"] == NAMES, f"{name} opens", done)
        self.silent(done, text)

    def wrong_secrets(self, name, text):
        """One digit of each secret changed in turn; all of them of another connection."""
        lines = text.splitlines()
        for at, line in enumerate(lines):
            if "HANDSHAKE" not in line:
                continue
            changed = line[:-1] + ("0" if line[-1] != "0" else "1")
            wrong = "\n".join(lines[:at] + [changed] + lines[at + 1:]) + "\n"
            done = run(self.casniff, self.folder / f"{name}.pcap", self.keys(wrong))
            codes = [e["anomaly"]["code"] for e in events(done) if e["event_type"] == "anomaly"]
            self.expect(done.returncode == 0 and "wrong_key" in codes, "a wrong secret is told",
                        done)
        other = "\n".join(" ".join([w[0], "00" * 32, w[2]]) for w in
                          (line.split(" ") for line in lines if line[0] != "#")) + "\n"
        done = run(self.casniff, self.folder / f"{name}.pcap", self.keys(other))
        self.expect(done.returncode == 0 and
                    handshake(done)["client_auth"].get("how") != "decrypted",
                    "secrets of another connection open nothing", done)

    def damaged_files(self, name, text):
        capture = self.folder / f"{name}.pcap"
        done = run(self.casniff, capture, self.keys(text, 0o644))
        self.expect(done.returncode != 0 and "everybody" in done.stderr, "mode 644", done)
        done = run(self.casniff, capture, self.keys(text, 0o644), "--keylog-world-readable")
        self.expect(done.returncode == 0, "mode 644, allowed", done)
        done = run(self.casniff, capture, self.scratch / "none")
        self.expect(done.returncode != 0 and "No such file" in done.stderr, "no file", done)
        for bad in ("garbage", "CLIENT_RANDOM 12 34", text.splitlines()[-1][:-1], "x" * 5000,
                    "\0\0\0\0"):
            damaged = f"# one\n\n{bad}\n"
            done = run(self.casniff, capture, self.keys(damaged))
            self.expect(done.returncode != 0 and ":3: " in done.stderr, f"a bad line {bad[:20]!r}",
                        done)
            self.silent(done, text)

    def inside_the_capture(self, name, text):
        """Secrets that the capture carries are used without being asked for."""
        packets = packets_of((self.folder / f"{name}.pcap").read_bytes())
        path = self.scratch / "secrets.pcapng"
        for order in "<>":
            path.write_bytes(pcapng(order, packets, text.encode()))
            done = subprocess.run([self.casniff, "--json", "-r", path], capture_output=True,
                                  text=True, timeout=60, check=False)
            self.expect(done.returncode == 0 and
                        handshake(done)["client_auth"]["how"] == "decrypted", "a DSB", done)
            self.silent(done, text)
            path.write_bytes(pcapng(order, packets, b"#\n" + text.encode()[:-3]))
            done = subprocess.run([self.casniff, "--json", "-r", path], capture_output=True,
                                  text=True, timeout=60, check=False)
            self.expect(done.returncode == 0 and "secrets.pcapng:" in done.stderr,
                        "a damaged DSB is told", done)
            self.silent(done, text)

    def damaged_captures(self, name, text):
        """Packets lost, doubled, swapped, altered: never another list than the server's."""
        dice = random.Random(13)
        raw = (self.folder / f"{name}.pcap").read_bytes()
        head, packets = raw[:24], packets_of(raw)
        for _ in range(DAMAGES):
            damaged = list(packets)
            for _ in range(dice.randrange(1, 4)):
                one, two = dice.randrange(len(damaged)), dice.randrange(len(damaged))
                deed = dice.randrange(4)
                if deed == 0 and len(damaged) > 1:
                    del damaged[one]
                elif deed == 1:
                    damaged.insert(two, damaged[one])
                elif deed == 2:
                    damaged[one], damaged[two] = damaged[two], damaged[one]
                else:
                    byte = dice.randrange(16, len(damaged[one]))
                    packet = bytearray(damaged[one])
                    packet[byte] ^= 1 << dice.randrange(8)
                    damaged[one] = bytes(packet)
                two = min(two, len(damaged) - 1)
            path = self.scratch / "damaged.pcap"
            path.write_bytes(head + b"".join(damaged))
            done = run(self.casniff, path, self.keys(text), "-K")
            self.expect(done.returncode == 0, "a damaged capture", done)
            for event in events(done):
                told = event.get("ca_list")
                if told is not None and told.get("capture") == "complete":
                    self.expect((told["count"], told["bytes"]) == (NAMES, BYTES),
                                "a list that is not the server's", done)


def main():
    casniff, folder = Path(sys.argv[1]).resolve(), Path(sys.argv[2])
    with tempfile.TemporaryDirectory(prefix="casniff-keylog-") as scratch:
        os.chmod(scratch, 0o700)
        check = Check(casniff, folder, Path(scratch))
        for name in ("tls13-keylog", "tls13-later"):
            text = (folder / f"{name}.keys").read_text()
            check.opens(name, text)
            check.wrong_secrets(name, text)
            check.damaged_files(name, text)
            check.inside_the_capture(name, text)
            check.damaged_captures(name, text)
    print("\n".join(check.complaints) or "key logs as expected")
    return 1 if check.complaints else 0


if __name__ == "__main__":
    sys.exit(main())
