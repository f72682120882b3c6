#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What a byte of each unit of a corpus costs, in instructions, against that of an honest one.

    unit_cost.py TARGET HEAD HONEST[,HONEST...] FOLDER...

The target runs the whole library on each unit of the folders, under callgrind. The first HEAD
bytes of a unit say how it is run: what it takes for these alone is taken off. The honest units
are handshakes as they come: their dearest byte is the measure, and none may cost more than ten
times as much. Skipped without valgrind.
"""
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

RATIO_MAX = 10
SKIP = 77
SHOWN = 40
FUNCTION = "LLVMFuzzerTestOneInput"


def instructions(target, units, folder):
    """Of each unit, all in one process: callgrind writes a file after each."""
    subprocess.run(["valgrind", "--tool=callgrind", f"--callgrind-out-file={folder}/out",
                    f"--toggle-collect={FUNCTION}", f"--dump-after={FUNCTION}", target, *units],
                   capture_output=True, check=True)
    counts = [re.search(r"^totals: (\d+)", Path(f"{folder}/out.{i + 1}").read_text(), re.M)
              for i in range(len(units))]
    return [int(count[1]) for count in counts]


def costs(target, head_len, units):
    """Instructions for each byte behind the head, by unit."""
    with tempfile.TemporaryDirectory() as folder:
        idle = {}
        for unit in units:
            head = unit.read_bytes()[:head_len]
            idle.setdefault(head, Path(folder) / f"head-{head.hex()}").write_bytes(head)
        counts = instructions(target, [*idle.values(), *units], folder)
    of_head = dict(zip(idle, counts))
    return {unit: (count - of_head[unit.read_bytes()[:head_len]])
                  / max(unit.stat().st_size - head_len, 1)
            for unit, count in zip(units, counts[len(idle):])}


def main():
    target, head_len, honest = sys.argv[1], int(sys.argv[2]), sys.argv[3].split(",")
    units = sorted(unit for folder in sys.argv[4:] for unit in Path(folder).iterdir())
    if shutil.which("valgrind") is None:
        print("no valgrind")
        return SKIP
    cost = costs(target, head_len, units)
    measure = max(each for unit, each in cost.items() if unit.name in honest)
    for unit, each in sorted(cost.items(), key=lambda item: -item[1])[:SHOWN]:
        print(f"{each / measure:6.2f}  {each:8.0f} instructions a byte  {unit.name}")
    worst = max(cost.values()) / measure
    print(f"worst of {len(units)}: {worst:.2f} times an honest byte of {measure:.0f} instructions")
    return 0 if worst <= RATIO_MAX else 1


if __name__ == "__main__":
    sys.exit(main())
