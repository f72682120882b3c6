# SPDX-License-Identifier: GPL-2.0-or-later
"""Two network namespaces joined by a cable, programs in them, and a capture of the cable."""
import os
import subprocess
import tempfile
import time
from pathlib import Path

CLIENT, SERVER = "192.0.2.10", "192.0.2.20"
CLIENT6, SERVER6 = "2001:db8::10", "2001:db8::20"
PATIENCE_S = 10


class Lab:
    """`with Lab(folder) as lab`: the programs run in folder; all of them end with the lab."""

    def __init__(self, folder):
        self.folder = folder
        self.client_side = f"cas-client-{os.getpid()}"
        self.server_side = f"cas-server-{os.getpid()}"
        self.running = {}  # process: the file that it prints to

    def __enter__(self):
        try:
            self._connect()
        except BaseException:
            self.__exit__()
            raise
        return self

    def _connect(self):
        for side in (self.client_side, self.server_side):
            _run("ip", "netns", "add", side)
        _run("ip", "link", "add", "wire", "address", "02:00:00:00:00:10", "netns", self.client_side,
             "type", "veth", "peer", "name", "wire", "address", "02:00:00:00:00:20",
             "netns", self.server_side)
        self._plug(self.client_side, CLIENT, CLIENT6)
        self._plug(self.server_side, SERVER, SERVER6)

    def _plug(self, side, address, address6):
        for words in (f"addr add {address}/24 dev wire",
                      f"-6 addr add {address6}/64 dev wire nodad",
                      "link set lo up", "link set wire up"):
            _run("ip", "-n", side, *words.split())

    def __exit__(self, *_):
        for process in list(self.running):
            self.stop(process)
        for side in (self.client_side, self.server_side):
            subprocess.run(["ip", "netns", "del", side], check=False)

    def offload(self, on_or_off):
        """Off: segments and checksums as on a real cable. On: large segments, partial sums."""
        for side in (self.client_side, self.server_side):
            _run("ip", "netns", "exec", side, "ethtool", "-K", "wire", "tso", on_or_off,
                 "gso", on_or_off, "gro", on_or_off, "tx", on_or_off)

    def start(self, side, words):
        printed = tempfile.TemporaryFile()
        process = subprocess.Popen(["ip", "netns", "exec", side, *words], cwd=self.folder,
                                   stdin=subprocess.PIPE, stdout=printed, stderr=subprocess.STDOUT)
        self.running[process] = printed
        return process

    def printed(self, process):
        """What it printed so far. Programs print to files: a full pipe would stop them."""
        output = self.running[process].fileno()
        return os.pread(output, os.fstat(output).st_size, 0).decode(errors="replace")

    def stop(self, process):
        """What it printed."""
        process.terminate()
        try:
            process.wait(timeout=PATIENCE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        text = self.printed(process)
        self.running.pop(process).close()
        return text

    def serve(self, words, port):
        """A server that is listening on port."""
        process = self.start(self.server_side, words)
        deadline = time.monotonic() + PATIENCE_S
        while process.poll() is None and time.monotonic() < deadline:
            listening = _run("ip", "netns", "exec", self.server_side, "ss", "-Hltn",
                             "sport", "=", f":{port}")
            if listening:
                return process
            time.sleep(0.05)
        raise RuntimeError(f"{' '.join(words)}: does not listen:\n{self.stop(process)}")

    def capture(self, path, precision):
        """tcpdump, once it listens."""
        process = self.start(self.server_side, [
            "tcpdump", "-i", "wire", "-Z", "root", "-s", "0", "-U", "--immediate-mode",
            f"--time-stamp-precision={precision}", "-w", str(path), "tcp"])
        deadline = time.monotonic() + PATIENCE_S
        while "listening on" not in self.printed(process):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"tcpdump does not listen: {self.printed(process)}")
            time.sleep(0.05)
        return process

    def finish(self, process, pause_s):
        """A client that is left alone for a while, then its input ends: what it printed."""
        time.sleep(pause_s)
        process.stdin.close()
        try:
            process.wait(timeout=PATIENCE_S)
        except subprocess.TimeoutExpired:
            pass
        return self.stop(process)


def _run(*words):
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout


def say(process, text):
    """Types text at a program."""
    process.stdin.write(text.encode())
    process.stdin.flush()


def tool(words, output=None):
    """A program outside the lab; its output to a file when one is named."""
    done = subprocess.run(words, check=True, capture_output=True)
    if output is not None:
        Path(output).write_bytes(done.stdout)
    return done.stdout
