#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A key log beside a live capture: its secrets are in no other process and in no core file, and
what they open is told as it is from a saved capture."""
import json
import os
import re
import shutil
import signal
import struct
import subprocess
import time
from pathlib import Path

from hosts import Dump, Server, first_of, free_ports, make_key
from lab import HOST_B
from live_case import LiveCase, Settings, main, need, note, recording
from program import Program
from recorded import send
from sniffer import events_in, service_user


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


class Keys(LiveCase):
    """Real handshakes of TLS 1.3 whose key log comes early, late, in pieces, or never."""

    has_addresses = True

    def setUp(self):
        super().setUp()
        self.port = free_ports(1)[0]
        self.events = self.out / "events.json"
        self.keys, self.written = self.folder / "keys.log", self.folder / "written.log"
        for path in (self.keys, self.written):
            path.touch(0o600)
        # casniff, which has become somebody else, opens it again.
        os.chown(self.keys, service_user().pw_uid, -1)
        self.capture = self.folder / "all.pcap"
        make_key(self.folder)

    def serve(self, cas):
        listed = first_of(Settings.pcaps / "founding-case-store.pem", cas, self.folder / "cas.pem")
        self.keep(Server(self.folder, [
            "openssl", "s_server", "-accept", self.port, "-cert", "server.pem", "-key",
            "server.key", "-tls1_3", "-verify", "3", "-quiet", "-CAfile", listed], self.port))

    def start(self, *words):
        self.dump = self.keep(Dump(self.folder, self.capture, "--immediate-mode", "-U", "tcp"))
        return self.sniff("-T", f"json:{self.events}", "--keylog", self.keys, "--sandbox",
                          "require", *words)

    def connect(self, log):
        """A client without a certificate, which writes its secrets as it shakes hands."""
        done = subprocess.run(["ip", "netns", "exec", "a", "openssl", "s_client", "-connect",
                               f"{HOST_B}:{self.port}", "-tls1_3", "-keylogfile", log, "-brief"],
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=20,
                              check=False, cwd=self.folder)
        self.assertIn(b"TLSv1.3", done.stderr)

    def append(self, data):
        with open(self.keys, "ab", buffering=0) as log:
            log.write(data)

    def told(self):
        return events_in(self.events, "handshake")

    def assert_same_as_saved(self, casniff, count, cas):
        """Live, from tcpdump's capture with all keys, and by tshark: the same lists."""
        casniff.end()
        time.sleep(0.5)
        self.dump.stop(signal.SIGTERM)
        saved = subprocess.run([Settings.casniff, "--json", "-r", self.capture, "--keylog",
                                self.keys], capture_output=True, text=True, check=True)
        saved = [json.loads(line) for line in saved.stdout.splitlines()]
        live = figures_of(self.told())
        self.assertEqual(len(live), count)
        self.assertEqual(live, figures_of(e for e in saved if e["event_type"] == "handshake"))
        for how, names, _, _, complete in live.values():
            self.assertEqual((how, names, complete), ("decrypted", cas, "complete"))
        if shutil.which("tshark") is None:
            return
        shown = subprocess.run(["tshark", "-r", self.capture, "-o", f"tls.keylog_file:{self.keys}",
                                "-Y", "tls.handshake.type == 13", "-T", "fields", "-e",
                                "tcp.dstport", "-e", "tls.handshake.dnames_len"],
                               capture_output=True, text=True, check=True).stdout
        self.assertEqual({int(line.split("\t")[0]): int(line.split("\t")[1])
                          for line in shown.splitlines()},
                         {port: size for port, (_, _, size, _, _) in live.items()})

    @need("openssl")
    def test_early_and_growing(self):
        """The client's own log, as it writes it, of one connection after the other."""
        self.serve(30)
        casniff = self.start()
        for _ in range(8):
            self.connect(self.keys)
        self.wait_for(self.events, "handshake", 8)
        self.assert_same_as_saved(casniff, 8, 30)

    @need("openssl")
    def test_late(self):
        """Two seconds later, the connection long closed; and 405 names."""
        self.serve(405)
        casniff = self.start()
        self.connect(self.written)
        time.sleep(2)
        self.assertEqual(self.told(), [], "told before its keys came")
        self.append(self.written.read_bytes())
        self.wait_for(self.events, "handshake", 1, 2)
        self.assert_same_as_saved(casniff, 1, 405)

    @need("openssl")
    def test_in_pieces_and_backwards(self):
        """Some connections at once; lines in any order, cut anywhere."""
        self.serve(30)
        casniff = self.start()
        for _ in range(6):
            self.connect(self.written)
        lines = self.written.read_bytes().splitlines(True)
        data = b"".join(reversed(lines))
        for at in range(0, len(data), len(data) // 7):
            self.append(data[at:at + len(data) // 7])
            time.sleep(0.15)
        self.wait_for(self.events, "handshake", 6, 6)
        self.assert_same_as_saved(casniff, 6, 30)

    @need("openssl")
    def test_never(self):
        """Told as without keys when the time is over, and once only."""
        self.serve(30)
        casniff = self.start("--stats", "1")
        self.connect(self.written)
        began = time.monotonic()
        self.wait_for(self.events, "handshake", 1, 9)
        note(f"told {time.monotonic() - began:.1f} s after its end")
        self.assertGreater(time.monotonic() - began, 2)
        self.append(self.written.read_bytes())
        time.sleep(1.5)
        told = self.told()
        self.assertEqual([e["client_auth"].get("how") for e in told], ["inferred"])
        keylog = events_in(self.events, "stats")[-1]["stats"]["keylog"]
        self.assertEqual((keylog["waited"], keylog["waited_in_vain"], keylog["connections"]),
                         (1, 1, 1))
        casniff.end()

    @need("openssl")
    def test_replaced_cut_and_bad(self):
        """Another file takes its place; it is cut; lines are none."""
        self.serve(30)
        casniff = self.start()
        self.connect(self.keys)
        self.wait_for(self.events, "handshake", 1)
        saved = self.keys.read_bytes()
        self.keys.rename(self.folder / "keys.log.1")
        self.keys.touch(0o600)
        os.chown(self.keys, service_user().pw_uid, -1)
        casniff.send(signal.SIGHUP)
        time.sleep(0.5)
        self.connect(self.keys)
        self.wait_for(self.events, "handshake", 2)
        saved += self.keys.read_bytes()
        self.keys.write_bytes(b"")
        casniff.until(lambda: "read from its beginning" in casniff.told(), "the cut was seen")
        self.append(b"no line of a key log\n")
        self.connect(self.keys)
        self.wait_for(self.events, "handshake", 3)
        self.assertIn("keys.log:1: this is no line", casniff.told())
        self.keys.write_bytes(saved + self.keys.read_bytes().partition(b"\n")[2])
        self.assert_same_as_saved(casniff, 3, 30)


def figures_of(handshakes):
    """Of each connection, by its client's port, what was asked."""
    return {e["src_port"]: (e["client_auth"].get("how"), e["ca_list"].get("count"),
                            e["ca_list"].get("bytes"), e["ca_list"].get("sha256"),
                            e["ca_list"].get("capture")) for e in handshakes}


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
