#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""casniff under floods: its memory, and whether it still finds the handshakes among them.

    floods.py --casniff build/src/casniff --make-flood build/tests/bench/make_flood PCAPS
    floods.py ... --scale 10 --row D01    ten times as many, of one row

Each flood is made and read in one pipe. What is judged, with the default budget: the resident
set, at most 96 MiB, and little above that of the canaries alone where a flood leaves nothing
behind (the least of a few runs of each); the canaries, recorded handshakes among the flood, whose
CA list is told complete, or told to be incomplete. A line "ok ROW" or "not ok ROW" for each.
"""
import argparse
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

RESIDENT_MAX_KIB = 96 * 1024
# Where the kernel finds large pages a peak is 2 MiB more or less: the least of so many runs is
# compared with the least of as many without the flood.
RESIDENT_RUNS = 3
CANARY = "few-cas.pcap"  # one connection, five names
NAMES = 5


@dataclass
class Flood:
    row: str
    kind: str
    count: int
    canary_every: int
    least: float = 1.0         # share of the canaries whose list is told
    above_idle_kib: int = 0    # resident set, above that of the canaries alone; 0: not judged
    against: str = ""          # a kind that may not be much cheaper
    packet_us_max: float = 0   # user time of a packet, twice what an idle machine may take


# Counts for a test that ends; the catalogue's are 10 to 50 times as many: --scale.
FLOODS = [
    Flood("D01", "syns", 200_000, 100, above_idle_kib=2048),
    Flood("D02", "handshakes", 60_000, 100, above_idle_kib=2048),
    Flood("D03", "hellos", 80_000, 100, least=0.99),
    Flood("D04", "holes", 3_000, 100, least=0.99),
    Flood("D05", "bytes", 100_000, 100, packet_us_max=4),
    Flood("D06", "alike", 100_000, 100, least=0.99, against="random"),
    Flood("D08", "slow", 60_000, 100),
    Flood("I04", "fragments", 60_000, 100, above_idle_kib=4096),
]


@dataclass
class Outcome:
    packets: int
    canaries: int
    told: int
    complete: int
    resident_kib: int
    user_s: float
    stats: dict


def run(args, kind, count, canary_every):
    """One flood through casniff."""
    maker = subprocess.Popen(
        [args.make_flood, "--kind", kind, "--count", str(count), "--canary-every",
         str(canary_every), args.pcaps / CANARY], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    reader = subprocess.Popen([args.casniff, "-r", "-", "--json", "--select", "requests"],
                              stdin=maker.stdout, stdout=subprocess.PIPE)
    maker.stdout.close()
    told, complete, stats = set(), set(), {}
    for line in reader.stdout:
        event = json.loads(line)
        if event["event_type"] == "stats":
            stats = event["stats"]
        elif event["event_type"] == "handshake" and event["src_ip"].startswith("192.0.2."):
            client = (event["src_ip"], event["src_port"])
            told.add(client)
            if event.get("ca_list", {}).get("capture") == "complete":
                assert event["ca_list"]["count"] == NAMES, event
                complete.add(client)
    _, status, usage = os.wait4(reader.pid, 0)
    reader.returncode = os.waitstatus_to_exitcode(status)
    if reader.returncode != 0 or maker.wait() != 0:
        raise RuntimeError(f"{kind}: casniff {reader.returncode}, make_flood {maker.returncode}")
    made = json.loads(maker.stderr.read())
    return Outcome(made["packets"], made["canaries"], len(told), len(complete),
                   usage.ru_maxrss, usage.ru_utime, stats)


def least_resident(args, first, *what):
    """Of the first run and of the others, in KiB."""
    others = (run(args, *what) for _ in range(RESIDENT_RUNS - 1))
    return min(outcome.resident_kib for outcome in (first, *others))


def faults(flood, outcome, above_kib, other):
    if outcome.canaries == 0:
        yield "no canary was sent"
    if outcome.told < flood.least * outcome.canaries:
        yield f"{outcome.canaries - outcome.told} canaries of {outcome.canaries} are not told"
    if outcome.resident_kib > RESIDENT_MAX_KIB:
        yield f"resident set of {outcome.resident_kib} KiB"
    if flood.above_idle_kib and above_kib > flood.above_idle_kib:
        yield f"{above_kib} KiB above the canaries alone"
    packet_us = outcome.user_s * 1e6 / outcome.packets
    if flood.packet_us_max and packet_us > flood.packet_us_max:
        yield f"{packet_us:.1f} us a packet"
    if other is not None and outcome.user_s > 1.5 * other.user_s + 0.2:
        yield f"{outcome.user_s:.2f} s, {flood.against} takes {other.user_s:.2f} s"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--casniff", type=Path, required=True)
    parser.add_argument("--make-flood", type=Path, required=True)
    parser.add_argument("--scale", type=float, default=1)
    parser.add_argument("--row", action="append")
    parser.add_argument("pcaps", type=Path)
    args = parser.parse_args()
    failed = 0
    for flood in FLOODS:
        if args.row and flood.row not in args.row:
            continue
        count = int(flood.count * args.scale)
        outcome = run(args, flood.kind, count, flood.canary_every)
        other = run(args, flood.against, count, flood.canary_every) if flood.against else None
        above_kib = 0
        if flood.above_idle_kib:
            # The same number of canaries, and nothing else.
            nothing = ("nothing", outcome.packets, flood.canary_every)
            above_kib = (least_resident(args, outcome, flood.kind, count, flood.canary_every) -
                         least_resident(args, run(args, *nothing), *nothing))
        wrong = list(faults(flood, outcome, above_kib, other))
        failed += bool(wrong)
        print(f"{'not ok' if wrong else 'ok'} {flood.row} {flood.kind}: {outcome.packets} packets, "
              f"{outcome.resident_kib} KiB"
              f"{f' ({above_kib:+} by the flood)' if flood.above_idle_kib else ''}, "
              f"{outcome.user_s * 1e6 / outcome.packets:.2f} us each; "
              f"of {outcome.canaries} canaries {outcome.complete} complete, {outcome.told} told"
              f"{': ' if wrong else ''}{'; '.join(wrong)}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
