#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""-j: the same bytes come out for every number of jobs, as from each capture alone.

usage: check_jobs.py CASNIFF PCAPS [confined]
"""
import fcntl
import json
import os
import re
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time
from pathlib import Path

from casniff_run import captures

JOBS = (1, 2, 3, 16)
# Bytes of a capture in a pipe, less than the buffer of whoever opens it.
OPENED = 4096
PATIENCE_S = 60
# What LeakSanitizer says now and then as one of many processes ends, when it looks for its threads;
# it has found no leak then, or would say so as well.
SANITIZER_HICCUP = re.compile(rb"==\d+==Unable to get registers from thread \d+\.\n")


class Failed(Exception):
    pass


def require(holds, what):
    if not holds:
        raise Failed(what)


def run(casniff, pcaps, *arguments, stdin=None):
    done = subprocess.run([casniff, *arguments], cwd=pcaps, check=False, capture_output=True,
                          timeout=PATIENCE_S, input=stdin)
    done.stderr = SANITIZER_HICCUP.sub(b"", done.stderr)
    return done


def reading(names):
    return [word for name in names for word in ("-r", name)]


def without_memory(told):
    """The events of one run but for the memory that it took."""
    events = [json.loads(line) for line in told.decode().splitlines()]
    for event in events:
        if event["event_type"] == "stats":
            for holder in (event, event.get("stats", {})):
                holder.pop("memory", None)
    return events


def without_time(text):
    """A state or metrics but for the time of the run."""
    return [line for line in text.splitlines()
            if not line.startswith(("run\t", "sha256\t")) and "_seconds" not in line]


def check_forms(casniff, pcaps, names):
    for form in (["--json"], ["-T", "text", "-v"], ["-T", "csv"], ["--check"]):
        first = None
        for jobs in JOBS:
            done = run(casniff, pcaps, *reading(names), *form, "-j", str(jobs))
            told = (done.returncode, done.stdout, done.stderr)
            first = first or told
            require(len(done.stdout) > 0, f"{form}: nothing was told")
            require(told == first, f"{form}: -j {jobs} tells something else than -j {JOBS[0]}: "
                    f"{told[0]}, {told[2]} instead of {first[0]}, {first[2]}")


def check_alone(casniff, pcaps, names):
    """One capture is told as without -j; several one after the other are each told so."""
    alone = []
    for name in names:
        plain = run(casniff, pcaps, "-r", name, "--json")
        jobs = run(casniff, pcaps, "-r", name, "--json", "-j", "2")
        events = without_memory(plain.stdout)
        require(without_memory(jobs.stdout) == events and jobs.stderr == plain.stderr
                and jobs.returncode == plain.returncode, f"{name}: -j tells something else")
        alone += [event for event in events if event["event_type"] == "handshake"]
    together = run(casniff, pcaps, *reading(names), "--json", "-j", "2")
    told = [event for event in without_memory(together.stdout)
            if event["event_type"] == "handshake"]
    for event in alone + told:
        del event["event_seq"]
    require(told == alone, "together the captures' handshakes are others than alone")


def check_files(casniff, pcaps, folder, names):
    """What is written beside the reports."""
    first = None
    for jobs in JOBS:
        paths = [Path(folder) / kind for kind in ("state", "metrics", "saved")]
        for path in paths:
            path.unlink(missing_ok=True)
        done = run(casniff, pcaps, *reading(names), "--json", "-j", str(jobs),
                   "--state", paths[0], "--metrics", paths[1], "-w", paths[2])
        require(done.returncode == 0, f"-j {jobs}: {done.stderr.decode()}")
        told = (without_time(paths[0].read_text()), without_time(paths[1].read_text()),
                paths[2].read_bytes())
        first = first or told
        for kind, ours, expected in zip(("state", "metrics", "saved packets"), told, first):
            require(ours == expected, f"-j {jobs}: the {kind} are others")
    for name in names:
        paths = [Path(folder) / f"alone-{word}" for word in ("plain", "jobs")]
        run(casniff, pcaps, "-r", name, "-w", paths[0])
        run(casniff, pcaps, "-r", name, "-w", paths[1], "-j", "2")
        require(paths[0].read_bytes() == paths[1].read_bytes(),
                f"{name}: -j saves other packets")


def check_keys(casniff, pcaps, folder):
    key_log = Path(folder) / "keys"
    key_log.write_bytes((pcaps / "tls13-keylog.keys").read_bytes())
    key_log.chmod(0o600)
    options = ["--keylog", key_log, "--json"]
    plain = run(casniff, pcaps, "-r", "tls13-keylog.pcap", *options)
    jobs = run(casniff, pcaps, "-r", "tls13-keylog.pcap", *options, "-j", "2")
    require(b'"decrypted"' in plain.stdout, "the key log opens nothing")
    require(without_memory(jobs.stdout) == without_memory(plain.stdout),
            "-j tells something else with a key log")


def check_pipe(casniff, pcaps):
    piped = (pcaps / "few-cas.pcap").read_bytes()
    first = None
    for jobs in JOBS:
        done = run(casniff, pcaps, "-r", "founding-case.pcap", "-r", "-", "-r", "expired.pcap",
                   "--json", "-j", str(jobs), stdin=piped)
        first = first or done.stdout
        files = [event.get("pcap_filename") for event in without_memory(done.stdout)
                 if event["event_type"] == "handshake"]
        require(done.returncode == 0 and files == ["founding-case.pcap", "-", "expired.pcap"],
                f"-j {jobs}, one of three is a pipe: {files}, {done.stderr.decode()}")
        require(done.stdout == first, f"-j {jobs}: a pipe changes what is told")


def check_damaged(casniff, pcaps, folder):
    """What is wrong is said in the order of the captures."""
    broken = []
    for number in range(4):
        path = Path(folder) / f"broken-{number}.pcap"
        path.write_bytes((pcaps / "founding-case.pcap").read_bytes()[:-10 - number])
        broken.append(path)
    missing = Path(folder) / "missing.pcap"
    for jobs in JOBS:
        done = run(casniff, pcaps, *reading(broken), "--json", "-j", str(jobs))
        said = re.findall(r"broken-(\d)", done.stderr.decode())
        require(done.returncode == 3 and said == ["0", "1", "2", "3"],
                f"-j {jobs}: damaged captures: exit {done.returncode}, {done.stderr.decode()}")
        done = run(casniff, pcaps, "-r", missing, "-r", "few-cas.pcap", "--json", "-j", str(jobs))
        require(done.returncode == 1 and b'"few-cas.pcap"' in done.stdout
                and b"missing.pcap" in done.stderr, f"-j {jobs}: a capture that is missing")


def check_refused(casniff, pcaps):
    for arguments, sentence in (
            (["-j", "2", "-r", "few-cas.pcap", "-c", "5"], "-c counts the packets"),
            (["-j", "2", "-i", "lo"], "-j is for -r"),
            (["-j", "2", "-r", "-", "--keylog", "tls13-keylog.keys"], "-j cannot read --keylog"),
            (["-j", "0", "-r", "few-cas.pcap"], "-j"),
            (["-j", "17", "-r", "few-cas.pcap"], "-j")):
        done = run(casniff, pcaps, *arguments)
        require(done.returncode == 2 and sentence in done.stderr.decode(),
                f"{arguments}: exit {done.returncode}, {done.stderr.decode()}")


def children(pid):
    return [int(word) for word in
            Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def wait_for(what, holds):
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        got = holds()
        if got:
            return got
        time.sleep(0.02)
    raise Failed(f"waited in vain: {what}")


class Running:
    """One that reads a pipe, which is open until told otherwise, and a file behind it."""

    def __init__(self, casniff, pcaps, folder, name):
        self.fifo = Path(folder) / name
        os.mkfifo(self.fifo)
        self.out = open(Path(folder) / f"{name}.out", "w+b")
        self.err = open(Path(folder) / f"{name}.err", "w+b")
        self.process = subprocess.Popen(
            [casniff, "-r", self.fifo, "-r", "few-cas.pcap", "--json", "-j", "2"], cwd=pcaps,
            stdout=self.out, stderr=self.err, start_new_session=True)
        self.writer = open(self.fifo, "wb", buffering=0)
        capture = (pcaps / "founding-case.pcap").read_bytes()
        self.writer.write(capture[:OPENED])  # taken when the capture is opened
        wait_for("the pipe to be opened", self.is_read)
        self.writer.write(capture[OPENED:])  # and this by the process that reads it

    def is_read(self):
        """Nothing of what was written is left in the pipe: it is waited for."""
        left = fcntl.ioctl(self.writer, termios.FIONREAD, struct.pack("i", 0))
        return struct.unpack("i", left)[0] == 0

    def ended(self):
        self.writer.close()
        code = self.process.wait(PATIENCE_S)
        self.out.seek(0)
        self.err.seek(0)
        told = [json.loads(line) for line in self.out.read().decode().splitlines()]
        said = self.err.read().decode()
        self.out.close()
        self.err.close()
        return code, told, said


def files_of(told):
    return {event["pcap_filename"] for event in told if event["event_type"] == "handshake"}


def check_death(casniff, pcaps, folder):
    running = Running(casniff, pcaps, folder, "death")
    wait_for("the pipe to be read", running.is_read)
    # The other one has ended: what is left reads the pipe.
    reader = wait_for("the reader of the pipe",
                      lambda: children(running.process.pid)
                      if len(children(running.process.pid)) == 1 else None)[0]
    os.kill(reader, signal.SIGKILL)
    code, told, said = running.ended()
    require(code == 1 and "signal 9" in said and "death" in said,
            f"a reader that was killed: exit {code}, {said}")
    require("few-cas.pcap" in files_of(told), "what another reader saw was not told")
    require(told[-1]["event_type"] == "stats", "the report has no end")


def check_interrupt(casniff, pcaps, folder):
    running = Running(casniff, pcaps, folder, "interrupt")
    wait_for("the readers", lambda: len(children(running.process.pid)) == 1)
    os.killpg(running.process.pid, signal.SIGINT)
    code, told, said = running.ended()
    require(code == 0 and said == "", f"interrupted: exit {code}, {said}")
    require(str(running.fifo) in files_of(told), "what was read until then was not told")
    require(told[-1]["event_type"] == "stats", "the report has no end")


def status_of(pid):
    return dict(line.split(":\t", 1) for line in
                Path(f"/proc/{pid}/status").read_text().splitlines() if ":\t" in line)


def check_confined(casniff, pcaps, folder):
    running = Running(casniff, pcaps, folder, "confined")
    reader = wait_for("the reader of the pipe",
                      lambda: children(running.process.pid)
                      if len(children(running.process.pid)) == 1 else None)[0]
    for pid in (reader, running.process.pid):
        wait_for("confinement", lambda pid=pid: status_of(pid)["Seccomp"] == "2")
        status = status_of(pid)
        require(status["NoNewPrivs"] == "1" and int(status["CapEff"], 16) == 0
                and status["Uid"].split()[0] != "0", f"process {pid} is not confined")
    running.ended()


def main(casniff, pcaps, *words):
    casniff = Path(casniff).resolve()
    pcaps = Path(pcaps).resolve()
    names = captures(pcaps)
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o777)  # the program may become somebody else
        check_refused(casniff, pcaps)
        check_forms(casniff, pcaps, names)
        check_alone(casniff, pcaps, names)
        check_files(casniff, pcaps, folder, names[:12])
        check_keys(casniff, pcaps, folder)
        check_pipe(casniff, pcaps)
        check_damaged(casniff, pcaps, folder)
        check_death(casniff, pcaps, folder)
        check_interrupt(casniff, pcaps, folder)
        if "confined" in words and os.geteuid() == 0:
            check_confined(casniff, pcaps, folder)


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except Failed as failed:
        sys.exit(f"{failed}")
