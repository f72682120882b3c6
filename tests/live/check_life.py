#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""How casniff ends, is killed and comes back, and what becomes of it when its interface goes
away (rows O08 to O11, O14 and O15 of the catalogue)."""
import json
import os
import signal
import time

from lab import ip
from live_case import LiveCase, Settings, main, need, note, recording
from program import lines_of, long_or_short, wait_until
from recorded import Load, send
from sniffer import count_in, events_in

INTERFACE_GONE = 75


class Life(LiveCase):
    def setUp(self):
        super().setUp()
        self.few = recording("few-cas.pcap")
        self.events = self.out / "events.json"

    def load(self, per_second, **more):
        load = Load(self.lab, self.few, per_second, **more)
        self.addCleanup(load.stop)
        return load


class O08End(Life):
    def end_under_load(self, number):
        casniff = self.sniff("-T", f"json:{self.events}")
        load = self.load(1000)
        time.sleep(1)
        sent = load.sent
        code, took = casniff.stop(number, 5)
        note(f"{signal.Signals(number).name}: ended after {took * 1000:.0f} ms under load")
        self.assertEqual(code, 0, casniff.told())
        self.assertLess(took, 2)
        self.assertEqual(casniff.times_told(), 1)
        events = [json.loads(line) for line in self.events.read_bytes().splitlines()]
        self.assertEqual(events[-1]["event_type"], "stats")
        handshakes = sum(e["event_type"] == "handshake" for e in events)
        self.assertGreaterEqual(handshakes, sent)

    def test_term(self):
        self.end_under_load(signal.SIGTERM)

    def test_int(self):
        self.end_under_load(signal.SIGINT)

    def test_command_that_does_not_end(self):
        casniff = self.sniff("-T", f"json:{self.events}", "--alert-exec", "sleep 60")
        send(self.lab, recording("founding-case.pcap"))
        self.wait_for(self.events, "alert", 1)
        code, took = casniff.stop(signal.SIGTERM, 5)
        note(f"ended after {took * 1000:.0f} ms, with a command that sleeps")
        self.assertEqual(code, 0, casniff.told())
        self.assertLess(took, 2)

    def test_second_int_ends_at_once(self):
        """The first one waits for a reader that never reads, two seconds at most."""
        for second_int, limit in ((False, 2.5), (True, 0.5)):
            with self.subTest(second_int=second_int):
                self.end_with_stalled_reader(second_int, limit)

    def end_with_stalled_reader(self, second_int, limit):
        read_end, write_end = os.pipe()
        casniff = self.sniff("--json", stdout=write_end)
        os.close(write_end)
        self.load(1000, limit=1000).join(20)
        time.sleep(0.2)
        start = time.monotonic()
        casniff.send(signal.SIGINT)
        if second_int:
            time.sleep(0.1)
            casniff.send(signal.SIGINT)
        code = casniff.wait(10)
        took = time.monotonic() - start
        os.close(read_end)
        note(f"exit {code} after {took * 1000:.0f} ms, second INT: {second_int}")
        self.assertLess(took, limit)


class O09Kill(Life):
    def test_goes_on_where_it_was_killed(self):
        state = self.out / "state"
        words = ["-T", f"json:{self.events}", "--state", state,
                 "-t", Settings.pcaps / "founding-case-store.pem"]
        casniff = self.sniff(*words)
        founding = recording("founding-case.pcap")
        send(self.lab, founding, server="198.18.0.1")
        self.wait_for(self.events, "alert", 1)
        load = self.load(500)
        time.sleep(2.5)
        wait_until(lambda: state.exists() and state.stat().st_size, "the state", 60)
        casniff.process.kill()
        killed_at = time.monotonic()
        casniff.process.wait()
        load.stop()
        self.assert_little_was_lost(load, killed_at)
        with open(self.events, "ab") as file:
            file.write(b'{"v":1,"torn":"in the mid')  # as a write that the kill cut short
        alerts = count_in(self.events, "alert")
        torn_at = self.events.stat().st_size
        again = self.sniff(*words)
        send(self.lab, founding, first=100000, server="198.18.0.1")
        self.wait_after(torn_at, "handshake")
        again.end()
        self.assert_fresh_line(torn_at)
        self.assertEqual(count_in(self.events, "alert"), alerts, "an alert was repeated")

    def wait_after(self, offset, event_type):
        mark = f'"event_type":"{event_type}"'.encode()
        wait_until(lambda: mark in self.events.read_bytes()[offset:], f"a {event_type} event")

    def assert_little_was_lost(self, load, killed_at):
        due = sum(end < killed_at - 1 for end in load.ended_at)
        written = count_in(self.events, "handshake") - 1
        note(f"killed: {written} handshakes are in the file, {due} were older than a second")
        self.assertGreaterEqual(written, due)

    def assert_fresh_line(self, torn_at):
        rest = self.events.read_bytes()[torn_at:]
        self.assertEqual(rest[:1], b"\n", "the torn line is continued")
        for line in rest[1:].splitlines():
            json.loads(line)


class O10Link(Life):
    CYCLES = long_or_short(100, 5)

    def test_down_and_up(self):
        self.lab.wait_running()
        casniff = self.sniff("-T", f"json:{self.events}")
        worst = 0
        for cycle in range(self.CYCLES):
            self.lab.set_link("down")
            time.sleep(0.1 + 0.01 * cycle % 7)
            self.lab.set_link("up")
            worst = max(worst, self.seconds_to_the_next(cycle * 1000))
        note(f"{self.CYCLES} cycles, at most {worst * 1000:.0f} ms from up to the first event")
        self.assertLess(worst, 2)
        cpu = casniff.cpu_s()
        self.lab.set_link("down")
        time.sleep(2)
        self.assertLess(casniff.cpu_s() - cpu, 0.2, "it spins while the link is down")
        self.wait_for_state("down")
        self.lab.set_link("up")
        self.wait_for_state("up")
        statistics = casniff.end()
        self.assertEqual(statistics["received"], statistics["captured"] + statistics["dropped"])

    def wait_for_state(self, state):
        """The last thing told of the interface."""
        def is_told():
            told = events_in(self.events, "capture")
            return told and told[-1]["capture"]["state"] == state
        wait_until(is_told, f"the interface is {state}", 5)

    def seconds_to_the_next(self, first):
        """From now to an event of a connection that is sent from now on, again and again."""
        start, before = time.monotonic(), count_in(self.events, "handshake")
        for number in range(first, first + 100):
            send(self.lab, self.few, first=number)
            try:
                wait_until(lambda: count_in(self.events, "handshake") > before, "an event", 0.05)
                break
            except AssertionError:
                continue
        self.assertGreater(count_in(self.events, "handshake"), before, "no event in 5 s")
        return time.monotonic() - start

    def test_removed_and_added_again(self):
        casniff = self.sniff("-T", f"json:{self.events}")
        send(self.lab, self.few)
        self.wait_for(self.events, "handshake", 1)
        self.lab.disconnect()
        time.sleep(0.5)
        self.lab.connect()
        try:
            waited = self.seconds_to_the_next(1000)
        except AssertionError:
            self.assertEqual(casniff.wait(5), INTERFACE_GONE, casniff.told())
            note("exit 75: the rights to open the interface again are gone")
        else:
            note(f"captures again {waited * 1000:.0f} ms after the interface was added again")
            self.assertLess(waited, 2)
            casniff.end()
        gone = [e for e in events_in(self.events, "capture") if e["capture"]["state"] == "gone"]
        self.assertEqual(len(gone), 1, lines_of(self.events)[-2:])

    def test_removed_and_added_again_with_rights(self):
        """Who keeps the rights, unwisely, is back by himself."""
        casniff = self.sniff("-T", f"json:{self.events}", "--sandbox", "off", "-Z", "root")
        self.lab.disconnect()
        time.sleep(0.5)
        self.lab.connect()
        waited = self.seconds_to_the_next(0)
        note(f"captures again {waited * 1000:.0f} ms after the interface was added again")
        self.assertLess(waited, 2)
        casniff.end()
        states = [e["capture"]["state"] for e in events_in(self.events, "capture")]
        self.assertEqual([s for s in states if s in ("gone", "back")], ["gone", "back"])

    def test_renamed(self):
        """Older kernels rename only what is down, which libpcap then takes for gone."""
        self.lab.wait_running()
        casniff = self.sniff("-T", f"json:{self.events}")
        self.lab.set_link("down")
        ip("-n", "b", "link", "set", "wire", "name", "cable")
        ip("-n", "b", "link", "set", "cable", "up")
        try:
            self.assertEqual(casniff.wait(3), INTERFACE_GONE, casniff.told())
        finally:
            ip("-n", "b", "link", "set", "cable", "down")
            ip("-n", "b", "link", "set", "cable", "name", "wire")
        states = [e["capture"]["state"] for e in events_in(self.events, "capture")]
        self.assertEqual(states[-1:], ["gone"])

    def test_idle_link_tells_statistics(self):
        casniff = self.sniff("-T", f"json:{self.events}")
        casniff.send(signal.SIGUSR1)
        wait_until(casniff.times_told, "the statistics", 1)
        self.assertEqual(casniff.statistics()["captured"], 0)
        casniff.end()


class O11Flood(Life):
    def test_received_is_processed_and_dropped(self):
        """With the smallest buffer, and stopped for a while so that it overflows for certain."""
        before = self.lab.counters("b")["rx"]["packets"]
        casniff = self.sniff("-T", f"json:{self.events}", "-B", "64")
        load = self.load(1e9)
        for _ in range(long_or_short(20, 4)):
            casniff.send(signal.SIGSTOP)
            time.sleep(0.3)
            casniff.send(signal.SIGCONT)
            time.sleep(0.2)
        load.stop()
        time.sleep(1)
        statistics = casniff.end()
        arrived = self.lab.counters("b")["rx"]["packets"] - before
        note(f"{arrived} frames arrived: {statistics}")
        self.assertGreater(statistics["dropped"], 0)
        self.assertEqual(statistics["received"], statistics["captured"] + statistics["dropped"])
        self.assertEqual(statistics["received"], arrived)
        self.assert_event_agrees(statistics)

    def assert_event_agrees(self, statistics):
        capture = events_in(self.events, "stats")[-1]["stats"]["capture"]
        self.assertEqual(capture["kernel_packets"], statistics["received"])
        self.assertEqual(capture["kernel_drops"], statistics["dropped"])
        self.assertEqual(capture["frames"], statistics["captured"])


class O14Limits(Life):
    AS_BYTES = 128 << 20

    @need("prlimit")
    def test_few_files_and_little_memory(self):
        casniff = self.sniff("-T", f"json:{self.events}", "--memory", "32",
                             before=["prlimit", "--nofile=16", f"--as={self.AS_BYTES}"])
        load = self.load(1000)
        time.sleep(2)
        load.stop()
        self.wait_for(self.events, "handshake", load.sent)
        self.assertEqual(casniff.end()["captured"], load.frames)


class O15Two(Life):
    def test_two_at_once(self):
        others = self.out / "others.json"
        both = [self.sniff("-T", f"json:{path}") for path in (self.events, others)]
        load = self.load(200)
        time.sleep(1)
        load.stop()
        for casniff in both:
            self.assertEqual(casniff.end()["captured"], load.frames)
        for path in self.events, others:
            self.assertEqual(count_in(path, "handshake"), load.sent)


if __name__ == "__main__":
    main()
