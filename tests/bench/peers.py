#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""tshark, ssldump and ndpiReader beside casniff on the same captures: time, memory, lists found.

noop is libpcap alone. How many lists there are is known from the making of a capture; of names
each program's own count is shown. PEERS.md has the last figures.
"""
import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

MISSING = "-"


@dataclass
class Peer:
    name: str
    command: list  # the capture comes last
    finds: object  # lists and names in a line of its output; None: it does not read them


def in_tshark(line):
    """A packet's handshake messages, and the lengths of the names: the first 100 of a list."""
    types, _, names = line.rstrip("\n").partition("\t")
    return types.split(",").count("13"), len(names.split(",")) if names else 0


def in_ssldump(line):
    return (int(re.match(r"\s*CertificateRequest\b", line) is not None),
            int(re.match(r"\s*certificate_authorit", line) is not None))


def in_casniff(line):
    if '"event_type":"handshake"' not in line or '"ca_list":{' not in line:
        return 0, 0
    return 1, json.loads(line)["ca_list"]["count"]


def peers_of(options):
    return [
        Peer("noop", [options.noop], None),
        Peer("casniff", [options.casniff, "--json", "-r"], in_casniff),
        Peer("tshark", ["tshark", "-n", "-Y", "tls.handshake.type == 13", "-T", "fields", "-e",
                        "tls.handshake.type", "-e", "tls.handshake.dname_len", "-r"],
             in_tshark),
        Peer("ssldump", ["ssldump", "-A", "-n", "-r"], in_ssldump),
        # Of a TLS connection it shows both hellos and the server's certificate, not the list.
        Peer("ndpiReader", ["ndpiReader", "-q", "-v", "2", "-i"], None),
    ]


@dataclass
class Load:
    name: str
    path: Path
    lists: int


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for tool in ("casniff", "noop", "measure", "make-load"):
        parser.add_argument("--" + tool, required=True)
    parser.add_argument("--mb", type=int, default=20, help="size of each capture")
    parser.add_argument("captures", type=Path, help="the folder of recorded handshakes")
    return parser.parse_args()


def make(options, folder, name, *arguments):
    path = folder / (name.replace(" ", "-") + ".pcap")
    recorded = sorted(map(str, options.captures.glob("*.pcap*")))
    told = subprocess.run([options.make_load, "-w", str(path), f"--bytes={options.mb}000000",
                           "--template-bytes=32768", *arguments, *recorded],
                          check=True, stdout=subprocess.PIPE)
    return Load(name, path, json.loads(told.stdout)["requests"])


def is_runnable(peer):
    return any(os.access(Path(folder, peer.command[0]), os.X_OK)
               for folder in [""] + os.environ["PATH"].split(":") + ["/usr/sbin"])


def count(peer, path):
    """Lists and names that it shows."""
    lists, names = 0, 0
    with subprocess.Popen([*peer.command, str(path)], stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, text=True, errors="replace") as process:
        for line in process.stdout:
            found = peer.finds(line)
            lists, names = lists + found[0], names + found[1]
    return lists, names


def measure(options, peer, path):
    """CPU and wall seconds, peak KiB; what it prints goes nowhere."""
    told = subprocess.run([options.measure, *peer.command, str(path)], check=True, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    cpu, wall, peak, _ = told.stdout.split()[-4:]
    return float(cpu), float(wall), int(peak)


def show(options, load, peer, yardstick):
    if not is_runnable(peer):
        print(f"| {load.name} | {peer.name} | {MISSING} | | | | not installed | |")
        return yardstick
    cpu, wall, peak = measure(options, peer, load.path)
    yardstick = yardstick or cpu
    told = f"{MISSING} | {MISSING}"
    if peer.finds:
        lists, names = count(peer, load.path)
        told = f"{lists} of {load.lists} | {names}"
    print(f"| {load.name} | {peer.name} | {cpu:.2f} | {cpu / yardstick:.1f} | {wall:.2f} | "
          f"{peak / 1024:.0f} | {told} |", flush=True)
    return yardstick


def main():
    options = parse_arguments()
    print("| load | program | CPU s | times noop | wall s | peak MiB | lists found | names |")
    print("|---|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        loads = [
            make(options, folder, "short handshakes", "--concurrent=4"),
            make(options, folder, "mixed", "--bulk=50000", "--concurrent=64", "--mixed"),
            make(options, folder, "reordered, lost", "--concurrent=64", "--lost=1", "--late=5",
                 "--again=2"),
        ]
        for load in loads:
            load.path.read_bytes()  # into the page cache
            yardstick = None
            for peer in peers_of(options):
                yardstick = show(options, load, peer, yardstick)


if __name__ == "__main__":
    sys.exit(main())
