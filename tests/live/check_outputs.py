#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Trouble with the output costs no packet and tears no line: full disks, stalled and closed
readers, short writes, rotation (rows O03 to O07 of the catalogue)."""
import fcntl
import json
import os
import random
import re
import signal
import subprocess
import threading
import time

from live_case import LiveCase, Settings, main, note, recording
from private import mount
from program import Program, lines_of, long_or_short, read_some, wait_until
from recorded import Load, send

QUEUE = 4 << 20  # bytes that wait for a slow reader


class Outputs(LiveCase):
    def setUp(self):
        super().setUp()
        self.few = recording("few-cas.pcap")
        self.events = self.out / "events.json"

    def load(self, per_second, what=None, **more):
        load = Load(self.lab, what or self.few, per_second, **more)
        self.addCleanup(load.stop)
        return load

    def assert_whole(self, lines):
        """Every line is an event, in order, none twice: those events."""
        events = [json.loads(line) for line in lines]
        numbers = [event["event_seq"] for event in events]
        self.assertEqual(numbers, sorted(set(numbers)))
        return events

    def assert_gapless(self, lines):
        events = self.assert_whole(lines)
        self.assertEqual([e["event_seq"] for e in events], list(range(1, len(events) + 1)))
        return events

    def assert_no_loss(self, statistics, load):
        """Every frame that was sent was captured."""
        self.assertEqual(statistics["dropped"], 0)
        self.assertEqual(statistics["captured"], load.frames)


class O03FullDisk(Outputs):
    def test_dev_full(self):
        casniff = self.sniff("-T", "json:/dev/full", "-T", f"json:{self.events}")
        load = self.load(200)
        time.sleep(long_or_short(70, 3))
        self.assertTrue(casniff.is_running(), casniff.told())
        load.stop()
        self.wait_for(self.events, "handshake", load.sent)
        complaints = [line for line in casniff.told().splitlines() if "/dev/full" in line]
        self.assertTrue(1 <= len(complaints) <= long_or_short(3, 2), complaints)
        casniff.stop()
        self.assert_no_loss(casniff.statistics(), load)
        self.assert_gapless(lines_of(self.events))

    def test_tmpfs(self):
        small = self.folder / "small"
        small.mkdir()
        mount("-t", "tmpfs", "-o", "size=1m", "tmpfs", small)
        self.make_out(small)
        self.addCleanup(subprocess.run, ["umount", "-l", small], check=True)
        ballast = small / "ballast"
        with open(ballast, "wb") as file:
            os.posix_fallocate(file.fileno(), 0, 900 << 10)
        events = small / "events.json"
        casniff = self.sniff("-T", f"json:{events}")
        load = self.load(100)
        wait_until(lambda: self.is_full(small), "the file system is full")
        time.sleep(1)
        size = events.stat().st_size
        ballast.unlink()
        start = time.monotonic()
        wait_until(lambda: events.stat().st_size > size, "recovery", 5)
        recovery = time.monotonic() - start
        note(f"the first bytes {recovery * 1000:.0f} ms after there was space again")
        self.assertLess(recovery, 1.0)
        time.sleep(0.5)
        load.stop()
        code, _ = casniff.stop()
        self.assertIn(code, (0, 1), casniff.told())
        self.assert_no_loss(casniff.statistics(), load)
        told = self.assert_whole(lines_of(events))
        self.assertGreater(len(told), 100)

    def is_full(self, folder):
        return os.statvfs(folder).f_bavail == 0


class O04ClosedReader(Outputs):
    def test_head(self):
        read_end, write_end = os.pipe()
        casniff = self.sniff("--json", "-l", stdout=write_end)
        os.close(write_end)
        head = self.keep(Program(self.folder, ["head", "-1"], stdin=read_end))
        os.close(read_end)
        send(self.lab, self.few)
        self.assertEqual(head.wait(), 0)
        json.loads(head.printed())
        send(self.lab, self.few, first=1)
        self.assertIn(casniff.wait(2), (0,))
        self.assertNotIn("pipe", casniff.told().lower())


class O05StalledReader(Outputs):
    STALL_S = long_or_short(60, 5)

    def test_nothing_is_lost_but_what_is_counted(self):
        read_end, write_end = os.pipe()
        casniff = self.sniff("--json", "--stats", "1", stdout=write_end)
        os.close(write_end)
        load = self.load(1500)
        time.sleep(self.STALL_S)
        load.stop()
        time.sleep(0.5)
        self.assert_all_captured(casniff, load)
        with open(read_end, "rb") as reader:
            text = []
            drain = threading.Thread(target=lambda: text.append(reader.read()))
            drain.start()
            code, took = casniff.stop()
            drain.join()
        self.assertEqual(code, 0, casniff.told())
        self.assertLess(took, 2)
        events = self.assert_whole(text[0].splitlines())
        self.assertGreater(len(text[0]), QUEUE // 2)
        self.assert_drops_are_counted(casniff, events, load)

    def assert_all_captured(self, casniff, load):
        casniff.send(signal.SIGUSR1)
        wait_until(casniff.times_told, "the statistics", 2)
        self.assert_no_loss(casniff.statistics(), load)
        note(f"{load.frames} frames in {self.STALL_S} s, none dropped by the kernel")

    def assert_drops_are_counted(self, casniff, events, load):
        stats = events[-1]["stats"]
        missing = events[-1]["event_seq"] - len(events)
        self.assertGreater(missing, 0)
        self.assertEqual(stats["output"]["events_dropped"], missing)
        told = re.search(r"(\d+) of (\d+) events could not be written", casniff.told())
        self.assertIsNotNone(told, casniff.told())
        self.assertEqual([int(number) for number in told.groups()],
                         [missing, missing + len(events)])
        handshakes = sum(e["event_type"] == "handshake" for e in events)
        note(f"{handshakes} of {load.sent} handshakes were written, {missing} events dropped")


class O05StalledErrors(Outputs):
    def test_standard_error_is_never_waited_for(self):
        pipe = self.folder / "errors"
        os.mkfifo(pipe)
        reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
        self.addCleanup(os.close, reader)
        fcntl.fcntl(reader, 1031, 4096)  # F_SETPIPE_SZ
        casniff = self.sniff("-T", f"json:{self.events}", interface=("-i", "wire"),
                             before=["sh", "-c", f'exec "$@" 2>"{pipe}"', "sh"],
                             awaited=False)
        first = wait_until(lambda: read_some(reader), "it listens")
        self.assertTrue(first.startswith(b"casniff: listening"), first)
        for _ in range(100):
            casniff.send(signal.SIGUSR1)
            time.sleep(0.01)
        send(self.lab, self.few)
        self.wait_for(self.events, "handshake", 1, seconds=5)
        os.read(reader, 65536)
        casniff.send(signal.SIGUSR1)
        time.sleep(0.5)
        said = os.read(reader, 65536)
        self.assertRegex(said, rb"casniff: standard error was not read: \d+ times ")
        self.assertTrue(said.endswith(b" alerts\n"), said)
        for _ in range(100):
            casniff.send(signal.SIGUSR1)
            time.sleep(0.01)
        code, seconds = casniff.stop()
        self.assertEqual(code, 0)
        self.assertLess(seconds, 2.5)


class O06ShortWrites(Outputs):
    COUNT = long_or_short(50000, 5000)

    def test_lines_stay_whole(self):
        read_end, write_end = os.pipe()
        fcntl.fcntl(read_end, fcntl.F_SETPIPE_SZ, 4096)
        casniff = self.sniff("--json", stdout=write_end)
        os.close(write_end)
        text = bytearray()
        reader = threading.Thread(target=read_oddly, args=(read_end, text))
        reader.start()
        # Each server's list is an event much longer than the pipe.
        load = self.load(200, recording("founding-case.pcap"), limit=self.COUNT // 10,
                         server_of=lambda n: f"198.18.{n // 250}.{n % 250 + 1}")
        load.join(300)
        casniff.end()
        reader.join()
        events = self.assert_gapless(bytes(text).splitlines())
        lists = sum(e["event_type"] == "ca_list" for e in events)
        self.assertEqual(lists, load.sent)
        note(f"{len(events)} events, {len(text)} bytes through a pipe of 4 KiB, none torn")


def read_oddly(descriptor, text):
    dice = random.Random(1)
    with open(descriptor, "rb", buffering=0) as file:
        while True:
            chunk = file.read(dice.randrange(1, 5000))
            if not chunk:
                return
            text += chunk


class O07Rotation(Outputs):
    TIMES = 1000

    def test_no_line_is_lost(self):
        casniff = self.sniff("-T", f"json:{self.events}")
        load = self.load(500)
        start = time.monotonic()
        for number in range(self.TIMES):
            self.rotate(casniff, number)
        note(f"{self.TIMES} rotations in {time.monotonic() - start:.1f} s")
        load.stop()
        self.assert_no_loss(casniff.end(), load)
        files = [self.rotated(n) for n in range(self.TIMES)] + [self.events]
        events = self.assert_gapless([line for path in files for line in whole_lines(path)])
        self.assertEqual(sum(e["event_type"] == "handshake" for e in events), load.sent)

    def test_folder_of_somebody_else(self):
        """No new file can be made there: what was renamed is written to, and that is said."""
        events = self.folder / "events.json"
        casniff = self.sniff("-T", f"json:{events}")
        load = self.load(200)
        self.wait_for(events, "handshake", 1)
        renamed = events.rename(self.folder / "renamed.json")
        casniff.send(signal.SIGHUP)
        casniff.until(lambda: "renamed" in casniff.told() or "again" in casniff.told(),
                      "it says so", 2)
        load.stop()
        self.assert_no_loss(casniff.end(), load)
        self.assertFalse(events.exists())
        told = self.assert_gapless(lines_of(renamed))
        self.assertEqual(sum(e["event_type"] == "handshake" for e in told), load.sent)

    def test_evidence(self):
        """-w is rotated like the reports, and whole after SIGUSR2."""
        evidence = self.out / "evidence.pcap"
        casniff = self.sniff("-T", f"json:{self.events}", "-w", evidence)
        for number in range(5):
            send(self.lab, recording("founding-case.pcap"), first=number)
            self.wait_for(self.events, "handshake", number + 1)
            casniff.send(signal.SIGUSR2)
            time.sleep(0.2)
            self.assertEqual(len(self.lists_of(evidence)), 1)
            evidence.rename(self.out / f"evidence.{number}.pcap")
            casniff.send(signal.SIGHUP)
            wait_until(evidence.exists, "a new file", 5)
        casniff.end()

    def lists_of(self, capture):
        done = subprocess.run([Settings.casniff, "-r", capture, "--json"], check=True,
                              capture_output=True, timeout=20)
        events = [json.loads(line) for line in done.stdout.splitlines()]
        return [event for event in events if event["event_type"] == "ca_list"]

    def rotated(self, number):
        return self.out / f"events.{number}.json"

    def rotate(self, casniff, number):
        """As logrotate does without `create`."""
        self.events.rename(self.rotated(number))
        casniff.send(signal.SIGHUP)
        wait_until(self.events.exists, lambda: f"a new file: {casniff.told()}", 5)


def whole_lines(path):
    text = path.read_bytes()
    assert not text or text.endswith(b"\n"), f"{path} ends within a line"
    return text.splitlines()


if __name__ == "__main__":
    main()
