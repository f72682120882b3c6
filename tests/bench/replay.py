#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Replays handshakes over a virtual cable as fast as this machine can, with casniff and tcpdump
beside each other on the receiving end.

Prints for both the packets, what the kernel dropped for want of a reader, and the share of a CPU.
Exits with 1 when casniff loses a percent more than tcpdump, or when its figures do not add up.
"""
import argparse
import re
import subprocess
import sys
import time
from dataclasses import dataclass, fields
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "live"))

import private  # noqa: E402 (found by the line above)
from hosts import Dump  # noqa: E402
from lab import Lab, ip  # noqa: E402
from program import Program, wait_until  # noqa: E402
from run import recorded  # noqa: E402
from sniffer import Sniffer, events_in  # noqa: E402

MTU = 65535          # recorded with offload, segments are large
BUFFER_KIB = 8192    # for both
MORE_PERCENT = 1.0   # that casniff may lose
REPLAY_S = 600


@dataclass
class Figures:
    received: int
    processed: int
    dropped: int
    cpu_s: float

    def __iadd__(self, other):
        for field in fields(self):
            setattr(self, field.name, getattr(self, field.name) + getattr(other, field.name))
        return self

    def drops_percent(self):
        return 100 * self.dropped / max(self.received, 1)


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--casniff", type=Path, required=True)
    parser.add_argument("--make-load", required=True)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--mb", type=int, default=100, help="size of the capture")
    parser.add_argument("--loops", type=int, default=5, help="times it is sent in each round")
    parser.add_argument("--packets-per-second", type=int, default=0, help="0: as fast as it goes")
    parser.add_argument("captures", nargs="+", help="recorded handshakes, or folders of them")
    return parser.parse_args()


def make_load(options, path):
    command = [options.make_load, "-w", path, f"--bytes={options.mb * 1000000}",
               "--template-bytes=32768", "--concurrent=64"]
    subprocess.run([*map(str, command), *map(str, recorded(options.captures))], check=True,
                   stdout=subprocess.DEVNULL)


def replay(options, folder, path):
    """Sends the capture: packets a second, as tcpreplay counted."""
    speed = [f"--pps={options.packets_per_second}"] if options.packets_per_second else \
        ["--topspeed"]
    sender = Program(folder, ["tcpreplay", "-i", "wire", "--preload-pcap",
                              f"--loop={options.loops}", *speed, path], "a")
    if sender.wait(REPLAY_S) != 0:
        raise RuntimeError(f"tcpreplay: {sender.told()}")
    return float(re.search(r"([\d.]+) pps", sender.printed()).group(1))


def run_round(options, folder, lab, path):
    """Figures of casniff and of tcpdump, and the packets a second, of one replay to both."""
    events = folder / "out" / "events.json"
    casniff = Sniffer(folder, options.casniff, ["-i", "wire", "-B", BUFFER_KIB,
                                                "-T", f"json:{events}"])
    dump = Dump(folder, "/dev/null", "-B", str(BUFFER_KIB))
    arrived = lab.counters("b")["rx"]["packets"]
    start = time.monotonic()
    rate = replay(options, folder, path)
    wait_until_idle(casniff, dump)
    arrived = lab.counters("b")["rx"]["packets"] - arrived
    cpu = casniff.cpu_s(), dump.cpu_s()
    wall = time.monotonic() - start
    told = casniff.end()
    dump.stop()
    captured, received, dropped = dump.figures()
    ours = Figures(told["received"], told["captured"], told["dropped"], cpu[0])
    check(ours, arrived, events)
    events.unlink()
    return ours, Figures(received, captured, dropped, cpu[1]), rate, wall


def wait_until_idle(*programs):
    """Until nobody has worked for half a second: the rings are empty."""
    def is_idle():
        before = [p.cpu_s() for p in programs]
        time.sleep(0.5)
        return [p.cpu_s() for p in programs] == before
    wait_until(is_idle, "the end of the work", 60)


def check(ours, arrived, events):
    """Every packet that arrived was either looked at or counted as dropped, exactly."""
    assert ours.received == ours.processed + ours.dropped, ours
    assert ours.received == arrived, (ours, arrived)
    stats = events_in(events, "stats")[-1]["stats"]["capture"]
    assert stats["kernel_packets"] == ours.received, (stats, ours)
    assert stats["kernel_drops"] == ours.dropped, (stats, ours)


def show(name, figures, wall):
    print(f"{name:<10}{figures.received:>12}{figures.processed:>12}{figures.dropped:>10}"
          f"{figures.drops_percent():>9.3f} %{100 * figures.cpu_s / wall:>8.1f} %", flush=True)


def compare(options, folder):
    path = folder / "load.pcap"
    make_load(options, path)
    (folder / "out").mkdir()
    (folder / "out").chmod(0o777)
    lab = Lab()
    for side in ("a", "b"):
        ip("-n", side, "link", "set", "wire", "mtu", str(MTU))
    total = Figures(0, 0, 0, 0), Figures(0, 0, 0, 0)
    print("              received   processed   dropped  kernel drops   CPU", flush=True)
    for number in range(options.rounds):
        *figures, rate, wall = run_round(options, folder, lab, path)
        print(f"round {number + 1}: {rate:.0f} packets/s")
        for name, each, sum_ in zip(("casniff", "tcpdump"), figures, total):
            show(name, each, wall)
            sum_ += each
    assert lab.counters("b")["tx"]["packets"] == 0, "something was sent from b"
    more = total[0].drops_percent() - total[1].drops_percent()
    print(f"all rounds: casniff dropped {total[0].drops_percent():.3f} %, tcpdump "
          f"{total[1].drops_percent():.3f} %; received = processed + dropped")
    return 1 if more > MORE_PERCENT else 0


def main():
    options = parse_arguments()
    options.casniff = options.casniff.resolve()
    return private.run(lambda folder: compare(options, folder))


if __name__ == "__main__":
    sys.exit(main())
