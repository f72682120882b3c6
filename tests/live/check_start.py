#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What goes wrong at the start is told in one line, each with its exit code, before anything is
forked; and clocks that jump (rows O12 and O13 of the catalogue)."""
import json
import re
import shutil
import struct
import subprocess
from pathlib import Path

from live_case import ROOT, LiveCase, Settings, main, need
from recorded import packets_of

FAILED, USAGE, NO_RIGHTS, GONE = 1, 2, 4, 75
NOBODY = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups",
          "--bounding-set=-all"]
RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")


class O13Start(LiveCase):
    def start(self, words, before=()):
        """Exit code, standard error and standard output of a start that must fail."""
        done = subprocess.run(["ip", "netns", "exec", "b", *before, Settings.casniff, *words],
                              check=False, capture_output=True, text=True, timeout=10,
                              stdin=subprocess.DEVNULL, cwd=self.folder)
        return done.returncode, done.stderr, done.stdout

    def assert_refused(self, code, words, *mentioned, before=()):
        got, errors, printed = self.start(words, before)
        told = f"{words}: exit {got}: {errors}"
        self.assertEqual(got, code, told)
        self.assertEqual(len(errors.splitlines()), 1, told)
        self.assertTrue(errors.startswith("casniff: "), told)
        for word in mentioned:
            self.assertIn(word, errors)
        self.assertEqual(printed, "")

    @need("setpriv")
    def test_without_rights(self):
        shutil.copy(Settings.casniff, self.folder / "casniff")
        got, errors, _ = self.start(["-i", "wire"], NOBODY)
        self.assertEqual(got, NO_RIGHTS, errors)
        self.assertEqual(len(errors.splitlines()), 1, errors)
        self.assertIn("CAP_NET_RAW", errors)

    def test_unknown_interface(self):
        """It may come, or come back: a service is started again."""
        self.assert_refused(GONE, ["-i", "wier"], "wier")
        self.assert_refused(USAGE, ["-i", "longer-than-fits"], "longer-than-fits")

    def test_renamed_interface(self):
        for words in (["addr", "flush", "dev", "wire"], ["link", "set", "wire", "down"],
                      ["link", "set", "wire", "name", "other"], ["link", "set", "other", "up"]):
            subprocess.run(["ip", "-n", "b", *words], check=True)
        self.assert_refused(GONE, ["-i", "wire"], "wire")
        subprocess.run(["ip", "-n", "b", "link", "set", "other", "down"], check=True)
        subprocess.run(["ip", "-n", "b", "link", "set", "other", "name", "wire"], check=True)
        subprocess.run(["ip", "-n", "b", "link", "set", "wire", "up"], check=True)

    def test_no_interface_is_up(self):
        self.lab.set_link("down")
        self.assert_refused(GONE, [], "-i")

    def test_bad_filter(self):
        self.assert_refused(USAGE, ["-i", "wire", "tpc", "port", "443"], "tpc")

    def test_bad_configuration(self):
        config = self.folder / "casniff.conf"
        config.write_text("interface = wire\nnonsense = 1\n")
        self.assert_refused(USAGE, ["--config", config], f"{config}:2", "nonsense")

    def test_unwritable_report(self):
        self.assert_refused(FAILED, ["-i", "wire", "-T", f"json:{self.folder}/no/where.json"],
                            "no/where.json")
        self.assert_refused(FAILED, ["-i", "wire", "--metrics", f"{self.folder}/no/m.prom"],
                            "no/m.prom")
        self.assert_refused(FAILED, ["-i", "wire", "--state", f"{self.folder}/no/state"],
                            "no/state")

    def test_folder_that_the_service_user_cannot_write(self):
        for option in "--state", "--metrics":
            code, errors, _ = self.start(["-i", "wire", option, f"{self.folder}/file"])
            self.assertEqual(code, FAILED, errors)
            self.assertIn("-Z", errors.splitlines()[0])  # the remedy
            self.assertIn(f"{self.folder}/file", errors.splitlines()[-1])

    def test_nothing_is_started(self):
        """No command, and no helper that would stay."""
        started = self.folder / "started"
        for words in (["-i", "wier"], ["-i", "wire", "tpc"],
                      ["-i", "wire", "-T", f"json:{self.folder}/no/where.json"]):
            before = set(processes())
            self.start([*words, "--alert-exec", f"touch {started}"])
            self.assertEqual(set(processes()) - before, set(), words)
        self.assertFalse(started.exists())

    @need("strace")
    def test_nothing_is_forked(self):
        trace = self.folder / "trace"
        for words in (["-i", "wier"], ["-i", "wire", "tpc"],
                      ["-i", "wire", "-T", f"json:{self.folder}/no/where.json"]):
            self.start([*words, "--alert-exec", "/bin/true"],
                       ["strace", "-f", "-qq", "-o", trace, "-e",
                        "trace=fork,vfork,clone,clone3", "-e", "signal=none"])
            self.assertNotRegex(trace.read_text(), "fork|clone")

    @need("strace")
    def test_kinds_of_sockets(self):
        """No more than the shipped service permits."""
        unit = (ROOT / "src" / "service" / "hardening.conf").read_text()
        permitted = set(re.search("(?m)^RestrictAddressFamilies=(.*)$", unit)[1].split())
        trace = self.folder / "trace"
        for interface in "wire", "lo":
            self.start(["-i", interface, "--duration", "1", "--sandbox", "off", "-Z", "root"],
                       ["strace", "-f", "-qq", "-o", trace, "-e", "trace=socket"])
            self.assertLessEqual(set(re.findall(r"AF_\w+", trace.read_text())), permitted)

    def test_interface_that_is_down(self):
        self.lab.set_link("down")
        self.assert_refused(FAILED, ["-i", "wire"], "wire", "down")


def processes():
    """Their numbers; the test has a /proc of its own."""
    return [path.name for path in Path("/proc").iterdir() if path.name.isdigit()]


class O12Clock(LiveCase):
    """A live clock cannot be set here for one process alone: the unit tests do that. Packets'
    times can be anything."""

    def rewrite(self, time_of):
        """few-cas.pcap with other times; time_of(number) gives seconds."""
        path = self.folder / "times.pcap"
        head = struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 262144, 1)
        frames = [frame for _, frame in packets_of(Settings.pcaps / "few-cas.pcap")]
        path.write_bytes(head + b"".join(
            struct.pack("<IIII", time_of(n), 999999, len(frame), len(frame)) + frame
            for n, frame in enumerate(frames)))
        return path

    def events(self, path):
        done = subprocess.run([Settings.casniff, "-r", path, "--json"], check=True,
                              capture_output=True, timeout=20)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def test_times_of_packets(self):
        times = {"decreasing": lambda n: 1_700_000_000 - n, "zero": lambda n: 0,
                 "last": lambda n: 0xffffffff,
                 "jumping by a year": lambda n: 1_700_000_000 + n % 3 * 31_536_000,
                 "around 2038": lambda n: 0x7fffffff + n % 2}
        wanted = [e["event_type"] for e in self.events(self.rewrite(lambda n: 1_700_000_000))]
        for name, time_of in times.items():
            with self.subTest(name):
                events = self.events(self.rewrite(time_of))
                self.assertEqual([e["event_type"] for e in events], wanted)
                for event in events:
                    self.assertRegex(event["timestamp"], RFC_3339)


if __name__ == "__main__":
    main()
