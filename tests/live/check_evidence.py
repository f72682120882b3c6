#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""-w over restarts, rotation and pipes: what was saved once stays, and every file is whole."""
import fcntl
import os
import signal
import struct
import time

from live_case import LiveCase, main, recording
from program import read_some, wait_until
from recorded import packets_of, send

FAILED = 1
HEADER = struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 262144, 1)
F_SETPIPE_SZ = 1031


class Evidence(LiveCase):
    def setUp(self):
        super().setUp()
        self.path = self.out / "findings.pcap"
        self.events = self.out / "events.json"
        self.case = recording("founding-case.pcap")
        self.handshakes = 0

    def start(self, *words, path=None):
        return self.sniff("-T", f"json:{self.events}", "-w", path or self.path, *words)

    def find(self):
        """One handshake with a finding."""
        self.handshakes += 1
        send(self.lab, self.case, first=self.handshakes)
        self.wait_for(self.events, "handshake", self.handshakes)

    def run_once(self):
        casniff = self.start()
        self.find()
        casniff.end()

    def packets(self, path=None):
        return len(list(packets_of(path or self.path)))

    def refused(self, code, *words):
        """The one sentence of a start that must fail."""
        casniff = self.sniff("-T", f"json:{self.events}", *words, awaited=False)
        got = casniff.wait()
        self.assertEqual(got, code, casniff.told())
        self.assertEqual(len(casniff.told().splitlines()), 1, casniff.told())
        return casniff.told()

    def test_a_restart_appends(self):
        self.run_once()
        once = self.packets()
        self.assertGreater(once, 0)
        self.run_once()
        self.assertEqual(self.packets(), 2 * once)

    def test_a_torn_end_is_cut_off(self):
        self.run_once()
        once = self.packets()
        whole = self.path.read_bytes()
        self.path.write_bytes(whole[:-5])
        self.run_once()
        self.assertEqual(self.packets(), 2 * once - 1)
        self.path.write_bytes(whole + bytes(1000))
        self.run_once()
        self.assertEqual(self.packets(), 2 * once)

    def test_what_is_something_else_is_set_aside(self):
        self.path.write_bytes(b"notes")
        self.run_once()
        once = self.packets()
        self.assertEqual((self.out / "findings.pcap.old").read_bytes(), b"notes")
        other = HEADER[:20] + struct.pack("<I", 113)
        self.path.write_bytes(other)
        self.run_once()
        self.assertEqual(self.packets(), once)
        self.assertEqual((self.out / "findings.pcap.old2").read_bytes(), other)

    def test_a_start_that_fails_costs_nothing(self):
        self.run_once()
        saved = self.path.read_bytes()
        self.assertIn("state", self.refused(FAILED, "-w", self.path, "--state",
                                            self.folder / "no" / "state"))
        self.assertEqual(self.path.read_bytes(), saved)

    def test_two_do_not_share_a_file(self):
        casniff = self.start()
        self.assertIn("another casniff", self.refused(FAILED, "-w", self.path))
        casniff.end()

    def test_rotation(self):
        """Both files are captures, and together they have everything."""
        casniff = self.start()
        self.find()
        self.path.rename(self.out / "findings.pcap.1")
        self.find()
        casniff.send(signal.SIGHUP)
        wait_until(self.path.exists, "a new file")
        self.find()
        casniff.send(signal.SIGHUP)  # nothing was renamed: nothing happens
        self.find()
        casniff.end()
        self.assertEqual(self.packets(self.out / "findings.pcap.1"), self.packets())

    def test_rotation_to_a_file_that_is_there(self):
        casniff = self.start()
        self.find()
        self.path.rename(self.out / "findings.pcap.1")
        self.path.write_bytes(b"notes")
        os.chown(self.path, self.out.stat().st_uid, self.out.stat().st_gid)
        casniff.send(signal.SIGHUP)
        old = self.out / "findings.pcap.old"
        wait_until(old.exists, "the notes are set aside")
        self.find()
        casniff.end()
        self.assertEqual(old.read_bytes(), b"notes")
        self.assertEqual(self.packets(self.out / "findings.pcap.1"), self.packets())

    def test_a_pipe_without_a_reader(self):
        os.mkfifo(self.out / "pipe")
        self.assertIn("nobody reads", self.refused(FAILED, "-w", self.out / "pipe"))

    def test_a_pipe_with_a_slow_reader(self):
        """Frames are lost and counted, but neither packets nor SIGTERM wait; what the reader gets
        is a whole capture."""
        pipe = self.out / "pipe"
        os.mkfifo(pipe)
        os.chown(pipe, self.out.stat().st_uid, self.out.stat().st_gid)
        reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
        self.addCleanup(os.close, reader)
        fcntl.fcntl(reader, F_SETPIPE_SZ, 4096)
        casniff = self.start(path=pipe)
        for _ in range(3):
            self.find()
        self.assertIn("reader is too slow", casniff.told())
        self.assertEqual(casniff.told().count("cannot write"), 1)
        got = bytearray()
        wait_until(lambda: drained(reader, got), "the pipe is empty", seconds=5, every=0.1)
        self.find()  # more than the pipe holds: it is read meanwhile
        wait_until(lambda: got.extend(read_some(reader)) or
                   "is written again" in casniff.told(), "it is told")
        started = time.monotonic()
        casniff.send(signal.SIGTERM)
        while casniff.is_running() and time.monotonic() - started < 5:
            drained(reader, got)
            time.sleep(0.01)
        self.assertLess(time.monotonic() - started, 2.5)
        casniff.wait()
        drained(reader, got)
        copy = self.folder / "copy.pcap"
        copy.write_bytes(got)
        self.assertEqual(len(got), 24 + sum(16 + len(frame) for _, frame in packets_of(copy)))


def drained(reader, got):
    """Nothing has come for two of casniff's seconds' ticks."""
    quiet = 0
    while quiet < 12:
        part = read_some(reader)
        got += part
        quiet = 0 if part else quiet + 1
        time.sleep(0.1 if not part else 0)
    return True


if __name__ == "__main__":
    main()
