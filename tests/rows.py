#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The catalogue of hostile input, row by row: which tests stand for it, and whether they pass.

    rows.py BUILD [ROW...]     runs the tests of these rows (all) and prints one table
    rows.py --check SOURCE     every row is there, and every test that it names

A row is a line in rows.txt that begins with its number, T01 for TCP, I01 for IP, D01 for
exhaustion, L01 for TLS, X01 for X.509. Lines below it, indented, name what shows it:

    unit SUITE TEST      a test of tests/unit/test_SUITE.c
    test NAME [LINE]     a test of meson's; or a line "ok LINE ..." that it prints
    note TEXT            what the row asks for and is not so here, and why
"""
import argparse
import os
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

ROWS = Path(__file__).with_name("rows.txt")
EXPECTED = ([f"T{n:02}" for n in range(1, 29)] + [f"I{n:02}" for n in range(1, 7)]
            + [f"D{n:02}" for n in range(1, 12)] + [f"L{n:02}" for n in range(1, 17)]
            + [f"X{n:02}" for n in range(1, 13)])
PASSED, FAILED, SKIPPED = "pass", "FAIL", "skipped"
SKIP_CODE = 77
TIMEOUT_S = 3600


@dataclass
class Row:
    number: str
    title: str
    tests: list = field(default_factory=list)  # words of each line
    notes: list = field(default_factory=list)


def read_rows(text):
    rows = []
    for line in text.splitlines():
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        if not line.startswith(" "):
            rows.append(Row(words[0], line.split(None, 1)[1]))
        elif words[0] == "note":
            rows[-1].notes.append(line.split(None, 1)[1])
        else:
            rows[-1].tests.append(words)
    return rows


# Are they there?

def complaints(rows, source):
    numbers = [row.number for row in rows]
    yield from (f"{n}: no such row in rows.txt" for n in EXPECTED if n not in numbers)
    yield from (f"{n}: not a row of the catalogue, or twice" for n in numbers
                if n not in EXPECTED or numbers.count(n) > 1)
    for row in rows:
        if not row.tests and not row.notes:
            yield f"{row.number}: nothing shows it, and no note says why"
        for words in row.tests:
            yield from (f"{row.number}: {what}" for what in wrong_in(words, source))


def wrong_in(words, source):
    if words[0] == "unit" and len(words) == 3:
        path = source / "tests" / "unit" / f"test_{words[1]}.c"
        text = path.read_text() if path.exists() else ""
        if not re.search(rf"^START_TEST\({words[2]}\)$", text, re.M):
            yield f"no test {words[2]} in {path}"
        elif not re.search(rf"tcase_add_(loop_)?test\([^;]*\b{words[2]}\b", text):
            yield f"{words[2]} in {path} is not run"
    elif words[0] == "test" and len(words) in (2, 3):
        files = (source / "tests").rglob("meson.build")
        name = words[1].removeprefix("fuzz_").removeprefix("unit_cost_")
        if not any(f"'{name}'" in f.read_text() for f in files):
            yield f"no test {words[1]} in tests/**/meson.build"
    else:
        yield f"not understood: {' '.join(words)}"


# Do they pass?

class Results:
    """What each test said; each program is run once."""

    def __init__(self, build):
        self.build = build
        self.units = {}
        self.tests = {}

    def of(self, words):
        if words[0] == "unit":
            return self.of_unit(words[1], words[2])
        return self.of_test(words[1], words[2] if len(words) == 3 else None)

    def of_unit(self, suite, name):
        if suite not in self.units:
            self.units[suite] = run_unit(self.build, suite)
        said = self.units[suite].get(name, [])
        return PASSED if said and all(each == "P" for each in said) else FAILED

    def of_test(self, name, line):
        if name not in self.tests:
            self.tests[name] = run_test(self.build, name)
        code, output = self.tests[name]
        if code == SKIP_CODE:
            return SKIPPED
        if line is not None:
            return PASSED if re.search(rf"^ok {line}\b", output, re.M) else FAILED
        return PASSED if code == 0 else FAILED


def run_unit(build, suite):
    """The letters (P, F or E) of each test of a suite, one for each of its rounds."""
    done = subprocess.run([build / "tests" / f"test_{suite}"], capture_output=True, check=False,
                          env={**os.environ, "CK_VERBOSITY": "verbose",
                               "CK_TIMEOUT_MULTIPLIER": "10"}, timeout=TIMEOUT_S)
    said = {}
    for letter, name in re.findall(r"^\S+:\d+:([PFE]):[^:]*:(\w+):\d+:",
                                   done.stdout.decode(errors="replace"), re.M):
        said.setdefault(name, []).append(letter)
    return said


def run_test(build, name):
    """Exit code (77: skipped) and output of one of meson's tests, as meson runs it."""
    done = subprocess.run(["meson", "test", "-C", build, "--no-rebuild", "-v",
                           "--timeout-multiplier", "10", name],
                          capture_output=True, check=False, timeout=TIMEOUT_S)
    output = done.stdout.decode(errors="replace")
    if re.search(r"^Skipped:\s+[1-9]", output, re.M):
        return SKIP_CODE, output
    has_run = re.search(r"^Ok:\s+[1-9]", output, re.M)
    return (0 if done.returncode == 0 and has_run else 1), output


def judge(row, results):
    said = [results.of(words) for words in row.tests]
    if not said:
        return "n/a"
    return FAILED if FAILED in said else SKIPPED if SKIPPED in said else PASSED


def print_table(rows, results):
    failed = 0
    for row in rows:
        result = judge(row, results)
        failed += result == FAILED
        print(f"{row.number}  {result:7}  {row.title}")
        for words in row.tests:
            print(f"     {results.of(words):7}    {' '.join(words[1:])}")
        for note in row.notes:
            print(f"                note: {note}")
        sys.stdout.flush()
    print(f"{len(rows)} rows, {failed} failed")
    return failed


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="run nothing; BUILD is the source")
    parser.add_argument("build", type=Path)
    parser.add_argument("row", nargs="*")
    args = parser.parse_args()
    rows = read_rows(ROWS.read_text())
    if args.check:
        wrong = list(complaints(rows, args.build))
        print("\n".join(wrong) or f"{len(rows)} rows")
        return 1 if wrong else 0
    wanted = [row for row in rows if not args.row or row.number in args.row]
    return 1 if print_table(wanted, Results(args.build.resolve())) else 0


if __name__ == "__main__":
    sys.exit(main())
