#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What run.py adds up and tells, with an engine that only says what it is told to say."""
import base64
import contextlib
import io
import json
import sys
import tempfile
from argparse import Namespace
from pathlib import Path

from engines import Slice
from run import Run

CRASH = b"\0boom"


class Fake:
    """Each slice of time takes ten core-seconds; bad is the target that goes wrong."""
    name = "fake"

    def __init__(self, bad=None, how=None):
        self.bad = bad
        self.how = how
        self.ran = []

    def run(self, places, _seconds, _processes):
        target = places.program.name.removeprefix("fuzz_")
        self.ran.append(target)
        result = Slice(executions=100, edges=5, core_seconds=10.0)
        places.log.write_text("the last line\n")
        if target == self.bad and self.how == "finding":
            unit = places.findings / f"crash-{len(self.ran)}"
            unit.write_bytes(CRASH)
            result.findings.append(unit)
        result.failed = target == self.bad and self.how == "broken"
        return result

    @staticmethod
    def corpus_size(_places):
        return 7

    @staticmethod
    def minimise(_places, _processes):
        pass


def go(folder, engine, **options):
    """Of the targets a and b: the run, its ledger on disk, and what it printed."""
    ledger = Path(folder) / "ledger.json"
    settings = {"seconds": None, "hours": None, "jobs": 2, "build": Path(folder), "work": None,
                "ledger": ledger, "no_minimise": False}
    run = Run(Namespace(**settings | options), engine, ["a", "b"])
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        run.go()
    return run, json.loads(ledger.read_text())["fake"], printed.getvalue()


def figures_add_up_over_runs(folder):
    go(folder, Fake(), seconds=1)
    run, ledger, _ = go(folder, Fake(), seconds=1)
    yield ledger["a"]["executions"], 200
    yield ledger["b"]["core_seconds"], 20.0
    yield ledger["b"]["slices"], 2
    yield ledger["b"]["corpus"], 7
    yield ledger["a"]["last_new_edge_at"], 10.0  # the second run found none
    yield run.session.sums["fake"]["a"]["executions"], 100


def rounds_go_on_until_the_core_hours_are_spent(folder):
    engine = Fake()
    _, ledger, _ = go(folder, engine, hours=60 / 3600, jobs=1)
    yield engine.ran, ["a", "b", "a", "b", "a", "b"]
    yield ledger["a"]["core_seconds"], 30.0


def a_finding_is_kept_shown_and_counted(folder):
    run, ledger, printed = go(folder, Fake("b", "finding"), hours=40 / 3600, jobs=1)
    yield ledger["b"]["findings"], ["crash-2", "crash-4"]
    yield ledger["a"]["findings"], []
    yield (run.work / "findings/b/crash-2").read_bytes(), CRASH
    yield base64.b64encode(CRASH).decode() in printed, True


def a_target_that_does_not_run_is_told_and_left(folder):
    engine = Fake("a", "broken")
    run, _, printed = go(folder, engine, hours=40 / 3600, jobs=1)
    yield run.broken, ["a"]
    yield engine.ran, ["a", "b", "b", "b"]
    yield "the last line" in printed, True


def main():
    failures = 0
    for check in (figures_add_up_over_runs, rounds_go_on_until_the_core_hours_are_spent,
                  a_finding_is_kept_shown_and_counted,
                  a_target_that_does_not_run_is_told_and_left):
        with tempfile.TemporaryDirectory() as folder:
            for is_so, expected in check(folder):
                if is_so != expected:
                    print(f"{check.__name__}: {is_so!r}, not {expected!r}")
                    failures += 1
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
