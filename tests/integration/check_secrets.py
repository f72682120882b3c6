#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""No secret of a key log, and no key made of one, comes out: in no report, file or error, and not
in the memory that is left when casniff ends.

    check_secrets.py CASNIFF PCAPS_DIR

Looked for as bytes, in hex of either case and in base64. The memory is a core that gdb writes at
the last system call; without gdb, or where it may not trace, that part is left out, and it says so.
"""
import base64
import hashlib
import hmac
import os
import shutil
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

FORMS = ["text", "json", "csv", "html"]
SHORTEST = 12       # of what is looked for: an iv
HASHES = {32: hashlib.sha256, 48: hashlib.sha384}


def expand(secret, label, size):
    """HKDF-Expand-Label of RFC 8446, 7.1, without a context; one block is enough."""
    info = struct.pack(">HB", size, 6 + len(label)) + b"tls13 " + label + b"\0"
    return hmac.new(secret, info + b"\1", HASHES[len(secret)]).digest()[:size]


def secrets_of(text):
    """What must not come out, by a name: each secret, and its keys of either length."""
    for line in text.splitlines():
        if line and line[0] != "#":
            label, _, digits = line.split(" ")
            secret = bytes.fromhex(digits)
            yield label, secret
            if "TRAFFIC" in label:
                yield label + " key", expand(secret, b"key", 16)
                yield label + " key", expand(secret, b"key", 32)
                yield label + " iv", expand(secret, b"iv", 12)
                yield label + " update", expand(secret, b"traffic upd", len(secret))


def spellings(secret):
    """Parts of it are enough, for a line may be cut."""
    part = secret[:max(SHORTEST, len(secret) // 2)]
    yield part
    yield part.hex().encode()
    yield part.hex().upper().encode()
    yield base64.b64encode(secret)[:20]


class Check:
    def __init__(self, casniff, scratch, text):
        self.casniff, self.scratch = casniff, scratch
        self.wanted = [(name, word) for name, secret in secrets_of(text)
                       for word in spellings(secret)]
        self.complaints = []
        self.searched = 0

    def search(self, what, data):
        self.searched += 1
        self.complaints += sorted({f"{what}: {name}" for name, word in self.wanted if word in data})

    def run(self, what, *words):
        out = self.scratch / "out"
        shutil.rmtree(out, ignore_errors=True)
        out.mkdir()
        done = subprocess.run([self.casniff, *map(str, words)], cwd=out, capture_output=True,
                              timeout=120, check=False)
        self.search(f"{what}, stdout", done.stdout)
        self.search(f"{what}, stderr", done.stderr)
        for path in out.iterdir():
            self.search(f"{what}, {path.name}", path.read_bytes())
        return done

    def core(self, what, *words):
        """False when none can be had."""
        if shutil.which("gdb") is None or b"__asan_init" in self.casniff.read_bytes():
            return False        # the shadow memory of a sanitizer would be in it
        core = self.scratch / "core"
        core.unlink(missing_ok=True)
        subprocess.run(["gdb", "-q", "-batch", "-nx", "-ex", "set pagination off",
                        "-ex", "catch syscall exit_group", "-ex", "run",
                        "-ex", f"generate-core-file {core}", "--args", self.casniff,
                        *map(str, words)], capture_output=True, timeout=300, check=False)
        if not core.exists():
            return False
        self.search(f"{what}, memory at the end", core.read_bytes())
        return True


def check_capture(check, capture, keys):
    name = capture.stem
    given = ["-r", capture, "--keylog", keys]
    for form in FORMS:
        check.run(f"{name} as {form}", *given, "-T", form, "-T", f"{form}:report", "--names",
                  "all", "-v")
    check.run(f"{name}, --check", *given, "--check")
    check.run(f"{name}, -w", *given, "-w", "kept.pcap")
    # Errors that stop it behind good lines; a secret in the wrong place.
    text = keys.read_text()
    broken = check.scratch / "broken"
    lines = text.splitlines()
    for bad in (lines[-1] + "0", lines[-1].split(" ")[2], lines[-1] + " " + lines[-1]):
        broken.write_text(text + bad + "\n")
        broken.chmod(0o600)
        check.run(f"{name}, a bad line", "-r", capture, "--keylog", broken)
    check.run(f"{name}, an option with a secret's file", "--keylog", keys, "--no-such-option")


def main():
    casniff, folder = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()
    complaints, cores, searched = [], 0, 0
    with tempfile.TemporaryDirectory(prefix="casniff-secrets-") as scratch:
        os.chmod(scratch, 0o700)
        for capture in sorted(folder.glob("*.keys")):
            keys = Path(scratch) / "keys.log"
            keys.unlink(missing_ok=True)
            shutil.copyfile(capture, keys)
            keys.chmod(0o600)
            check = Check(casniff, Path(scratch), keys.read_text())
            check_capture(check, capture.with_suffix(".pcap"), keys)
            cores += check.core(capture.stem, "-r", capture.with_suffix(".pcap"), "--keylog",
                                keys, "--sandbox", "off")
            complaints += check.complaints
            searched += check.searched
            found = len(check.complaints)
            check.search("the key log", keys.read_bytes())
            if len(check.complaints) == found:
                complaints.append("the search finds nothing in the key log: it cannot fail")
    print("\n".join(complaints))
    print(f"{searched} outputs searched, memory at the end of {cores} runs")
    return 1 if complaints or searched == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
