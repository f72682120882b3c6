#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""--config: what a line means, what is wrong with one, and that the command line wins.

usage: check_config.py CASNIFF PCAPS
"""
import subprocess
import sys
import tempfile
from pathlib import Path

CASNIFF = str(Path(sys.argv[1]).resolve())
PCAPS = Path(sys.argv[2]).resolve()
CAPTURE = str(PCAPS / "founding-case.pcap")
SHORT = str(PCAPS / "few-cas.pcap") # nothing in it is near a limit
STORE = str(PCAPS / "founding-case-store.pem")

GOOD = "the configuration is good\n"

# What is in the file, and what --test-config says on standard error behind "casniff: FILE".
WRONG = [
    ("limits = 1\n", ":1: unknown key 'limits': did you mean 'limit'?"),
    ("warn = 80\n\nfrobnicate = 1\n", ":3: unknown key 'frobnicate': man casniff.conf lists all"),
    ("--warn = 80\n", ":1: unknown key '--warn': did you mean 'warn'?"),
    ("w = x\n", ":1: unknown key 'w': man casniff.conf lists all"),
    ("limit = java-rcv\n", ":1: limit: does not know 'java-rcv': did you mean 'java-recv'?"),
    ("# comment\r\nwarn = 101\r\n", ":2: warn: takes a percentage from 1 to 100, not '101'"),
    ("sandbox = maybe\n", ":1: sandbox: does not know 'maybe': "),
    ("stats = 5x\n", ":1: stats: takes a time such as 90, 15m, 1h or 7d, not '5x'"),
    ("syslog = 1\n", ":1: syslog: takes yes or no, not '1'"),
    ("warn =\n", ":1: warn: has no value: leave the line out"),
    ("warn = 80\nwarn = 81\n", ":2: warn: is in line 1 already, and can be given once only"),
    ("syslog = no\nsyslog = yes\n", ":2: syslog: is in line 1 already"),
    ("syslog\n", ":1: this is no 'key = value'"),
    ("warn: 80\n", ":1: this is no 'key = value'"),
    ("warn 80 = 80\n", ":1: unknown key 'warn 80'"),
    ("= 80\n", ":1: unknown key ''"),
    ("[limits]\n", ":1: unknown section: there are [capture], [compare], [report], [alert] "),
    ("[Capture]\n", ":1: unknown section"),
    ("[capture\n", ":1: the section's ']' is missing"),
    ("[capture] interface = eth0\n", ":1: behind the section's ']' there is more"),
    ("config = other.conf\n", ":1: config: is for the command line only"),
    ("read = a.pcap\n", ":1: read: is for the command line only"),
    ("plan = yes\n", ":1: plan: is for the command line only"),
    ("help = yes\n", ":1: help: is for the command line only"),
    ("alert-exec = logger one ; reboot\n", ":1: a ';' behind a blank would begin a comment"),
    ("filter = " + "x" * 191 + "\n", ":1: the line is too long: at most 199 bytes are read"),
    ("\n\nfilter = " + "x" * 5000, ":3: the line is too long"),
    ("report = text\nreport = csv\n", ":2: report: two reports go to standard output"),
    ("report = text\njson = yes\n", ":2: json: two reports go to standard output"),
    ("report = html\n", ":1: report: does not know 'html'"),
    ("warn = 9\x1b[31m0\n", ":1: warn: takes a percentage from 1 to 100, not '9?[31m0'"),
    ("warn = 80\n\0\n", " is no configuration: it is no text"),
    ("#" * (1 << 20), " is no configuration: it is longer than a MiB"),
]

# What is in the file, and that it is good.
RIGHT = [
    "",
    "\n\n",
    "# only\n; comments\n",
    "[capture]\n[compare]\n[report]\n[alert]\n[run]\n",
    "warn = 70\n  crit = 90\n\tlimit=8192\nlimit   =   schannel\n",
    "warn = 70",
    "\ufeff[capture]\r\ninterface = eth0\r\ninterface = eth1\r\n",
    "syslog = no\njournal = yes\nline-buffered = yes\njson = no\n",
    f"trust-store = {STORE}\ntrust-store = {STORE}\n",
    "filter = tcp port 443 or host 2001:db8::1 and tcp[13] = 2\n",
    "alert-exec = /usr/bin/logger -t 'a;b'\n",
    "filter = tcp     " + " or tcp" * 26 + "\n",
    "#" * 5000 + "\nwarn = 70\n",
    "snapshot-length = 0\nbuffer-size = 64\ndirection = in\nduration = 2m\nsandbox = require\n",
]


# What is in the file, the exit code of a run with it, and what is said.
DOOMED = [
    ("trust-store = missing.pem\n", 1, "missing.pem"),
    ("client-cert = missing.pem\n", 1, "missing.pem"),
    ("filter = tpc port 443\n", 2, "bad filter"),
    ("interface = http://192.0.2.1\n", 2, "is not an interface"),
    ("interface = longer-than-fits\n", 2, "no interface can be called"),
    ("relinquish-privileges = nobody-at-all\n", 1, "nobody-at-all"),
    ("report = json:missing/events.json\n", 1, "missing/events.json"),
    ("metrics = missing/casniff.prom\n", 1, "missing/casniff.prom"),
    ("state = missing/state\n", 1, "missing/state"),
    ("write = missing/findings.pcap\n", 1, "missing/findings.pcap"),
]


def expect_doomed(path):
    for text, code, words in DOOMED:
        path.write_text(text)
        result = run(path, "--test-config")
        said = result.stderr.decode()
        if result.returncode != code or result.stdout or words not in said or \
                said.count("\n") != 1:
            yield f"{text[:40]!r} ends with {result.returncode}: {said!r}"


def expect_nothing_written(path):
    path.write_text("report = json:out.json\nwrite = out.pcap\nmetrics = out.prom\nstate = out\n")
    result = run(path, "--test-config")
    if result.returncode != 0 or [p.name for p in path.parent.glob("out*")]:
        yield f"files are made by --test-config, or it ends with {result.returncode}"


def run(path, *arguments):
    return subprocess.run([CASNIFF, "--config", path, *arguments], cwd=path.parent, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def expect_wrong(path):
    for text, sentence in WRONG:
        path.write_bytes(text.encode())
        result = run(path, "--test-config")
        said = result.stderr.decode()
        if result.returncode != (1 if sentence.startswith(" is no") else 2) or result.stdout:
            yield f"{text[:40]!r} ends with {result.returncode}"
        if not said.startswith(f"casniff: {path}{sentence}") or said.count("\n") != 1:
            yield f"{text[:40]!r} says {said!r}, not {sentence!r}"


def expect_right(path):
    for text in RIGHT:
        path.write_text(text, newline="")
        result = run(path, "--test-config")
        if (result.returncode, result.stdout.decode()) != (0, GOOD) or result.stderr:
            yield f"{text[:40]!r} ends with {result.returncode}: {result.stderr.decode()}"


# File, arguments, what is then in the report (or not, after "!").
EFFECTS = [
    ("report = csv\n", [], "timestamp,"),
    ("report = csv\n", ["-T", "json"], '{"v":1,'),
    ("report = csv\n", ["-T", "json"], "!timestamp,"),
    ("report = csv\n", ["--json"], '{"v":1,'),
    ("json = yes\n", ["-T", "csv"], "!event_type"),
    ("json = yes\nsensor-name = two words\n", [], '"sensor_name":"two words"'),
    ("json = yes\nsensor-name = file\n", ["--sensor-name", "mine"], '"sensor_name":"mine"'),
    ("json = yes\nlimit = 20000\n", [], '"limit_bytes":20000'),
    ("json = yes\nlimit = 20000\n", ["--limit", "30000"], '"limit_bytes":30000'),
    ("json = yes\nlimit = 20000\n", ["--limit", "30000"], "!20000"),
    ("json = yes\nfilter = udp\n", [], '"frames":0,'),
    ("json = yes\nfilter = udp\n", ["tcp"], '"frames":36,'),
    ("json = yes\nfilter = udp\n", ["-F", "/dev/null"], '"frames":36,'),
    ("json = yes\nfilter-file = missing\n", ["--filter", "tcp"], '"frames":36,'),
    ("json = yes\ninterface = eth0\n", [], '"frames":36,'),
    (f"json = yes\ntrust-store = {PCAPS}/founding-case-store.pem\n", [],
     '"truncation":"confirmed"'),
]


def expect_effects(path):
    for text, arguments, wanted in EFFECTS:
        path.write_text(text)
        capture = SHORT if "limit" in text else CAPTURE
        result = run(path, "-r", capture, *arguments)
        is_there = wanted.lstrip("!") in result.stdout.decode()
        if result.returncode != 0 or is_there == wanted.startswith("!"):
            yield f"{text!r} {arguments}: {wanted} ({result.stderr.decode()})"


def complaints(folder):
    path = folder / "casniff.conf"
    yield from expect_wrong(path)
    yield from expect_right(path)
    yield from expect_doomed(path)
    yield from expect_nothing_written(path)
    yield from expect_effects(path)
    result = run(folder / "missing.conf", "--test-config")
    if result.returncode != 1 or b"cannot read the configuration" not in result.stderr:
        yield f"a missing file: {result}"
    path.write_text("warn = 80\n")
    result = run(path, "--test-config", "--unknown")
    if result.returncode != 2 or b"unknown option --unknown" not in result.stderr:
        yield f"an unknown option: {result}"


def main():
    with tempfile.TemporaryDirectory() as folder:
        found = list(complaints(Path(folder)))
    print("\n".join(found) or "the configuration is read as documented")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
