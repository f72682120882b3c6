#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""casniff finds in every connection the list that tshark's reassembly gives, however it came.

What is right is what tshark shows of the recording as it is. Of the schedules tshark misses a few,
or reads them wrong, where much is out of order; casniff must have each of them right.

    check_tshark_schedules.py CASNIFF SAVE_SCHEDULES PCAPS

Recorded handshakes come in other pieces and orders, some twice, some in IP fragments; nothing is
lost. CASNIFF_SCHEDULES in the environment is for more than 120 of them. Skipped without tshark.
"""
import hashlib
import os
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

import wire
from casniff_run import events, of_type

SKIP = 77
CAPTURES = ["few-cas.pcap", "founding-case.pcap", "ipv6-h2.pcap", "tls10.pcap", "stunnel.pcap",
            "400-cas.pcapng"]
TSHARK_FINDS = 0.8  # of the lists, or it proves nothing
SCHEDULES = int(os.environ.get("CASNIFF_SCHEDULES", "120"))


def told_by_tshark(path):
    for request in wire.requests_of(path):
        vector = b"".join(len(name).to_bytes(2, "big") + name for name in request.names)
        yield (request.client_port, request.message_len, request.size, len(request.names),
               hashlib.sha256(vector).hexdigest())


def told_by_casniff(casniff, path):
    for event in of_type(events(casniff, path.parent, path.name, []), "handshake"):
        found = event.get("ca_list")
        if found is not None:
            assert found["capture"] == "complete", found
            yield (event["src_port"], found["message_bytes"], found["bytes"], found["count"],
                   found["sha256"])


def times(lists, schedules):
    return Counter({found: count * schedules for found, count in lists.items()})


def is_enough(theirs, right):
    return sum((theirs & right).values()) >= TSHARK_FINDS * sum(right.values())


def main():
    casniff, save, pcaps = sys.argv[1], sys.argv[2], Path(sys.argv[3])
    if wire.missing_tools():
        print(f"skipped, not here: {', '.join(wire.missing_tools())}")
        return SKIP
    wrong = 0
    each = max(SCHEDULES // len(CAPTURES), 1)
    with tempfile.TemporaryDirectory() as folder:
        for name in CAPTURES:
            path = Path(folder) / f"{name}.schedules.pcap"
            subprocess.run([save, path, str(each), "1", pcaps / name], check=True)
            theirs, ours = Counter(told_by_tshark(path)), Counter(told_by_casniff(casniff, path))
            print(f"{name}: {each} schedules, {sum(theirs.values())} requests by tshark, "
                  f"{sum(ours.values())} by casniff", flush=True)
            right = times(Counter(told_by_tshark(pcaps / name)), each)
            if not right or ours != right or not is_enough(theirs, right):
                wrong += 1
                print(f"FAILED: right: {right}; tshark: {theirs}; casniff: {ours}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
