#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Compares casniff's whole-process time with that of libpcap reading the same file alone.

Makes large captures from the recorded handshakes, checks that casniff finds in them what was
put in, runs both programs in turn, and prints the ratios of the medians and the peak memory.
Exits with 1 when a count is wrong or a target is missed. README.md has the last figures.
"""
import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

SHORT = "--template-bytes=32768"
WAY = ["--lost=1", "--late=5", "--again=2"]  # percent of the packets


@dataclass
class Load:
    name: str
    arguments: list            # of make_load
    target: float              # times the yardstick's time
    loses: bool = False        # some of what was sent is not in the capture
    mb: int = 0                # of the full scale; 0: as the others
    connections: int = 0       # open at once in the full scale, instead of a size


LOADS = [
    Load("bulk data", [SHORT, "--bulk=1500000", "--concurrent=8"], 1.1, mb=2000),
    Load("mixed", [SHORT, "--bulk=50000", "--concurrent=64", "--mixed"], 1.6),
    Load("short handshakes", [SHORT, "--concurrent=4"], 3.0),
    Load("a million open", ["--template-bytes=4000", "--concurrent=1000"], 4.0,
         connections=1_000_000),
    Load("reordered, lost", [SHORT, "--concurrent=64", *WAY], 3.0, loses=True),
    Load("20,000 at once", ["--template-bytes=8192", "--concurrent=20000"], 4.0),
]
FULL_MB = 500  # and the connections, in proportion
# Budget of 64 MiB, and what the program and its libraries take.
MEMORY_KIB = 96 * 1024


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for tool in ("casniff", "noop", "measure", "make-load"):
        parser.add_argument("--" + tool, required=True)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--mb", type=int, default=FULL_MB, help="size of each capture")
    parser.add_argument("--full", action="store_true",
                        help="2 GB of bulk data, a million connections")
    parser.add_argument("--load", action="append", help="only those of this name; repeatable")
    parser.add_argument("--keep", help="folder for the captures, instead of a temporary one")
    parser.add_argument("captures", nargs="+", help="recorded handshakes, or folders of them")
    return parser.parse_args()


def recorded(paths):
    for path in map(Path, paths):
        yield from sorted(path.glob("*.pcap*")) if path.is_dir() else [path]


def size_of(options, load):
    """How large it is to be, as arguments."""
    scale = 1 if options.full else options.mb / FULL_MB
    if load.connections:
        # Each of them in full, whatever that takes.
        return [f"--open={int(load.connections * scale)}", f"--bytes={10**12}"]
    megabytes = load.mb if options.full and load.mb else options.mb
    return [f"--bytes={megabytes * 1000000}"]


def make(options, folder, load):
    output = os.path.join(folder, load.name.replace(" ", "-") + ".pcap")
    command = [options.make_load, "-w", output, *size_of(options, load), *load.arguments]
    if load.loses:
        command += ["--losses", output + ".losses"]
    told = subprocess.run([*command, *map(str, recorded(options.captures))], check=True,
                          stdout=subprocess.PIPE)
    return output, json.loads(told.stdout)


@dataclass
class Found:
    """What casniff tells of a capture."""
    connections: int  # whatever the number of handshakes in them
    complete: list    # clients, as (address, port), of which a list was told complete
    stats: dict

    def given_up(self):
        """Connections that it could not follow to their end, each of them counted."""
        return self.stats["tcp"]["flows_evicted"] + self.stats["outcome"]["tcp_no_room"]


def client_of(event):
    """Where the start was lost, either end may seem to be the client."""
    for end in ("src", "dest"):
        address = event[end + "_ip"]
        if address.startswith(("10.", "2001:db8:0:2:")):
            return address, event[end + "_port"]
    raise ValueError(f"no client in {event}")


def find(options, capture):
    complete, flows, stats = [], set(), {}
    with subprocess.Popen([options.casniff, "--json", "-r", capture],
                          stdout=subprocess.PIPE) as process:
        for line in process.stdout:
            if b'"event_type":"handshake"' in line:
                flows.add(re.search(rb'"flow_id":(\d+)', line).group(1))
                if b'"capture":"complete"' in line:
                    complete.append(client_of(json.loads(line)))
            elif b'"event_type":"stats"' in line:
                stats = json.loads(line)["stats"]
    if process.returncode != 0:
        sys.exit(f"casniff failed with {process.returncode}")
    return Found(len(flows), complete, stats)


def check_counts(found, put_in):
    """Whatever is not found was given up, and counted: with many at once the budget is short."""
    counted = {"connections": found.connections, "requests": len(found.complete)}
    for what, number in counted.items():
        if not put_in[what] - found.given_up() <= number <= put_in[what]:
            yield f"{number} {what} found of {put_in[what]}, {found.given_up()} given up"


def check_losses(found, put_in, path):
    """No list of which a byte was lost is told complete, and all of which nothing was lost are;
    between them stand those that lost something else."""
    may_lack, may, must_lack = 0, set(), set()
    with open(path, encoding="ascii") as losses:
        for line in losses:
            address, port, requests, what = line.split()
            may_lack += int(requests)
            may.add((address, int(port)))
            if what == "request":
                must_lack.add((address, int(port)))
    wrong = must_lack & set(found.complete)
    unharmed = sum(client not in may for client in found.complete)
    if not must_lack:
        yield "no request was lost"
    if wrong:
        yield f"{len(wrong)} lists told complete that are not: {sorted(wrong)[:3]}"
    if unharmed + found.given_up() < put_in["requests"] - may_lack:
        yield (f"{unharmed} lists found of {put_in['requests'] - may_lack} in connections "
               f"that lost nothing")
    if len(found.complete) > put_in["requests"]:
        yield f"{len(found.complete)} lists found of {put_in['requests']}"


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


def run_load(options, folder, load):
    capture, put_in = make(options, folder, load)
    found = find(options, capture)
    if load.loses:
        complaints = list(check_losses(found, put_in, capture + ".losses"))
    else:
        complaints = list(check_counts(found, put_in))
    noop, casniff, peak = compare(options, capture)
    if options.keep is None:
        os.unlink(capture)
    ratio = casniff[0] / noop[0]
    if ratio > load.target:
        complaints.append(f"{ratio:.2f} times the yardstick's time, target {load.target}")
    if peak > MEMORY_KIB:
        complaints.append(f"{peak} KiB at the peak, target {MEMORY_KIB}")
    print(f"{load.name:<17}{put_in['bytes'] / 1e6:7.0f}{put_in['packets']:10}"
          f"{put_in['requests']:9}{len(found.complete):9}{found.given_up():9}"
          f"{noop[0]:8.3f}{casniff[0]:8.3f}{ratio:7.2f}{casniff[1] / noop[1]:7.2f}"
          f"{load.target:7.1f}{peak / 1024:8.1f}", flush=True)
    return [f"{load.name}: {complaint}" for complaint in complaints]


def main():
    options = parse_arguments()
    complaints = []
    print("load                  MB   packets    lists    found given up  noop s    ours  ratio"
          "   wall target     MiB", flush=True)
    with tempfile.TemporaryDirectory() as temporary:
        for load in LOADS:
            if not options.load or load.name in options.load:
                complaints += run_load(options, options.keep or temporary, load)
    print("\n".join(complaints) or "all targets met")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
