#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The schedules' own machinery: the judge is listened to, and a failure can be looked at.

    check_schedules.py SCHEDULES CASNIFF PCAPS

With --distrust the judge takes no byte for seen, so every complete list is a false one.
"""
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from casniff_run import events, of_type

CAPTURE = "few-cas.pcap"
PACKETS_MAX = 8  # of the server's flight and what else it takes


def run(schedules, folder, *arguments):
    return subprocess.run([schedules, *map(str, arguments)], cwd=folder, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def check_jobs(schedules, folder, pcaps):
    """Any number of processes says the same; of failures as well."""
    wrong = ("--distrust", "--schedules", 40, pcaps / CAPTURE)
    right = ("--schedules", 60, "generated:2", "generated:3", pcaps / CAPTURE)
    for arguments, code in ((wrong, 1), (right, 0)):
        runs = [run(schedules, folder, "--jobs", jobs, *arguments) for jobs in (1, 3)]
        assert runs[0].returncode == runs[1].returncode == code, runs[0].stdout
        assert runs[0].stdout == runs[1].stdout, (runs[0].stdout, runs[1].stdout)


def check_failure(schedules, casniff, folder, pcaps):
    """It fails again from its seed, and is small; casniff calls its list complete."""
    found = run(schedules, folder, "--distrust", "--kinds", "lose,split,dup", "--seed", 7,
                "--schedules", 40, pcaps / CAPTURE)
    assert found.returncode == 1, found.stdout
    failures = re.findall(r"^FAILED: --capture \S+ --seed (\d+) --schedules 1 .*\n"
                          r"  (a false \"complete\".*)\n"
                          r"  the (\d+) packets that it takes: (\S+)$", found.stdout, re.M)
    assert failures or "without packet" in found.stdout, found.stdout
    names = re.findall(r"the (\d+) packets that it takes: (\S+)$", found.stdout, re.M)
    assert names, found.stdout
    for packets, name in names:
        assert int(packets) <= PACKETS_MAX, (packets, name)
        told = of_type(events(casniff, folder, name, []), "handshake")
        assert [e["ca_list"]["capture"] for e in told] == ["complete"], told
    for seed, what, _, name in failures:
        (folder / name).unlink()
        again = run(schedules, folder, "--distrust", "--kinds", "lose,split,dup", "--seed",
                    seed, "--schedules", 1, pcaps / CAPTURE)
        assert again.returncode == 1 and what in again.stdout, again.stdout


def check_summary(schedules, folder, pcaps):
    """Each kind happens in some hundred schedules."""
    done = run(schedules, folder, "--schedules", 3000, pcaps / CAPTURE)
    kinds = re.search(r"^kinds:(.*)$", done.stdout, re.M).group(1).split()
    counts = dict(zip(kinds[::2], map(int, kinds[1::2])))
    assert len(counts) == 20 and all(counts[k] > 0 for k in counts if k != "mix"), counts
    states = re.search(r"complete (\d+).*incomplete (\d+).*ambiguous (\d+)", done.stdout)
    assert all(int(number) > 0 for number in states.groups()), done.stdout
    assert int(re.search(r"evicted: (\d+)", done.stdout).group(1)) > 0, done.stdout


def main():
    schedules, casniff, pcaps = (Path(a).resolve() for a in sys.argv[1:4])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        check_jobs(schedules, folder, pcaps)
        check_failure(schedules, casniff, folder, pcaps)
        check_summary(schedules, folder, pcaps)
    print("schedules: its failures are seen, small, and come again")


if __name__ == "__main__":
    sys.exit(main())
