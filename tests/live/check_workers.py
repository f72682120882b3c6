#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""--workers: several processes share the packets, and what is told is what one would tell."""
import collections
import json
import os
import re
import signal
import socket
import struct
import time
from pathlib import Path

import check_keylog
from hosts import first_of, free_ports, make_key, openssl_server, shake_hands, start_client
from lab import ip
from live_case import ROOT, LiveCase, Settings, main, need, note, recording
from program import wait_until
from recorded import ETHERNET, checksum, packets_of, send, sum16
from sniffer import events_in, service_user

try:
    import jsonschema
except ImportError:
    jsonschema = None

WORKERS = 2
SCHEMA = ROOT / "man" / "casniff-events.schema.json"
MORE_FRAGMENTS = 0x2000
SYN = 2
CAPABILITIES = ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")


class Workers(LiveCase):
    def setUp(self):
        super().setUp()
        self.events = self.out / "events.json"

    def sniff(self, *words, **more):
        return super().sniff("--workers", WORKERS, *words, **more)

    def start(self, *words):
        return self.sniff("-v", "-T", f"json:{self.events}", "--sandbox", "require", *words)

    def assert_told(self, casniff, count, names):
        """Ended well: each connection once, its list complete, the numbers of events without a
        gap, each of them valid, and no worker idle."""
        statistics = casniff.end()
        self.assertEqual(statistics["handshakes"], count)
        self.assertEqual(statistics["captured"], statistics["received"] - statistics["dropped"])
        events = events_in(self.events)
        self.assertEqual([e["event_seq"] for e in events], list(range(1, len(events) + 1)))
        if jsonschema is not None:
            validator = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text()))
            for event in events:
                validator.validate(event)
        handshakes = [e for e in events if e["event_type"] == "handshake"]
        clients = collections.Counter((e["src_ip"], e["src_port"]) for e in handshakes)
        self.assertEqual((len(clients), set(clients.values())), (count, {1}))
        self.assertEqual({(e["ca_list"]["capture"], e["ca_list"]["count"]) for e in handshakes},
                         {("complete", names)})
        self.assertEqual(len({e["flow_id"] for e in handshakes}), count)
        shares = self.shares_of(casniff)
        note(f"{count} handshakes, packets of the workers: {shares}")
        self.assertEqual(sum(shares), statistics["received"])
        self.assertGreater(min(shares), 0, "a worker had nothing to do")
        return statistics

    def shares_of(self, casniff):
        told = re.findall(r"worker \d of \d had (\d+) packets", casniff.told())
        self.assertEqual(len(told), WORKERS)
        return [int(number) for number in told]


