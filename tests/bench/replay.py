#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Replays handshakes over a virtual cable as fast as this machine can, with casniff and tcpdump
beside each other on the receiving end.

Prints for both the packets, what the kernel dropped for want of a reader, and the share of a CPU.
No sender here is as fast as a reader. So what one core takes at most is seen in another way: the
reader is stopped while its ring fills, as that of one who cannot keep up is full, and then empties
it; again and again, until the capture is through. Exits with 1 when casniff loses a percent more
than tcpdump, misses a handshake where nothing was lost, or when its figures do not add up.
"""
import argparse
import json
import re
import signal
import statistics
import struct
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
PIECE = 14000        # packets that the ring holds, each with the kernel's header
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
    """How many connections are in it."""
    command = [options.make_load, "-w", path, f"--bytes={options.mb * 1000000}",
               "--template-bytes=32768", "--concurrent=64"]
    done = subprocess.run([*map(str, command), *map(str, recorded(options.captures))], check=True,
                          stdout=subprocess.PIPE)
    return json.loads(done.stdout)["connections"]


def write_pieces(path, folder):
    """The capture in pieces: a file header of 24 bytes, then records, whose captured length is
    the third number of four."""
    load = path.read_bytes()
    bounds, at = [], 24
    while at < len(load):
        bounds.append(at)
        at += 16 + struct.unpack_from("<I", load, at + 8)[0]
    bounds.append(at)
    pieces = []
    for first in range(0, len(bounds) - 1, PIECE):
        last = min(first + PIECE, len(bounds) - 1)
        pieces.append(folder / f"piece.{len(pieces)}.pcap")
        pieces[-1].write_bytes(load[:24] + load[bounds[first]:bounds[last]])
    return pieces


def replay(options, folder, path, loops=1):
    """Sends the capture: packets a second, as tcpreplay counted. Each time other addresses: what
    comes of a connection that has ended is cheap."""
    speed = [f"--pps={options.packets_per_second}"] if options.packets_per_second else \
        ["--topspeed"]
    sender = Program(folder, ["tcpreplay", "-i", "wire", "--preload-pcap", "--no-flow-stats",
                              f"--loop={loops}", "--unique-ip", *speed, path], "a")
    if sender.wait(REPLAY_S) != 0:
        raise RuntimeError(f"tcpreplay: {sender.told()}")
    return float(re.search(r"([\d.]+) pps", sender.printed()).group(1))


def start(options, folder):
    """casniff, and where its events go."""
    events = folder / "out" / "events.json"
    return Sniffer(folder, options.casniff, ["-i", "wire", "-B", BUFFER_KIB,
                                             "-T", f"json:{events}"]), events


def connections_in(events):
    """Whatever the number of handshakes in them."""
    flow_ids = re.findall(rb'"event_type":"handshake".*?"flow_id":(\d+)', events.read_bytes())
    return len(set(flow_ids))


def end_casniff(casniff, events, arrived, connections, cpu):
    told = casniff.end()
    figures = Figures(told["received"], told["captured"], told["dropped"], cpu)
    check(figures, arrived, events)
    found = connections_in(events)
    assert figures.dropped > 0 or found == connections, (found, connections)
    events.unlink()
    return figures


def start_dump(folder):
    return Dump(folder, "/dev/null", "-B", str(BUFFER_KIB))


def end_dump(dump, cpu):
    dump.stop()
    captured, received, dropped = dump.figures()
    return Figures(received, captured, dropped, cpu)


def run_round(options, folder, lab, path, connections):
    """Figures of casniff and of tcpdump, and the packets a second, of one replay to both."""
    casniff, events = start(options, folder)
    dump = start_dump(folder)
    arrived = lab.counters("b")["rx"]["packets"]
    begin = time.monotonic()
    rate = replay(options, folder, path, options.loops)
    wall = time.monotonic() - begin
    wait_until_idle(casniff, dump)
    arrived = lab.counters("b")["rx"]["packets"] - arrived
    cpu = cpu_s(casniff), cpu_s(dump)
    return (end_casniff(casniff, events, arrived, connections * options.loops, cpu[0]),
            end_dump(dump, cpu[1]), rate, wall)


def take_pieces(options, folder, pieces, program):
    """CPU seconds that the program takes for all that came while it was stopped."""
    taken = 0
    for piece in pieces:
        program.send(signal.SIGSTOP)
        replay(options, folder, piece)
        before = cpu_s(program)
        program.send(signal.SIGCONT)
        wait_until_idle(program)
        taken += cpu_s(program) - before
    return taken


def run_full_rings(options, folder, lab, pieces, connections):
    """Figures of casniff and of tcpdump, one after the other: each has a core to itself."""
    arrived = lab.counters("b")["rx"]["packets"]
    casniff, events = start(options, folder)
    cpu = take_pieces(options, folder, pieces, casniff)
    arrived = lab.counters("b")["rx"]["packets"] - arrived
    ours = end_casniff(casniff, events, arrived, connections, cpu)
    dump = start_dump(folder)
    cpu = take_pieces(options, folder, pieces, dump)
    return ours, end_dump(dump, cpu)


def cpu_s(program):
    """Finer than the clock's ticks: nanoseconds in which it ran. Both have one thread."""
    return int(Path(f"/proc/{program.pid}/schedstat").read_text().split()[0]) / 1e9


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


def compare_full_rings(options, folder, lab, pieces, connections):
    """The packets a second that one core takes of each."""
    rates = [], []
    for _ in range(options.rounds):
        figures = run_full_rings(options, folder, lab, pieces, connections)
        for its, each in zip(figures, rates):
            assert its.dropped == 0, its  # the ring is too small for a piece
            each.append(its.processed / its.cpu_s)
    print(f"of a backlog, a core takes: casniff {statistics.median(rates[0]):.0f} packets/s, "
          f"tcpdump {statistics.median(rates[1]):.0f}; none dropped", flush=True)


def compare(options, folder):
    path = folder / "load.pcap"
    connections = make_load(options, path)
    (folder / "out").mkdir()
    (folder / "out").chmod(0o777)
    lab = Lab()
    for side in ("a", "b"):
        ip("-n", side, "link", "set", "wire", "mtu", str(MTU))
    total = Figures(0, 0, 0, 0), Figures(0, 0, 0, 0)
    print("              received   processed   dropped  kernel drops   CPU", flush=True)
    for number in range(options.rounds):
        *figures, rate, wall = run_round(options, folder, lab, path, connections)
        print(f"round {number + 1}: {rate:.0f} packets/s")
        for name, each, sum_ in zip(("casniff", "tcpdump"), figures, total):
            show(name, each, wall)
            sum_ += each
    compare_full_rings(options, folder, lab, write_pieces(path, folder), connections)
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
