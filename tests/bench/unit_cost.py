#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What a byte of each unit of a corpus costs, in instructions, against that of an honest one.

    unit_cost.py FUZZ_SNIFFER CORPUS HONEST...

The target runs the whole library on each unit under callgrind; what it takes for an empty unit
is taken off. The honest units are handshakes as they come: their dearest byte is the measure, and
none may cost more than ten times as much. Skipped without valgrind.
"""
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

RATIO_MAX = 10
SKIP = 77
VALGRIND = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"]


def instructions(target, unit):
    done = subprocess.run([*VALGRIND, target, unit], capture_output=True, check=True)
    return int(re.search(r"Collected : (\d+)", done.stderr.decode())[1])


def main():
    target, corpus, honest = sys.argv[1], Path(sys.argv[2]), sys.argv[3:]
    if shutil.which("valgrind") is None:
        print("no valgrind")
        return SKIP
    with tempfile.NamedTemporaryFile() as empty:
        idle = instructions(target, empty.name)
    cost = {}
    for unit in sorted(corpus.iterdir()):
        cost[unit.name] = (instructions(target, unit) - idle) / max(unit.stat().st_size, 1)
    measure = max(cost[name] for name in honest)
    for name, each in sorted(cost.items(), key=lambda item: -item[1]):
        print(f"{each / measure:6.2f}  {each:8.0f} instructions a byte  {name}")
    worst = max(cost.values()) / measure
    print(f"worst: {worst:.2f} times an honest byte of {measure:.0f} instructions")
    return 0 if worst <= RATIO_MAX else 1


if __name__ == "__main__":
    sys.exit(main())
