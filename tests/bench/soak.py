#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A constant load of handshakes for minutes or days, and what casniff takes meanwhile.

Recorded handshakes are sent again and again between other addresses, and real ones once a minute;
the report is rotated every minute. Each minute gives a line of CSV. In the end memory must be
flat after the first minute, the number of open files constant, and every event there.

    soak.py --casniff build/src/casniff --minutes 20
    soak.py --casniff build/src/casniff --days 7 > soak.csv
"""
import argparse
import os
import signal
import sys
import time
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "live"))

import private  # noqa: E402 (found by the line above)
from hosts import first_of, make_key, openssl_server, shake_hands  # noqa: E402
from lab import Lab  # noqa: E402
from program import wait_until  # noqa: E402
from recorded import Load, Recording  # noqa: E402
from sniffer import Sniffer, events_in  # noqa: E402

PCAPS = Path(__file__).resolve().parents[2] / "pcaps"
PORT = 4433
SERVERS = 50             # that show each of the recorded lists
FLAT_KIB = 512           # of growth along the straight line through the samples
SAMPLE_S = 10
REAL_EACH_MINUTE = 3


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--casniff", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--days", type=float, default=0)
    parser.add_argument("--per-second", type=float, default=50, help="recorded handshakes")
    options = parser.parse_args()
    options.casniff = options.casniff.resolve()
    options.minutes = options.days * 24 * 60 or options.minutes
    return options


class Soak:
    def __init__(self, options, folder):
        self.options, self.folder = options, folder
        self.out = folder / "out"
        self.out.mkdir()
        self.out.chmod(0o777)
        self.events = self.out / "events.json"
        self.lab = Lab(has_addresses=True)
        self.real = 0
        self.handshakes = self.all_events = self.alerts = self.lists = self.drops = 0
        self.samples = []      # (seconds, RSS in KiB)
        self.files = set()     # numbers of open files seen
        self.complaints = []
        self.start_programs()

    def start_programs(self):
        make_key(self.folder)
        store = PCAPS / "founding-case-store.pem"
        trusted = first_of(store, 400, self.folder / "trusted.pem")
        listed = first_of(store, 133, self.folder / "listed.pem")
        self.server = openssl_server(self.folder, PORT, listed, trusted)
        self.casniff = Sniffer(self.folder, self.options.casniff, [
            "-i", "wire", "-T", f"json:{self.events}", "-t", trusted, "--stats", "30",
            "--metrics", self.out / "casniff.prom", "--state", self.out / "state",
            "--heartbeat", "1000d", "--realert", "1000d"])
        self.loads = [self.load("few-cas.pcap", 0), self.load("founding-case.pcap", 1)]

    def load(self, name, number):
        """Half of the load, with clients and servers of its own."""
        return Load(self.lab, Recording(PCAPS / name), self.options.per_second / 2,
                    first=number << 31,
                    server_of=lambda copy: f"198.18.{number}.{copy % SERVERS + 1}")

    def run(self):
        print("minute,rss_kib,open_files,handshakes,expected,events,lists,alerts,kernel_drops,"
              "cpu_s", flush=True)
        start = time.monotonic()
        minute = 0
        while minute < self.options.minutes and self.casniff.is_running():
            minute += 1
            self.wait_sampling(start, start + 60 * minute)
            self.real += len(shake_hands(self.folder, PORT, REAL_EACH_MINUTE))
            self.rotate()
            self.tell(minute)
        for load in self.loads:
            load.stop()
        time.sleep(2)
        self.finish()
        return self.verdict()

    def wait_sampling(self, start, until):
        while time.monotonic() < until:
            time.sleep(min(SAMPLE_S, max(until - time.monotonic(), 0)))
            status = self.casniff.status()
            self.samples.append((time.monotonic() - start, int(status["VmRSS"].split()[0])))
            self.files.add(len(os.listdir(f"/proc/{self.casniff.pid}/fd")))

    def expected(self):
        return self.real + sum(load.sent for load in self.loads)

    def rotate(self):
        """The finished file is counted and removed."""
        old = self.out / "events.old"
        self.events.rename(old)
        self.casniff.send(signal.SIGHUP)
        wait_until(self.events.exists, "a new file")
        self.count(old)
        old.unlink()

    def count(self, path):
        events = events_in(path)
        if len(events) != len(path.read_bytes().splitlines()):
            self.complaints.append("a torn line")
        for event in events:
            self.all_events += 1
            if event["event_seq"] != self.all_events:
                self.complaints.append(f"event {event['event_seq']} is number {self.all_events}")
                self.all_events = event["event_seq"]
            self.handshakes += event["event_type"] == "handshake"
            self.alerts += event["event_type"] == "alert"
            self.lists += event["event_type"] == "ca_list"
            if event["event_type"] == "stats":
                self.drops = event["stats"]["capture"]["kernel_drops"]

    def tell(self, minute):
        print(f"{minute},{self.samples[-1][1]},{sorted(self.files)[-1]},{self.handshakes},"
              f"{self.expected()},{self.all_events},{self.lists},{self.alerts},{self.drops},"
              f"{self.casniff.cpu_s():.2f}", flush=True)

    def finish(self):
        if not self.casniff.is_running():
            self.complaints.append(f"ended with {self.casniff.process.returncode}: "
                                   f"{self.casniff.told()}")
            return
        statistics = self.casniff.end()
        self.count(self.events)
        if statistics["received"] != statistics["captured"] + statistics["dropped"]:
            self.complaints.append(f"the figures do not add up: {statistics}")
        self.server.kill()

    def growth_kib(self):
        """Along the straight line through the samples after the first minute."""
        late = [(x, y) for x, y in self.samples if x > 60]
        if len(late) < 3:
            return 0.0
        mean_x = sum(x for x, _ in late) / len(late)
        mean_y = sum(y for _, y in late) / len(late)
        slope = (sum((x - mean_x) * (y - mean_y) for x, y in late)
                 / sum((x - mean_x) ** 2 for x, _ in late))
        return slope * (late[-1][0] - late[0][0])

    def verdict(self):
        growth = self.growth_kib()
        if growth > FLAT_KIB:
            self.complaints.append(f"memory grew by {growth:.0f} KiB")
        if max(self.files) - min(self.files) > 0:
            self.complaints.append(f"open files: {sorted(self.files)}")
        if self.handshakes != self.expected():
            self.complaints.append(f"{self.handshakes} handshakes of {self.expected()}")
        if self.lists != 2 * SERVERS + 1:  # each server's once: the real one's as well
            self.complaints.append(f"{self.lists} lists of {2 * SERVERS + 1}")
        print(f"# memory {growth:+.0f} KiB after the first minute, open files "
              f"{sorted(self.files)}, {self.handshakes} of {self.expected()} handshakes, "
              f"{self.drops} packets dropped by the kernel")
        print("\n".join(f"# {text}" for text in self.complaints) or "# all well")
        return 1 if self.complaints else 0


def main():
    options = parse_arguments()
    return private.run(lambda folder: Soak(options, folder).run())


if __name__ == "__main__":
    sys.exit(main())
