# SPDX-License-Identifier: GPL-2.0-or-later
"""Running programs, and waiting with a deadline."""
import os
import signal
import subprocess
import time
from pathlib import Path

PATIENCE_S = 20
LONG = os.environ.get("CASNIFF_LONG", "0") not in ("", "0")


def long_or_short(full, short):
    """The full figure with CASNIFF_LONG=1, else one that fits into every run of the tests."""
    return full if LONG else short


def wait_until(condition, what, seconds=PATIENCE_S, every=0.005):
    """The first true value that condition() gives, and an AssertionError when there is none."""
    deadline = time.monotonic() + seconds
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > deadline:
            text = what() if callable(what) else what
            raise AssertionError(f"{text}: not within {seconds} s")
        time.sleep(every)


def lines_of(path):
    """The whole lines of a file that may still grow, or be missing."""
    try:
        text = Path(path).read_bytes()
    except FileNotFoundError:
        return []
    return text[:text.rfind(b"\n") + 1].splitlines()


def read_some(descriptor):
    """What there is now, of a descriptor that does not wait."""
    try:
        return os.read(descriptor, 65536)
    except BlockingIOError:
        return b""


class Program:
    """A program; what it says on standard error goes to a file, and on standard output too
    unless the caller gives something else. A pipe that nobody reads would stop it."""

    def __init__(self, folder, words, network=None, stdout=None, **more):
        self.words = [str(word) for word in words]
        name = Path(self.words[0]).name
        self.errors = _new_file(folder, f"{name}.err")
        self.output = None if stdout is not None else _new_file(folder, f"{name}.out")
        enter = ["ip", "netns", "exec", network] if network else []
        with open(self.errors, "wb") as errors, open(self.output or os.devnull, "wb") as output:
            self.process = subprocess.Popen(
                [*enter, *self.words], cwd=folder, stderr=errors,
                stdout=output if stdout is None else stdout,
                **{"stdin": subprocess.DEVNULL, **more})

    @property
    def pid(self):
        return self.process.pid

    def told(self):
        """Standard error so far."""
        return self.errors.read_text(errors="replace")

    def printed(self):
        """Standard output so far."""
        return self.output.read_text(errors="replace")

    def is_running(self):
        return self.process.poll() is None

    def until(self, condition, what, seconds=PATIENCE_S):
        """wait_until, and no longer than the program runs."""
        def is_over():
            return not self.is_running() or condition()
        wait_until(is_over, lambda: f"{what} ({self.told().strip()})", seconds)
        result = condition()
        if not result:
            raise AssertionError(f"{' '.join(self.words)}: ended with {self.process.returncode} "
                                 f"before {what}: {self.told().strip()}")
        return result

    def send(self, number):
        self.process.send_signal(number)

    def wait(self, seconds=PATIENCE_S):
        """The exit code; negative for a signal."""
        try:
            return self.process.wait(timeout=seconds)
        except subprocess.TimeoutExpired as late:
            state = Path(f"/proc/{self.pid}/stack")
            where = state.read_text().strip() if state.exists() else ""
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"{' '.join(self.words)}: still there after {seconds} s: "
                                 f"{self.told()} {where}") from late

    def stop(self, number=signal.SIGTERM, seconds=PATIENCE_S):
        """Its exit code after the signal, and how many seconds that took."""
        start = time.monotonic()
        if self.is_running():
            self.send(number)
        return self.wait(seconds), time.monotonic() - start

    def kill(self):
        if self.is_running():
            self.process.kill()
        self.process.wait()
        if self.process.stdin:
            self.process.stdin.close()

    def status(self):
        """/proc/PID/status as a dictionary."""
        text = Path(f"/proc/{self.pid}/status").read_text()
        return {key: value.strip() for key, _, value in
                (line.partition(":") for line in text.splitlines())}

    def cpu_s(self):
        """Seconds of CPU so far, of the user's and of the kernel's."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _new_file(folder, name):
    """A path in the folder that is not there yet; created, so that it can be read."""
    number = 0
    while (folder / f"{name}.{number}").exists():
        number += 1
    path = folder / f"{name}.{number}"
    path.touch()
    return path
