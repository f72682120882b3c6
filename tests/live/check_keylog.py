#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A key log beside a live capture: its secrets are in no other process and in no core file, and
what they open is told as it is from a saved capture."""
import os
import re
import struct
import time
from pathlib import Path

from live_case import LiveCase, Settings, main, note, recording
from program import Program
from recorded import send
from sniffer import events_in


class Secrets(LiveCase):
    """Keys of a recording, known before its packets."""

    def setUp(self):
        super().setUp()
        self.events = self.out / "events.json"
        self.keys = self.folder / "keys.log"
        self.keys.write_text((Settings.pcaps / "tls13-keylog.keys").read_text())
        self.keys.chmod(0o600)
        self.secrets = [bytes.fromhex(line.split(" ")[2])
                        for line in self.keys.read_text().splitlines()
                        if re.match(r"(CLIENT|SERVER)_(HANDSHAKE_)?TRAFFIC", line)]
        self.hook = self.folder / "hook"
        self.hook.write_text("#!/bin/sh\nexec cat > /dev/null\n")
        self.hook.chmod(0o755)

    def test_opened_and_kept(self):
        casniff = self.sniff("-T", f"json:{self.events}", "--keylog", self.keys, "--alert-exec",
                             self.hook, "--sandbox", "require")
        self.assert_kept(casniff)
        send(self.lab, recording("tls13-keylog.pcap"))
        self.wait_for(self.events, "handshake", 1)
        told = events_in(self.events, "handshake")[0]
        self.assertEqual(told["client_auth"]["how"], "decrypted")
        self.assertEqual(told["ca_list"]["count"], 5)
        casniff.end()

    def test_kept_without_a_sandbox(self):
        for sandbox in ("off", "log"):
            for user in ("root", "nobody"):
                casniff = self.sniff("--json", "--keylog", self.keys, "--alert-exec", self.hook,
                                     "--sandbox", sandbox, "-Z", user)
                self.assert_kept(casniff)
                casniff.end()

    def test_kept_of_a_capture(self):
        """Secrets inside a saved capture, while another one is still awaited."""
        capture, pipe = self.folder / "secrets.pcapng", self.folder / "pipe"
        capture.write_bytes(block(10, struct.pack("<II", 0x544C534B, self.keys.stat().st_size) +
                                  self.keys.read_bytes()).join(pcapng_head()))
        os.mkfifo(pipe)
        casniff = self.keep(Program(self.folder, [
            Settings.casniff, "--json", "-r", capture, "-r", pipe, "--alert-exec", self.hook,
            "-Z", "root", "--sandbox", "off"]))
        with open(pipe, "wb", buffering=0) as writer:
            writer.write((Settings.pcaps / "tls13-keylog.pcap").read_bytes()[:24])
            casniff.until(lambda: children_of(casniff.pid), "its helper")
            casniff.until(lambda: name_of(children_of(casniff.pid)[0]) == "casniff-alerts",
                          "its helper")
            time.sleep(0.3)  # it forgets before it is ready
            self.assert_kept(casniff)
        self.assertEqual(casniff.wait(), 0, casniff.told())

    def assert_kept(self, casniff):
        """In the sniffer, where no core file can be made of them, and not in its helper."""
        self.assertEqual(found_in(casniff.pid, self.secrets), len(self.secrets))
        limits = Path(f"/proc/{casniff.pid}/limits").read_text()
        self.assertRegex(limits, r"Max core file size +0 +0 ")
        # Of a process that may not be dumped the files are root's, whoever it has become.
        self.assertEqual(os.stat(f"/proc/{casniff.pid}/mem").st_uid, 0)
        helpers = children_of(casniff.pid)
        self.assertEqual(len(helpers), 1)
        note(f"{len(self.secrets)} secrets in casniff, {found_in(helpers[0], self.secrets)} in "
             "its helper")
        self.assertEqual(found_in(helpers[0], self.secrets), 0, "secrets in the helper")


def block(kind, body):
    body += b"\0" * (-len(body) % 4)
    size = struct.pack("<I", len(body) + 12)
    return struct.pack("<I", kind) + size + body + size


def pcapng_head():
    """A section and an interface: between them a block may stand."""
    return [block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)),
            block(1, struct.pack("<HHI", 1, 0, 262144))]


def name_of(pid):
    return Path(f"/proc/{pid}/comm").read_text().strip()


def children_of(pid):
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def found_in(pid, needles):
    """How many of them lie in the process's memory, whole."""
    found = set()
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
            begin, end = (int(number, 16) for number in line.split()[0].split("-"))
            if " rw" not in line:
                continue
            try:
                memory.seek(begin)
                part = memory.read(end - begin)
            except (OSError, OverflowError):
                continue  # what the kernel maps for itself
            found |= {needle for needle in needles if needle in part}
    return len(found)


if __name__ == "__main__":
    main()
