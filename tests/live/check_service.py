#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""As the shipped service runs it: never root, one capability, told by its configuration file,
watched by a service manager, its files rotated by logrotate; only the paths are others."""
import json
import os
import pwd
import re
import struct
import subprocess
import time
from pathlib import Path

from hosts import DatagramListener
from live_case import ROOT, LiveCase, Settings, main, need, note, recording
from program import lines_of, wait_until
from recorded import Load, send
from sniffer import events_in

SHIPPED = ROOT / "src" / "service"
USER = "daemon"  # some user that is nobody else's here
JOURNAL = Path("/run/systemd/journal/socket")
AS_SERVICE = ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups",
              "--inh-caps=-all,+net_raw", "--ambient-caps=-all,+net_raw",
              "--bounding-set=-all,+net_raw", "--no-new-privs"]
WATCHDOG_S = 2
CAP_NET_RAW = 13


@need("setpriv")
class Service(LiveCase):
    def setUp(self):
        super().setUp()
        os.chown(self.out, pwd.getpwnam(USER).pw_uid, pwd.getpwnam(USER).pw_gid)
        self.out.chmod(0o750)
        self.events = self.out / "events.jsonl"
        self.config = self.folder / "casniff.conf"
        self.config.write_text(self.shipped("casniff.conf", {
            "# interface = eth0": "interface = wire", "select = findings": "select = all",
            "stats = 10m": "stats = 1s",
            "# trust-store = .*": f"trust-store = {Settings.pcaps}/founding-case-store.pem",
            "# write = .*": f"write = {self.out}/findings.pcap"}))
        self.manager = self.listen(self.folder / "notify")
        JOURNAL.parent.mkdir(parents=True, exist_ok=True)
        self.journal = self.listen(JOURNAL)
        self.few = recording("few-cas.pcap")

    def listen(self, path):
        listener = DatagramListener(path)
        self.addCleanup(path.unlink)
        self.addCleanup(listener.close)
        return listener

    def shipped(self, name, changes):
        """A file as it is installed, in other folders and with changes."""
        text = re.sub(r"/(var/log/casniff|run/casniff|var/lib/casniff)", str(self.out),
                      (SHIPPED / name).read_text())
        for old, new in changes.items():
            text, count = re.subn(f"(?m)^(\\s*){old}", f"\\1{new}", text)
            assert count, f"{name} has no {old}"
        return text

    def start(self):
        environment = {"NOTIFY_SOCKET": str(self.folder / "notify"), "PATH": os.environ["PATH"],
                       "WATCHDOG_USEC": str(WATCHDOG_S * 1000000)}
        casniff = self.sniff("--config", self.config, interface=(), before=AS_SERVICE,
                             env=environment)
        wait_until(lambda: "READY=1" in self.told_manager(), "READY=1")
        return casniff

    def told_manager(self):
        return "\n".join(self.manager.messages)

    def test_has_no_rights(self):
        casniff = self.start()
        status = casniff.status()
        for name in "CapInh", "CapPrm", "CapEff", "CapAmb":
            self.assertEqual(int(status[name], 16), 0, name)
        # Without CAP_SETPCAP the bounding set stays as the manager gave it; with NoNewPrivs it
        # gives nothing.
        self.assertEqual(int(status["CapBnd"], 16), 1 << CAP_NET_RAW)
        self.assertEqual((status["NoNewPrivs"], status["Seccomp"]), ("1", "2"))
        self.assertEqual(set(status["Uid"].split()), {str(pwd.getpwnam(USER).pw_uid)})
        casniff.end()

    def test_manager_is_kept_informed(self):
        casniff = self.start()
        send(self.lab, self.few)
        self.wait_for(self.events, "handshake", 1)
        time.sleep(2 * WATCHDOG_S)
        self.assertGreaterEqual(self.told_manager().count("WATCHDOG=1"), 2)
        self.assertIn("STATUS=", self.told_manager())
        casniff.end()
        self.assertIn("STOPPING=1", self.told_manager())

    def test_alerts_go_to_the_journal(self):
        casniff = self.start()
        send(self.lab, recording("founding-case.pcap"))
        self.wait_for(self.events, "alert", 1)
        casniff.end()
        alerts = events_in(self.events, "alert")
        self.journal.until(len(alerts))
        self.assertEqual(len(self.journal.messages), len(alerts))
        fields = journal_fields(self.journal.messages[0].encode(errors="surrogateescape"))
        self.assertIn(alerts[0]["alert"]["signature"], fields["MESSAGE"])
        self.assertEqual(fields["SYSLOG_IDENTIFIER"], "casniff")
        for name in "PRIORITY", "MESSAGE_ID", "CASNIFF_SERVER":
            self.assertIn(name, fields)

    @need("logrotate")
    def test_logrotate_loses_nothing(self):
        casniff = self.start()
        config = self.folder / "logrotate.conf"
        config.write_text(self.shipped("casniff.logrotate", {
            "su casniff casniff": f"su {USER} {USER}", "compress": "nocompress",
            "delaycompress": "", "rotate 14": "rotate 1000",
            r"systemctl kill(.|\n)*?\n( *2>.*)": f"kill -HUP {casniff.pid}"}))
        load = Load(self.lab, self.few, 500)
        self.addCleanup(load.stop)
        self.wait_for(self.events, "handshake", 1)
        for _ in range(10):
            time.sleep(0.2)
            subprocess.run(["logrotate", "-f", "-s", self.folder / "status", config], check=True)
        load.stop()
        casniff.end()
        files = sorted(self.out.glob("events.jsonl*"), key=number_of, reverse=True)
        self.assertGreater(len(files), 5)  # an empty one is not rotated
        events = [json.loads(line) for path in files for line in lines_of(path)]
        self.assertEqual([e["event_seq"] for e in events], list(range(1, len(events) + 1)))
        self.assertEqual(sum(e["event_type"] == "handshake" for e in events), load.sent)
        note(f"{len(events)} events in {len(files)} files")


def journal_fields(message):
    """systemd's native form: NAME=value, or a value with newlines behind its length."""
    fields = {}
    while message:
        line, _, message = message.partition(b"\n")
        name, is_plain, value = line.partition(b"=")
        if not is_plain:
            length, = struct.unpack_from("<Q", message)
            value, message = message[8:8 + length], message[8 + length + 1:]
        fields[name.decode()] = value.decode()
    return fields


def number_of(path):
    """0 of the file that is written, 1 of the one rotated last."""
    return int(path.suffix[1:]) if path.suffix[1:].isdigit() else 0


if __name__ == "__main__":
    main()
