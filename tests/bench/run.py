#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Compares casniff's whole-process time with that of libpcap reading the same file alone.

Makes large captures from the recorded handshakes, checks that casniff finds in them what was
put in, runs both programs in turn, and prints the ratios of the medians and the peak memory.
Exits with 1 when a count is wrong or a target is missed.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

# Name, arguments of make_load, and how many times the yardstick's time is allowed.
SHORT = "--template-bytes=32768"
LOADS = [
    ("short handshakes", [SHORT, "--concurrent=4"], 4.0),
    ("bulk data", [SHORT, "--bulk=1500000", "--concurrent=8"], 1.5),
    ("20,000 at once", ["--template-bytes=8192", "--concurrent=20000"], 4.0),
]
# Budget of 64 MiB, and what the program and its libraries take.
MEMORY_KIB = 96 * 1024


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for tool in ("casniff", "noop", "measure", "make-load"):
        parser.add_argument("--" + tool, required=True)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--mb", type=int, default=500, help="size of each capture")
    parser.add_argument("--keep", help="folder for the captures, instead of a temporary one")
    parser.add_argument("captures", nargs="+", help="recorded handshakes, or folders of them")
    return parser.parse_args()


def recorded(paths):
    for path in map(Path, paths):
        yield from sorted(path.glob("*.pcap*")) if path.is_dir() else [path]


def make(options, folder, number, arguments):
    output = os.path.join(folder, f"load-{number}.pcap")
    command = [options.make_load, "-w", output, f"--bytes={options.mb * 1000000}", *arguments]
    told = subprocess.run([*command, *map(str, recorded(options.captures))], check=True,
                          stdout=subprocess.PIPE)
    return output, json.loads(told.stdout)


def count(options, capture):
    """What casniff finds: connections, lists that it saw complete, and what it gave up."""
    found = {"connections": 0, "requests": 0}
    evicted = None
    with subprocess.Popen([options.casniff, "--json", "-r", capture],
                          stdout=subprocess.PIPE) as process:
        for line in process.stdout:
            if b'"event_type":"handshake"' in line:
                found["connections"] += 1
                found["requests"] += b'"capture":"complete"' in line
            elif b'"event_type":"stats"' in line:
                evicted = json.loads(line)["stats"]["tcp"]["flows_evicted"]
    if process.returncode != 0:
        sys.exit(f"casniff failed with {process.returncode}")
    return found, evicted


def check(name, found, put_in, evicted):
    """Whatever is not found was evicted, and counted: with many at once the budget is short."""
    for what, counted in found.items():
        if not put_in[what] - evicted <= counted <= put_in[what]:
            yield f"{name}: {counted} {what} found of {put_in[what]}, {evicted} evicted"


def measure(options, command):
    """Seconds of CPU and of wall clock, and the peak in KiB."""
    told = subprocess.run([options.measure, *command], check=True, stdout=subprocess.PIPE)
    cpu, wall, peak, status = told.stdout.split()
    if int(status) != 0:
        sys.exit(f"{command[0]} failed with {int(status)}")
    return float(cpu), float(wall), int(peak)


def compare(options, capture):
    """The medians of both programs, run in turn, and the higher of casniff's peaks."""
    commands = ([options.noop, capture], [options.casniff, "--json", "-r", capture])
    for command in commands:
        measure(options, command)  # warms the cache
    results = [], []
    for _ in range(options.runs):
        for command, result in zip(commands, results):
            result.append(measure(options, command))
    medians = [[statistics.median(run[i] for run in result) for i in (0, 1)]
               for result in results]
    return *medians, max(run[2] for run in results[1])


def run_load(options, folder, number, load):
    name, arguments, target = load
    capture, put_in = make(options, folder, number, arguments)
    found, evicted = count(options, capture)
    complaints = list(check(name, found, put_in, evicted))
    noop, casniff, peak = compare(options, capture)
    if options.keep is None:
        os.unlink(capture)
    ratio = casniff[0] / noop[0]
    if ratio > target:
        complaints.append(f"{name}: {ratio:.2f} times the yardstick's time, target {target}")
    if peak > MEMORY_KIB:
        complaints.append(f"{name}: {peak} KiB at the peak, target {MEMORY_KIB}")
    print(f"{name:<17}{put_in['bytes'] / 1e6:7.0f}{put_in['packets']:10}"
          f"{put_in['connections']:9}{noop[0]:8.3f}{casniff[0]:8.3f}{ratio:7.2f}"
          f"{casniff[1] / noop[1]:7.2f}{target:7.1f}{peak / 1024:8.1f}{evicted:9}", flush=True)
    return complaints


def main():
    options = parse_arguments()
    complaints = []
    print("load                  MB   packets  connec.  noop s    ours  ratio   wall target"
          "     MiB  evicted", flush=True)
    with tempfile.TemporaryDirectory() as temporary:
        for number, load in enumerate(LOADS):
            complaints += run_load(options, options.keep or temporary, number, load)
    print("\n".join(complaints) or "all targets met")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
