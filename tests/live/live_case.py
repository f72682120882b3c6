# SPDX-License-Identifier: GPL-2.0-or-later
"""What the live tests share: the casniff under test, a lab for each test, and the program's end.

usage: check_NAME.py --casniff PATH [--pcaps FOLDER] [--mbedtls-server PATH] [unittest's words]
"""
import argparse
import os
import shutil
import signal
import sys
import tempfile
import unittest
from pathlib import Path

import private
from lab import Lab, has_network_namespaces
from program import wait_until
from recorded import Recording
from sniffer import Sniffer, count_in, service_user

ROOT = Path(__file__).resolve().parents[2]


class Settings:
    """From the command line, and the folder that is removed at the end."""
    casniff = None
    pcaps = ROOT / "pcaps"
    mbedtls_server = None
    folder = None


class LiveCase(unittest.TestCase):
    """Each test has a lab, a folder, and in it "out", where casniff's service user may write."""

    has_addresses = False

    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(dir=Settings.folder))
        self.folder.chmod(0o755)
        self.out = self.folder / "out"
        self.make_out(self.out)
        self.lab = Lab(self.has_addresses)
        self.addCleanup(self.lab.close)
        self.programs = []
        self.addCleanup(self.kill_all)

    def make_out(self, folder):
        user = service_user()
        folder.mkdir(exist_ok=True)
        os.chown(folder, user.pw_uid, user.pw_gid)

    def kill_all(self):
        for program in self.programs:
            program.kill()

    def keep(self, program):
        """Killed at the end of the test, whatever happens."""
        self.programs.append(program)
        return program

    def sniff(self, *words, interface=("-i", "wire"), **more):
        return self.keep(Sniffer(self.folder, Settings.casniff, [*interface, *words], **more))

    def tearDown(self):
        for program in self.programs:
            if isinstance(program, Sniffer):
                self.assertNotEqual(program.process.poll(), -signal.SIGSYS, program.told())
        if not self.has_addresses:
            self.assert_silent()

    def assert_silent(self):
        """b has no address: whatever left its interface was sent by casniff."""
        self.assertEqual(self.lab.counters("b")["tx"]["packets"], 0, "casniff sent something")

    def wait_for(self, path, event_type, count, seconds=20):
        """Until the file has so many events of the type."""
        wait_until(lambda: count_in(path, event_type) >= count,
                   lambda: f"{count} {event_type} events, {count_in(path, event_type)} so far: "
                           f"{[p.told() for p in self.programs]}", seconds, every=0.02)


def recording(name):
    return Recording(Settings.pcaps / name)


def note(text):
    """A figure for whoever reads the log."""
    print(f"    {text}", file=sys.stderr, flush=True)


def need(*programs):
    """Skips where one of the programs is missing."""
    missing = [name for name in programs if shutil.which(name) is None]
    return unittest.skipIf(missing, f"not installed: {', '.join(missing)}")


def main():
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--casniff", type=Path, required=True)
    parser.add_argument("--pcaps", type=Path, default=Settings.pcaps)
    parser.add_argument("--mbedtls-server", type=Path)
    options, words = parser.parse_known_args()
    Settings.casniff = options.casniff.resolve()
    Settings.pcaps = options.pcaps.resolve()
    Settings.mbedtls_server = options.mbedtls_server and options.mbedtls_server.resolve()
    sys.exit(private.run(lambda folder: _run_tests(folder, words)))


def _run_tests(folder, words):
    Settings.folder = folder
    why_not = has_network_namespaces()
    if why_not:
        print(f"skipped: {why_not}")
        return private.SKIPPED
    program = unittest.main("__main__", argv=[sys.argv[0], "-v", *words], exit=False)
    result = program.result
    if result.wasSuccessful() and result.testsRun == len(result.skipped):
        return private.SKIPPED
    return 0 if result.wasSuccessful() else 1