class Shared(Workers):
    def test_recorded(self):
        """Every frame that was sent is counted, and by one of them only."""
        casniff = self.start()
        few = recording("few-cas.pcap")
        send(self.lab, few, count=100)
        self.wait_for(self.events, "handshake", 100)
        statistics = self.assert_told(casniff, 100, names_in(self.events))
        self.assertEqual(statistics["received"], 100 * len(few.frames))
        self.assertEqual(statistics["dropped"], 0)

    def test_fragments(self):
        """Each segment in two IPv4 fragments, of which the second has no ports."""
        casniff = self.start()
        with self.lab.raw_socket() as raw:
            for number in range(40):
                for frame in recording("few-cas.pcap").copy(number):
                    for piece in fragments_of(frame, number):
                        raw.send(piece)
        self.wait_for(self.events, "handshake", 40)
        self.assert_told(casniff, 40, names_in(self.events))

    def test_ipv6(self):
        """One side labels its flows, the other does not."""
        for side in ("a", "b"):  # the recorded segments fill their frames already
            ip("-n", side, "link", "set", "wire", "mtu", "2000")
        casniff = self.start()
        with self.lab.raw_socket() as raw:
            for number in range(40):
                for frame in recording("few-cas.pcap").copy(number):
                    raw.send(as_ipv6(frame, number + 1))
        self.wait_for(self.events, "handshake", 40)
        self.assert_told(casniff, 40, names_in(self.events))

    def test_evidence(self):
        """Of a server with a finding in each handshake some are saved, each from its SYN on."""
        path = self.out / "evidence.pcap"
        casniff = self.start("-w", path)
        send(self.lab, recording("founding-case.pcap"), count=30)
        self.wait_for(self.events, "handshake", 30)
        casniff.end()
        saved = {}
        for _, frame in packets_of(path):
            segment = frame[ETHERNET + (frame[ETHERNET] & 15) * 4:]
            saved.setdefault(frozenset((segment[:2], segment[2:4])), segment[13])
        counted = events_in(self.events, "stats")[-1]["stats"]["evidence"]
        note(f"evidence: {counted}")
        self.assertGreater(counted["skipped"], 0)
        self.assertEqual(counted["skipped"] + counted["handshakes"], 30)
        self.assertEqual(len(saved), counted["handshakes"])
        self.assertEqual({flags & SYN for flags in saved.values()}, {SYN})

    def test_statistics_and_link(self):
        """SIGUSR1 and what happens to the interface are told once, of all workers together."""
        casniff = self.start("--stats", "1")
        few = recording("few-cas.pcap")
        send(self.lab, few, count=20)
        self.wait_for(self.events, "handshake", 20)
        time.sleep(0.5)  # a worker tells its figures ten times a second
        casniff.send(signal.SIGUSR1)
        wait_until(casniff.times_told, "the statistics", 2)
        self.assertEqual(casniff.statistics()["captured"], 20 * len(few.frames))
        self.lab.set_link("down")
        self.wait_for(self.events, "capture", 1)
        self.lab.set_link("up")
        self.wait_for(self.events, "capture", 2)
        self.lab.wait_running()
        send(self.lab, few, first=20, count=20)
        self.wait_for(self.events, "handshake", 40)
        # The carrier may come, go and come again; told by two, a state would follow itself.
        states = [e["capture"]["state"] for e in events_in(self.events, "capture")]
        self.assertEqual(states, ["down", "up"] * max(1, len(states) // 2))
        self.assert_told(casniff, 40, names_in(self.events))

    def test_gone(self):
        casniff = self.start()
        send(self.lab, recording("few-cas.pcap"), count=10)
        self.wait_for(self.events, "handshake", 10)
        self.lab.disconnect()
        self.assertEqual(casniff.wait(), 75, casniff.told())
        self.assertEqual([e["capture"]["state"] for e in events_in(self.events, "capture")][-1],
                         "gone")
        self.lab.connect()

    def test_check(self):
        casniff = self.sniff("--check", "--duration", 2, awaited=False)
        casniff.until(lambda: "listening" in casniff.told() or len(children_of(casniff)) == WORKERS,
                      "its workers")
        time.sleep(1)
        send(self.lab, recording("few-cas.pcap"), count=10)
        self.assertEqual(casniff.wait(), 0, casniff.told() + casniff.printed())
        self.assertRegex(casniff.printed(), r"^CASNIFF OK")


class Confined(Workers):
    def assert_powerless(self, pid):
        text = Path(f"/proc/{pid}/status").read_text()
        status = {key: value.split() for key, _, value in
                  (line.partition(":") for line in text.splitlines())}
        for capabilities in CAPABILITIES:
            self.assertEqual(int(status[capabilities][0], 16), 0, capabilities)
        self.assertEqual((status["NoNewPrivs"], status["Seccomp"]), (["1"], ["2"]))
        self.assertEqual(set(status["Uid"]), {str(service_user().pw_uid)})

    def test_all(self):
        casniff = self.start()
        workers = children_of(casniff)
        self.assertEqual(len(workers), WORKERS)
        for pid in (casniff.pid, *workers):
            self.assert_powerless(pid)
        self.assertEqual(sockets_of(casniff.pid), 0, "it has packet sockets of the workers'")
        self.assertEqual([sockets_of(pid) for pid in workers], [1] * WORKERS)
        casniff.end()

    def test_killed(self):
        """The run ends, for its connections are gone; what was told stays, and is whole."""
        casniff = self.start()
        send(self.lab, recording("few-cas.pcap"), count=20)
        self.wait_for(self.events, "handshake", 20)
        os.kill(children_of(casniff)[1], signal.SIGKILL)
        self.assertEqual(casniff.wait(), 1, casniff.told())
        self.assertIn("worker 2 was ended by signal 9", casniff.told())
        events = events_in(self.events)
        self.assertEqual([e["event_seq"] for e in events], list(range(1, len(events) + 1)))
        self.assertEqual(len([e for e in events if e["event_type"] == "handshake"]), 20)
        self.assertEqual(events[-1]["event_type"], "stats")

    def test_orphans(self):
        """Workers do not outlive the one that they tell."""
        casniff = self.start()
        workers = children_of(casniff)
        casniff.process.kill()
        wait_until(lambda: not any(is_running(pid) for pid in workers), "their end", 5)

    def test_terminal(self):
        """Ctrl-C goes to all processes at once, and the end is as orderly."""
        casniff = self.start()
        workers = children_of(casniff)
        send(self.lab, recording("few-cas.pcap"), count=20)
        self.wait_for(self.events, "handshake", 20)
        for pid in (*workers, casniff.pid):
            os.kill(pid, signal.SIGINT)
        self.assertEqual(casniff.wait(), 0, casniff.told())
        self.assertEqual(casniff.statistics()["handshakes"], 20)


class Hosts(Workers):
    """Real handshakes."""

    has_addresses = True

    @need("openssl")
    def test_openssl(self):
        make_key(self.folder)
        store = Settings.pcaps / "founding-case-store.pem"
        port = free_ports(1)[0]
        self.keep(openssl_server(self.folder, port, first_of(store, 120, self.folder / "120.pem"),
                                 store))
        casniff = self.start()
        clients = [self.keep(start_client(self.folder, port, 10, 0)) for _ in range(4)]
        shake_hands(self.folder, port, 10)
        for client in clients:
            self.assertEqual(client.wait(), 0, client.told())
        self.wait_for(self.events, "handshake", 50)
        self.assert_told(casniff, 50, 120)


class Keys(check_keylog.Keys):
    """Each worker reads the growing key log by itself."""

    def sniff(self, *words, **more):
        return super().sniff("--workers", WORKERS, *words, **more)


def names_in(events):
    """As the one list has them that all recorded handshakes have."""
    return events_in(events, "handshake")[0]["ca_list"]["count"]


def children_of(program):
    pid = program.pid
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def is_running(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def sockets_of(pid):
    """Of its descriptors."""
    links = [os.readlink(path) for path in Path(f"/proc/{pid}/fd").iterdir()]
    return sum(link.startswith("socket:") for link in links)


def fragments_of(frame, number):
    """The frame, its payload in two pieces where that can be."""
    ethernet, packet = frame[:ETHERNET], frame[ETHERNET:]
    head_len = (packet[0] & 15) * 4
    head, payload = packet[:head_len], packet[head_len:]
    middle = len(payload) // 2 & ~7
    pieces = [(0, payload[:middle], MORE_FRAGMENTS), (middle, payload[middle:], 0)]
    for at, piece, flags in pieces if middle >= 8 else [(0, payload, 0)]:
        words = head[:2] + struct.pack("!HHH", head_len + len(piece),
                                       (number * 997 + sum16(payload)) & 0xffff,
                                       flags | at // 8) + head[8:10]
        total = checksum(sum16(words) + sum16(head[12:]))
        yield ethernet + words + total.to_bytes(2, "big") + head[12:] + piece


def as_ipv6(frame, label):
    """The same segment between IPv6 addresses; the client's has a flow label."""
    packet = frame[ETHERNET:]
    head_len = (packet[0] & 15) * 4
    segment = packet[head_len:int.from_bytes(packet[2:4], "big")]
    source, dest = (bytes.fromhex("20010db8") + bytes(8) + packet[at:at + 4] for at in (12, 16))
    is_client = int.from_bytes(segment[:2], "big") > int.from_bytes(segment[2:4], "big")
    head = struct.pack("!IHBB", 6 << 28 | (label if is_client else 0), len(segment),
                       socket.IPPROTO_TCP, 64)
    pseudo = source + dest + struct.pack("!II", len(segment), socket.IPPROTO_TCP)
    total = checksum(sum16(pseudo) + sum16(segment[:16]) + sum16(segment[18:]))
    return (frame[:12] + b"\x86\xdd" + head + source + dest + segment[:16] +
            total.to_bytes(2, "big") + segment[18:])


if __name__ == "__main__":
    main()
