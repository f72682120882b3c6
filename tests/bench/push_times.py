#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""How long one packet keeps casniff, at worst.

    meson test -C build-release --benchmark --verbose push_times
    push_times.py --push-times T/push_times --make-flood T/make_flood --make-load T/make_load PCAPS
                                                                  with T=build/tests/bench

A capture that is read live waits in the kernel meanwhile. The recorded captures, each flood of
floods.py, and a load of handshakes go through push_times, whose head says what its lines are;
below them, with valgrind, the instructions of the dearest packet, which are the same on any
machine. What takes longer than 50 us for one packet of a thousand, or 1 ms for any, is marked.
Nothing fails: time is measured here, not judged.
"""
import argparse
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from floods import CANARY, FLOODS

P999_MAX_US = 50
MAX_US = 1000
LIES = ("lies", 2_000)  # floods.py has nothing to judge of them
LOAD = ["--template-bytes=32768", "--concurrent=64", "--bytes=50000000"]
RECORDED = (".pcap", ".pcapng", ".gz")


def captures(args, folder):
    """Names, and the files of each."""
    recorded = [p for p in sorted(args.pcaps.iterdir()) if p.suffix in RECORDED]
    yield "recorded", recorded
    for kind, count in [*((flood.kind, flood.count) for flood in FLOODS), LIES]:
        path = folder / kind
        with open(path, "wb") as out:
            subprocess.run([args.make_flood, "--kind", kind, "--count", str(count),
                            "--canary-every", "100", args.pcaps / CANARY],
                           stdout=out, stderr=subprocess.DEVNULL, check=True)
        yield kind, [path]
        path.unlink()
    path = folder / "handshakes"
    subprocess.run([args.make_load, "-w", path, *LOAD, *recorded],
                   stdout=subprocess.DEVNULL, check=True)
    yield "load", [path]


def instructions(args, number, path):
    """Of one packet, with all that went before it."""
    told = subprocess.run(["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null",
                           "--toggle-collect=push_chosen", args.push_times, "--only", number,
                           path], capture_output=True, check=True, text=True)
    return int(re.search(r"Collected : (\d+)", told.stderr)[1])


def marks(told):
    """What is over the limits, apart from what the machine did."""
    *_, p999, longest = re.search(r"^least .*", told, re.M)[0].split()
    if float(p999) > P999_MAX_US:
        yield f"p99.9 above {P999_MAX_US} us"
    if float(longest) > MAX_US:
        yield f"above {MAX_US} us"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for tool in ("push-times", "make-flood", "make-load"):
        parser.add_argument("--" + tool, required=True, type=Path)
    parser.add_argument("--passes", default="5")
    parser.add_argument("--worst", default="3", help="packets to name")
    parser.add_argument("pcaps", type=Path)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for name, paths in captures(args, Path(folder)):
            told = subprocess.run([args.push_times, "--passes", args.passes, "--worst",
                                   args.worst, *paths], stdout=subprocess.PIPE, check=True,
                                  text=True).stdout
            print(f"{name}: {', '.join(marks(told)) or 'within the limits'}\n{told}", end="")
            _, _, number, path = re.search(r"^worst .*", told, re.M)[0].split(None, 3)
            if shutil.which("valgrind"):
                print(f"        {instructions(args, number, path):,} instructions, the first")
            print(flush=True)


if __name__ == "__main__":
    main()
