#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""While it runs casniff has no rights, sends nothing, and does nothing that its confinement
forbids, whatever happens to the link, the disk and the reports."""
import os
import signal
import subprocess
import time
from pathlib import Path

from hosts import DatagramListener
from live_case import LiveCase, Settings, main, note, recording
from private import mount
from program import wait_until
from recorded import Load, send
from sniffer import count_in, service_user


class Confined(LiveCase):
    def setUp(self):
        super().setUp()
        self.events = self.out / "events.json"
        self.evidence = self.out / "evidence.pcap"
        self.small = self.folder / "small"
        self.small.mkdir()
        mount("-t", "tmpfs", "-o", "size=256k", "tmpfs", self.small)
        self.addCleanup(subprocess.run, ["umount", "-l", self.small], check=True)
        self.make_out(self.small)
        self.log = DatagramListener(Settings.folder / "log")
        self.addCleanup((Settings.folder / "log").unlink)
        self.addCleanup(self.log.close)
        self.hook = self.folder / "hook"
        self.hook.write_text(f"#!/bin/sh\ncat >> {self.out}/hooked.json\n")
        self.hook.chmod(0o755)

    def everything(self):
        """The options that make it do as much as it can."""
        return ["-T", f"json:{self.events}", "-T", f"json:{self.small}/events.json",
                "-T", f"text:{self.out}/report.txt", "-T", f"csv:{self.out}/report.csv",
                "-t", Settings.pcaps / "founding-case-store.pem", "-w", self.evidence,
                "--syslog", "--metrics", self.out / "casniff.prom", "--state", self.out / "state",
                "--alert-exec", self.hook, "--stats", "1", "--heartbeat", "1",
                "--sandbox", "require"]

    def assert_powerless(self, process):
        """process: its /proc/PID/status."""
        for capabilities in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
            self.assertEqual(int(process[capabilities], 16), 0, capabilities)
        self.assertEqual(process["NoNewPrivs"], "1")
        self.assertEqual(process["Seccomp"], "2")
        user = service_user()
        self.assertEqual(set(process["Uid"].split()), {str(user.pw_uid)})
        self.assertEqual(set(process["Gid"].split()), {str(user.pw_gid)})
        self.assertIn(process["Groups"].split(), ([], [str(user.pw_gid)]))

    def test_status(self):
        casniff = self.sniff(*self.everything())
        self.assert_powerless(casniff.status())
        self.assertEqual(os.stat(f"/proc/{casniff.pid}/mem").st_uid, 0, "it can be dumped")
        for child in children_of(casniff.pid):
            status = status_of(child)
            note(f"helper: Uid {status['Uid'].split()[0]}, CapEff {status['CapEff']}, "
                 f"NoNewPrivs {status['NoNewPrivs']}, Seccomp {status['Seccomp']}")
            self.assertNotIn("0", status["Uid"].split())
            self.assertEqual(int(status["CapEff"], 16), 0)
            self.assertEqual(status["NoNewPrivs"], "1")
        casniff.end()

    def test_nothing_is_sent_and_nothing_forbidden_is_done(self):
        casniff = self.sniff(*self.everything())
        for step in (self.alerts, self.statistics, self.rotation, self.full_disk,
                     self.reader_of_syslog_gone, self.link, self.load):
            step(casniff)
            self.assertTrue(casniff.is_running(),
                            f"{step.__name__}: {casniff.process.returncode} {casniff.told()}")
            self.assert_powerless(casniff.status())
            self.assert_silent()
        code, took = casniff.stop()
        note(f"exit {code} after {took * 1000:.0f} ms")
        self.assertIn(code, (0, 1), casniff.told())
        self.assertLess(took, 2)

    def alerts(self, _):
        send(self.lab, recording("founding-case.pcap"))
        self.wait_for(self.events, "alert", 1)
        self.log.until(1)
        wait_until((self.out / "hooked.json").exists, "the hook has run")

    def statistics(self, casniff):
        casniff.send(signal.SIGUSR1)
        wait_until(casniff.times_told, "the statistics", 2)
        casniff.send(signal.SIGUSR2)
        before = count_in(self.events, "stats")
        self.wait_for(self.events, "stats", before + 2)

    def rotation(self, casniff):
        for number in range(3):
            self.events.rename(self.out / f"events.{number}")
            casniff.send(signal.SIGHUP)
            wait_until(self.events.exists, "a new file", 5)

    def full_disk(self, _):
        load = Load(self.lab, recording("few-cas.pcap"), 300)
        wait_until(lambda: os.statvfs(self.small).f_bavail == 0, "a full disk")
        time.sleep(1.5)
        load.stop()
        (self.small / "events.json").write_bytes(b"")

    def reader_of_syslog_gone(self, _):
        self.log.close()
        # Another server: another alert.
        send(self.lab, recording("founding-case.pcap"), first=9000, server="192.0.2.99")
        self.wait_for(self.events, "alert", 1)

    def link(self, _):
        for _ in range(3):
            self.lab.set_link("down")
            time.sleep(1.2)
            self.lab.set_link("up")
            time.sleep(0.2)
        self.wait_for(self.events, "capture", 2)

    def load(self, _):
        before = count_in(self.events, "handshake")
        load = Load(self.lab, recording("few-cas.pcap"), 500, first=20000)
        time.sleep(2)
        load.stop()
        self.wait_for(self.events, "handshake", before + load.sent)


class Modes(LiveCase):
    def test_off(self):
        casniff = self.sniff("-T", f"json:{self.out}/events.json", "--sandbox", "off")
        self.assertEqual(casniff.status()["Seccomp"], "0")
        send(self.lab, recording("few-cas.pcap"))
        self.wait_for(self.out / "events.json", "handshake", 1)
        casniff.end()

    def test_another_user(self):
        user = "daemon"
        casniff = self.sniff("--json", "-Z", user)
        self.assertNotIn(str(service_user().pw_uid), casniff.status()["Uid"].split())
        casniff.end()


def children_of(pid):
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def status_of(pid):
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return {key: value.strip() for key, _, value in (line.partition(":") for line in lines)}


if __name__ == "__main__":
    main()
