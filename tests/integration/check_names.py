#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Every certificate of the system's CA bundle reads as openssl reads it.

Names as text and as hash of the canonical form, serial, digest, dates. Skipped without the
bundle or without openssl. Usage: check_names.py PRINT_NAMES
"""
import datetime
import re
import shutil
import subprocess
import sys
from pathlib import Path

BUNDLE = Path("/etc/ssl/certs/ca-certificates.crt")
SKIP = 77
FIELDS = ["subject", "subject_hash", "issuer", "issuer_hash", "serial", "sha256", "not_before",
          "not_after"]


def run(*command, text_in=None):
    return subprocess.run(command, input=text_in, check=True, capture_output=True,
                          encoding="utf-8").stdout


def date(text):
    parsed = datetime.datetime.strptime(text, "%b %d %H:%M:%S %Y GMT")
    return parsed.strftime("%Y-%m-%dT%H:%M:%SZ")


def openssl_reads(pem):
    out = run("openssl", "x509", "-noout", "-nameopt", "RFC2253,utf8,-esc_msb", "-subject",
              "-subject_hash", "-issuer", "-issuer_hash", "-serial", "-sha256", "-fingerprint",
              "-dates", text_in=pem)
    # Without a label in front: the two hashes; openssl prints in an order of its own.
    hashes = [line for line in out.splitlines() if re.fullmatch("[0-9a-f]{8}", line)]
    labelled = dict(line.split("=", 1) for line in out.splitlines() if "=" in line)
    return {
        "subject": labelled["subject"],
        "subject_hash": hashes[0],
        "issuer": labelled["issuer"],
        "issuer_hash": hashes[1],
        "serial": labelled["serial"].lower(),
        "sha256": labelled["sha256 Fingerprint"].replace(":", "").lower(),
        "not_before": date(labelled["notBefore"]),
        "not_after": date(labelled["notAfter"]),
    }


def main():
    if not BUNDLE.exists() or shutil.which("openssl") is None:
        print("no CA bundle or no openssl")
        return SKIP
    blocks = re.findall("-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----\n",
                        BUNDLE.read_text(encoding="utf-8"), re.S)
    ours = [dict(zip(FIELDS, line.split("\t")))
            for line in run(sys.argv[1], str(BUNDLE)).splitlines()]
    theirs = [openssl_reads(block) for block in blocks]
    if len(ours) != len(theirs) or not theirs:
        print(f"{len(ours)} certificates, not {len(theirs)}")
        return 1
    same = 0
    for mine, other in zip(ours, theirs):
        if mine == other:
            same += 1
        else:
            print(f"casniff: {mine}\nopenssl: {other}")
    print(f"{same} of {len(theirs)} as openssl")
    return 0 if same == len(theirs) else 1


if __name__ == "__main__":
    sys.exit(main())
