#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What is captured: which interfaces, which direction, which packets, for how long."""
import json
import subprocess
import time

from lab import ip
from live_case import LiveCase, Settings, main, recording
from recorded import packets_of, send
from sniffer import events_in

ANY_FRAME = 18  # frames of the recorded connection


class Capture(LiveCase):
    def setUp(self):
        super().setUp()
        self.few = recording("few-cas.pcap")
        self.events = self.out / "events.json"
        self.report = ["-T", f"json:{self.events}"]

    def casniff(self, *words):
        """A run that ends by itself: exit code, output, errors."""
        done = subprocess.run(["ip", "netns", "exec", "b", Settings.casniff, *words], check=False,
                              capture_output=True, text=True, timeout=20,
                              stdin=subprocess.DEVNULL)
        return done.returncode, done.stdout, done.stderr


class Interfaces(Capture):
    def interfaces_of(self, casniff, count=1):
        self.wait_for(self.events, "handshake", count)
        casniff.end()
        return [e["in_iface"] for e in events_in(self.events, "handshake")]

    def test_one(self):
        casniff = self.sniff(*self.report)
        send(self.lab, self.few)
        self.assertEqual(self.interfaces_of(casniff), ["wire"])

    def test_two(self):
        """A connection on each, and one of which each interface sees one direction: which ring
        is read first is not ours to say, but nothing of it is missing."""
        ip("-n", "b", "link", "add", "left", "type", "veth", "peer", "name", "right")
        for name in ("left", "right"):
            ip("-n", "b", "link", "set", name, "up")
        casniff = self.sniff("-i", "left", *self.report)
        send(self.lab, self.few)
        with self.lab.raw_socket("b", "right") as right, self.lab.raw_socket() as wire:
            for frame in self.few.copy(1):
                right.send(frame)
            replies = [f.is_reply for f in self.few.frames]
            for frame, is_reply in zip(self.few.copy(2), replies):
                (right if is_reply else wire).send(frame)
                time.sleep(0.01)
        self.assertLessEqual({"left", "wire"}, set(self.interfaces_of(casniff, 3)))
        found = [e["ca_list"]["capture"] for e in events_in(self.events, "handshake")]
        self.assertEqual(found, ["complete"] * 3)

    def test_any(self):
        casniff = self.sniff("-i", "any", *self.report, interface=())
        send(self.lab, self.few)
        self.wait_for(self.events, "handshake", 1)
        casniff.end()

    def test_default(self):
        casniff = self.sniff(*self.report, interface=())
        send(self.lab, self.few)
        self.wait_for(self.events, "handshake", 1)
        self.assertIn("wire", casniff.told())
        casniff.end()

    def test_lists(self):
        code, printed, _ = self.casniff("-D")
        self.assertEqual(code, 0)
        self.assertRegex(printed, r"(?m)^\d+\.wire\b.*Up")
        self.assertRegex(printed, r"(?m)^\d+\.lo\b.*Loopback")
        code, printed, _ = self.casniff("-L", "-i", "wire")
        self.assertEqual(code, 0)
        self.assertIn("EN10MB", printed)

    def test_promiscuous_mode(self):
        for words, wanted in (((), 1), (("-p",), 0)):
            casniff = self.sniff(*words, *self.report)
            link, = json.loads(ip("-n", "b", "-d", "-j", "link", "show", "wire"))
            self.assertEqual(link["promiscuity"], wanted)
            casniff.end()
        link, = json.loads(ip("-n", "b", "-d", "-j", "link", "show", "wire"))
        self.assertEqual(link["promiscuity"], 0)


