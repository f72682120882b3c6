#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs all fuzz targets, or those named, for a given time.

    run.py --seconds 10                     each target for ten seconds
    run.py --hours 8 --jobs 2               rounds over all targets until 8 core-hours are spent
    run.py --seconds 60 --engine afl dn     one target, with AFL++
    run.py --self-test                      does the engine find a fault that is there?

Builds the targets first, in build-fuzz-ENGINE or the folder of --build. What the engines learn
stays in the folder of --work, so that a later run goes on from there; at the end each corpus is
minimised. --ledger keeps sums over runs, written after every slice of time, so that a run which
is cut short counts as well. A finding's file stays in WORK/findings, and is shown in base64.
Fails when there was a finding.
"""
import argparse
import base64
import collections
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

from engines import ENGINES, Places

SOURCE = Path(__file__).resolve().parents[2]
SLICE_S = 180
SELF_TEST_S = 20
SHOWN_BYTES = 64 * 1024


def arguments():
    parser = argparse.ArgumentParser(description="Run all fuzz targets, or those named.")
    parser.add_argument("targets", nargs="*", metavar="TARGET", help="as in corpus/")
    time = parser.add_mutually_exclusive_group(required=True)
    time.add_argument("--seconds", type=int, help="for each target, once")
    time.add_argument("--self-test", action="store_true", help="find the planted fault")
    time.add_argument("--hours", type=float, help="core-hours for all of them, in rounds")
    parser.add_argument("--jobs", type=int, default=1, help="targets at a time")
    parser.add_argument("--engine", choices=ENGINES, default="libfuzzer")
    parser.add_argument("--build", type=Path, help="made when it is not there")
    parser.add_argument("--work", type=Path, help="what survives; below the build by default")
    parser.add_argument("--ledger", type=Path, help="JSON; sums over runs")
    parser.add_argument("--no-minimise", action="store_true", help="leave the corpora as they are")
    return parser.parse_args()


def build(folder, engine):
    """The targets alone: nothing else of the project is compiled for them."""
    if not (folder / "build.ninja").exists():
        subprocess.run(["meson", "setup", folder, SOURCE, f"-Dfuzz={engine.name}",
                        "-Doptimization=1", "-Db_sanitize=address,undefined",
                        "-Db_lundef=false"],
                       env=os.environ | {"CC": engine.compiler}, check=True)
    subprocess.run(["ninja", "-C", folder, "--quiet", "fuzzers"], check=True)


def all_targets():
    return sorted(path.stem.removeprefix("fuzz_")
                  for path in (SOURCE / "tests/fuzz").glob("fuzz_*.c"))


class Ledger:
    """Sums for each engine and target, kept in a file when one was named."""

    def __init__(self, path):
        self.path = path
        self.sums = json.loads(path.read_text()) if path and path.exists() else {}

    def entry(self, engine, target):
        return self.sums.setdefault(engine.name, {}).setdefault(target, {
            "slices": 0, "executions": 0, "core_seconds": 0.0, "edges": 0, "corpus": 0,
            "last_new_edge_at": 0.0, "findings": [],
        })

    def add(self, engine, target, result, corpus):
        entry = self.entry(engine, target)
        entry["slices"] += 1
        entry["executions"] += result.executions
        entry["core_seconds"] = round(entry["core_seconds"] + result.core_seconds, 2)
        if result.edges > entry["edges"]:
            entry["last_new_edge_at"] = entry["core_seconds"]
        entry["edges"] = result.edges or entry["edges"]
        entry["corpus"] = corpus
        entry["findings"] += [unit.name for unit in result.findings]
        self.save()

    def save(self):
        if self.path:
            fresh = self.path.with_suffix(".new")
            fresh.write_text(json.dumps(self.sums, indent=1, sort_keys=True) + "\n")
            fresh.replace(self.path)


class Run:
    """One call of this program: its slices of time, dealt to so many threads."""

    def __init__(self, options, engine, targets):
        self.options = options
        self.engine = engine
        self.targets = targets
        self.work = options.work or options.build / "fuzz-work"
        self.ledger = Ledger(options.ledger)
        self.session = Ledger(None)
        self.lock = threading.Lock()
        self.waiting = collections.deque(targets)
        self.processes = set()
        self.is_stopped = False
        self.broken = []

    def places(self, target):
        places = Places(program=self.options.build / "tests" / f"fuzz_{target}",
                        seeds=SOURCE / "tests/fuzz/corpus" / target,
                        corpus=self.work / self.engine.name / target,
                        findings=self.work / "findings" / target,
                        log=self.work / "logs" / f"{self.engine.name}-{target}.log")
        for folder in places.corpus, places.findings, places.log.parent:
            folder.mkdir(parents=True, exist_ok=True)
        return places

    def seconds_left(self):
        """Of the core-hours that were asked for."""
        spent = sum(each["core_seconds"]
                    for each in self.session.sums.get(self.engine.name, {}).values())
        return self.options.hours * 3600 - spent

    def next_target(self):
        with self.lock:
            is_over = self.is_stopped or not self.waiting
            if is_over or (self.options.hours and self.seconds_left() <= 0):
                return None
            return self.waiting.popleft()

    def slice_seconds(self):
        if self.options.seconds:
            return self.options.seconds
        return max(1, min(SLICE_S, int(self.options.hours * 3600 / len(self.targets))))

    def fuzz(self):
        while (target := self.next_target()) is not None:
            places = self.places(target)
            result = self.engine.run(places, self.slice_seconds(), self.processes)
            with self.lock:
                self.account(target, places, result)

    def account(self, target, places, result):
        corpus = self.engine.corpus_size(places)
        for ledger in self.ledger, self.session:
            ledger.add(self.engine, target, result, corpus)
        for unit in result.findings:
            show(target, unit)
        if result.failed and not self.is_stopped:
            self.broken.append(target)
            print(f"{target}: the engine failed:", *last_lines(places.log), sep="\n")
        elif self.options.hours:
            self.waiting.append(target)

    def minimise(self):
        while (target := self.next_of(self.waiting)) is not None:
            places = self.places(target)
            self.engine.minimise(places, self.processes)
            with self.lock:
                for ledger in self.ledger, self.session:
                    ledger.entry(self.engine, target)["corpus"] = self.engine.corpus_size(places)
                    ledger.save()

    def next_of(self, queue):
        with self.lock:
            return queue.popleft() if queue and not self.is_stopped else None

    def in_threads(self, work):
        threads = [threading.Thread(target=work)
                   for _ in range(min(self.options.jobs, len(self.targets)))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def stop(self, *_):
        self.is_stopped = True
        for pid in list(self.processes):
            os.kill(pid, signal.SIGINT)

    def go(self):
        for number in signal.SIGINT, signal.SIGTERM:
            signal.signal(number, self.stop)
        self.in_threads(self.fuzz)
        if not self.options.no_minimise and not self.is_stopped:
            self.waiting = collections.deque(self.targets)
            self.in_threads(self.minimise)


def last_lines(log):
    return log.read_text(errors="replace").splitlines()[-20:]


def show(target, unit):
    data = unit.read_bytes()
    print(f"{target}: FINDING {unit} ({len(data)} bytes, in base64):")
    print(base64.encodebytes(data[:SHOWN_BYTES]).decode(), flush=True)


def self_test(options, engine):
    """The fault of planted.c must be found, from a unit that says nothing of it."""
    with tempfile.TemporaryDirectory() as folder:
        names = ["seeds", "corpus", "findings"]
        for name in names:
            (Path(folder) / name).mkdir()
        seeds, corpus, findings = (Path(folder) / name for name in names)
        (seeds / "seed").write_bytes(b"yes")
        places = Places(program=options.build / "tests/planted", seeds=seeds, corpus=corpus,
                        findings=findings, log=Path(folder) / "log")
        result = engine.run(places, SELF_TEST_S, set())
        for unit in result.findings:
            show("planted", unit)
        if not result.findings:
            print("the planted fault was not found", *last_lines(places.log), sep="\n")
    return 0 if result.findings else 1


def print_table(title, entries):
    columns = "{:16} {:>14} {:>9} {:>7} {:>7} {:>9} {:>9} {:>8}"
    print(title)
    print(columns.format("target", "executions", "per core-s", "edges", "corpus", "core-s",
                         "last edge", "findings"))
    for target, each in sorted(entries.items()):
        print(columns.format(target, each["executions"],
                             int(each["executions"] / max(each["core_seconds"], 0.01)),
                             each["edges"], each["corpus"], int(each["core_seconds"]),
                             int(each["last_new_edge_at"]), len(each["findings"])))
    total = {key: sum(each[key] for each in entries.values())
             for key in ("executions", "edges", "corpus", "core_seconds")}
    print(columns.format("all", total["executions"],
                         int(total["executions"] / max(total["core_seconds"], 0.01)),
                         total["edges"], total["corpus"], int(total["core_seconds"]), "",
                         sum(len(each["findings"]) for each in entries.values())))


def main():
    options = arguments()
    engine = ENGINES[options.engine]
    options.build = (options.build or SOURCE / f"build-fuzz-{engine.name}").absolute()
    known = all_targets()
    unknown = set(options.targets) - set(known)
    if unknown:
        sys.exit(f"no such target: {' '.join(sorted(unknown))}; there are {' '.join(known)}")
    build(options.build, engine)
    if options.self_test:
        return self_test(options, engine)
    run = Run(options, engine, options.targets or known)
    run.go()
    session = run.session.sums.get(engine.name, {})
    print_table(f"{engine.name}, this run", session)
    if options.ledger:
        print_table(f"{engine.name}, all runs of {options.ledger}",
                    run.ledger.sums.get(engine.name, {}))
    findings = sum(len(each["findings"]) for each in session.values())
    return 1 if findings or run.broken else 0


if __name__ == "__main__":
    sys.exit(main())
