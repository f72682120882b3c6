#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Whatever call of the system fails, and whatever allocation: the program ends by itself, with an
exit code that the manual knows, and says in whole sentences what it could not do. When it says
nothing and ends well, its reports are those of a run in which nothing failed.

CASNIFF is linked with support/failing_calls.c. Each call of a run fails once; of those that are too
many, some that are evenly spread. --rounds, or CASNIFF_ROUNDS in the environment, is how many times
more, or fewer, that shall be.

usage: check_failing.py [--rounds FACTOR] CASNIFF PCAPS
"""
import argparse
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

CODES = {0, 1, 2, 3}
FREE = ("--sandbox", "off")
# Allocations, those of a place of the program not seen before, and calls of the system. The first
# of these keeps the standard streams: without it nothing can be said.
FIRST = {"memory": 1, "place": 1, "system": 2}
ROUNDS = {"memory": 20, "place": 1000, "system": 100}
# What is looked at before libpcap reads it: when it fails for good, libpcap tells.
READ_TWICE = "secrets in a capture"


def scenarios(pcaps, rest):
    """Name, words of the command, and the files that it writes, below a folder of its own."""
    store = ("-t", pcaps / "founding-case-store.pem")
    client = ("--client-cert", pcaps / "founding-case-client.pem")
    yield "all outputs", ("-r", pcaps / "founding-case.pcap", *store, *client, "-v", "-T",
                          "json:events", "-T", "csv:table", "-T", "text", "--metrics", "metrics",
                          "-w", "evidence.pcap"), ("events", "table", "evidence.pcap")
    yield "state", ("-r", pcaps / "few-cas.pcap", "-r", pcaps / "nginx.pcap", "--state", "state",
                    "--json", "--sensor-name", "s"), ()
    yield "keys", ("-r", pcaps / "tls13-keylog.pcap", "-r", pcaps / "renegotiation-keylog.pcap",
                   "--keylog", pcaps / "tls13-keylog.keys", "--keylog",
                   pcaps / "renegotiation-keylog.keys", "--keylog-world-readable", "--json"), ()
    yield "secrets in a capture", ("-r", rest / "secrets.pcapng", "--json"), ()
    yield "compressed", ("-r", pcaps / "wrap.pcap.gz", "--select", "findings"), ()
    yield "several stores", ("-r", pcaps / "subset.pcap", "-t", rest / "stores"), ()
    yield "plan", ("--plan", *store, "--limit", "12000"), ()
    yield "check", ("--check", "-r", pcaps / "founding-case.pcap", "--state", "state"), ()
    yield "alerts", ("-r", pcaps / "wrong-issuer.pcap", "--alert-exec", "cat > alert"), ()
    yield "configuration", ("--config", rest / "casniff.conf", "-F", rest / "filter", "-r",
                            pcaps / "few-cas.pcap"), ()
    yield "completion", ("--completion", "bash"), ()


def make_rest(pcaps, folder):
    """What no capture of pcaps/ has. A Decryption Secrets Block comes before the packets."""
    try:
        subprocess.run(["editcap", "--inject-secrets", f"tls,{pcaps / 'tls13-keylog.keys'}",
                        pcaps / "tls13-keylog.pcap", folder / "secrets.pcapng"], check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    except (OSError, subprocess.CalledProcessError):
        (folder / "secrets.pcapng").write_bytes((pcaps / "400-cas.pcapng").read_bytes())
    (folder / "stores").mkdir()
    for name in ("few-cas-store.pem", "mbedtls-cut-store.pem"):
        (folder / "stores" / name).write_bytes((pcaps / name).read_bytes())
    (folder / "casniff.conf").write_text("# a comment\nreport = json\nverbose = yes\n", encoding="utf-8")
    (folder / "filter").write_text("tcp # a comment\n", encoding="utf-8")


class Scenario:
    def __init__(self, casniff, name, words, files):
        self.casniff, self.name, self.words, self.files = casniff, name, words, files

    def run(self, kind, fails):
        """The result, what it wrote to files, and how many calls there were."""
        with tempfile.TemporaryDirectory() as folder:
            count = Path(folder) / "count"
            env = {**os.environ, "CASNIFF_FAIL": f"{kind}:{fails}", "CASNIFF_FAIL_COUNT":
                   str(count), "GCOV_ERROR_FILE": "/dev/null"}
            words = [self.casniff, *map(str, self.words), *FREE]
            if os.geteuid() == 0:
                words += ["-Z", "root"]
            result = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                    stderr=subprocess.PIPE, timeout=120, check=False, cwd=folder,
                                    env=env)
            written = [(Path(folder) / name).read_bytes() if (Path(folder) / name).exists()
                       else None for name in self.files]
            calls = int(count.read_text(encoding="utf-8")) if count.exists() else 0
        return result, written, calls

    def complaint(self, kind, fails, truth):
        try:
            result, written, _ = self.run(kind, fails)
        except subprocess.TimeoutExpired:
            return "it does not end"
        if result.returncode not in CODES:
            return f"exit {result.returncode}"
        lines = result.stderr.decode(errors="replace").splitlines()
        for line in lines:
            if not line.startswith(("casniff: ", "usage: ")):
                return f"no sentence: {line!r}"
        if result.returncode not in (0, truth[0].returncode) and not lines and \
                "--check" not in self.words:  # a plugin's caller reads the code
            return f"exit {result.returncode} without a word"
        is_like_the_truth = result.returncode == truth[0].returncode and not lines
        if kind == "system" and self.name != READ_TWICE and is_like_the_truth and \
                (result.stdout, written) != (truth[0].stdout, truth[1]):
            return "another report, and not a word of it"
        return None

    def check(self, kind, rounds):
        truth = self.run(kind, 0)
        calls = truth[2]
        step = max(calls // int(ROUNDS[kind] * rounds), 1)
        wanted = [str(k) for k in range(FIRST[kind], calls + 1, step)]
        if kind == "memory":
            wanted += [f"{k}+" for k in range(1, calls + 1, step * 8)]
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            found = list(pool.map(lambda k: self.complaint(kind, k, truth), wanted))
        failures = [f"{self.name}, {kind} {k}: {text}" for k, text in zip(wanted, found) if text]
        print(f"{self.name}: {calls} calls ({kind}), {len(wanted)} runs, {len(failures)} failures",
              flush=True)
        if calls == 0 or truth[0].stderr:
            failures.append(f"{self.name}: without a failure: {calls} calls, {truth[0].stderr!r}")
        return failures


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=float,
                        default=float(os.environ.get("CASNIFF_ROUNDS", "1")))
    parser.add_argument("casniff", type=Path)
    parser.add_argument("pcaps", type=Path)
    args = parser.parse_args()
    failures = []
    with tempfile.TemporaryDirectory() as folder:
        make_rest(args.pcaps.resolve(), Path(folder))
        for scenario in scenarios(args.pcaps.resolve(), Path(folder)):
            for kind in FIRST:
                failures += Scenario(args.casniff.resolve(), *scenario).check(kind, args.rounds)
    print("\n".join(failures))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