class Packets(Capture):
    def count(self, *words, sent=None):
        """How many packets it captures of one connection and of something else."""
        casniff = self.sniff(*words)
        with self.lab.raw_socket() as raw:
            for frame in sent or self.few.copy(0):
                raw.send(frame)
        return casniff.end()["captured"]

    def test_default_filter(self):
        """TCP, also in a VLAN, and fragments; not ARP."""
        arp = b"\xff" * 6 + b"\x02" * 6 + b"\x08\x06" + bytes(46)
        frame = next(self.few.copy(0))
        fragment = frame[:20] + b"\x00\xb9" + frame[22:]
        tagged = [f for _, f in packets_of(Settings.pcaps / "vlan.pcap")]
        self.assertEqual(self.count(*self.report, sent=[arp] * 5), 0)
        self.assertEqual(self.count(*self.report, sent=[fragment] * 3), 3)
        self.assertEqual(self.count(*self.report, sent=tagged), len(tagged))
        self.assertEqual(len(events_in(self.events, "handshake")), 1)

    def test_own_filter(self):
        self.assertEqual(self.count(*self.report, "tcp", "port", "443"), ANY_FRAME)
        self.assertEqual(self.count(*self.report, "tcp", "port", "444"), 0)

    def test_direction(self):
        self.assertEqual(self.count("-Q", "in", *self.report), ANY_FRAME)
        self.assertEqual(self.count("-Q", "out", *self.report), 0)

    def test_short_packets_are_incomplete(self):
        casniff = self.sniff("-s", "200", *self.report)
        send(self.lab, self.few)
        self.wait_for(self.events, "handshake", 1)
        casniff.end()
        found = events_in(self.events, "handshake")[0]
        self.assertNotEqual(found.get("ca_list", {}).get("capture"), "complete")


class Ends(Capture):
    def test_count(self):
        casniff = self.sniff("-c", "10", *self.report)
        send(self.lab, self.few)
        self.assertEqual(casniff.wait(5), 0)
        self.assertEqual(casniff.statistics()["captured"], 10)

    def test_duration(self):
        start = time.monotonic()
        casniff = self.sniff("--duration", "2", *self.report)
        self.assertEqual(casniff.wait(5), 0)
        took = time.monotonic() - start
        self.assertTrue(2 <= took < 4, took)


class Plugin(Capture):
    """--check, as a monitoring system runs it."""

    def check(self, *words, sends=None):
        """Exit code and the first line, of a check of two seconds."""
        casniff = self.sniff("--check", "--duration", "2", *words)
        if sends:
            send(self.lab, sends)
        code = casniff.wait(10)
        lines = casniff.printed().splitlines()
        self.assertEqual(len(lines), 1, lines)
        self.assertLessEqual(len(lines[0].partition(" | ")[0]), 80)
        return code, lines[0]

    def test_nothing_seen_is_unknown(self):
        code, line = self.check()
        self.assertEqual(code, 3)
        self.assertIn("UNKNOWN", line)

    def test_cut_list_is_critical(self):
        code, line = self.check("-t", Settings.pcaps / "founding-case-store.pem",
                                sends=recording("founding-case.pcap"))
        self.assertEqual(code, 2)
        self.assertIn("CRITICAL", line)

    def test_short_list_is_ok(self):
        code, line = self.check(sends=self.few)
        self.assertEqual(code, 0)
        self.assertIn("OK", line)

    def test_over_the_state_file(self):
        state = self.out / "state"
        casniff = self.sniff(*self.report, "--state", state)
        send(self.lab, recording("founding-case.pcap"))
        self.wait_for(self.events, "handshake", 1)
        casniff.end()
        code, printed, _ = self.casniff("--check", "--state", state)
        self.assertIn(code, (1, 2))
        self.assertIn("192.0.2.20:443", printed)
        self.assertRegex(printed, r"'age'=\d+s;300;300")

    def test_with_something_to_look_at_the_state_is_not_all(self):
        """The default interface sees nothing: what the file holds is not the answer."""
        state = self.out / "state"
        self.sniff(*self.report, "--state", state).end()
        for words in (["--duration", "1"], ["--duration", "1", "tcp", "port", "443"]):
            code, printed, _ = self.casniff("--check", "--state", state, *words)
            self.assertEqual(code, 3)
            self.assertIn("not one packet was seen", printed)


if __name__ == "__main__":
    main()
