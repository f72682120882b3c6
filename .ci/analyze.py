#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What static analyzers say of src: nothing, or each complaint once and exit code 1.

    analyze.py BUILD

Runs cppcheck, and on each file gcc's -fanalyzer and the analyzer that scan-build runs, with the
flags that the file is compiled with. Nothing is built.
"""
import concurrent.futures
import json
import os
import shlex
import subprocess
import sys
import tempfile
import time
from pathlib import Path

# What an analyzer is known to get wrong, and why. All other checks of these files are made.
GCC_WRONG = {
    # Memory whose pointer lies in an element of a growing array is taken for lost as soon as
    # the array has grown by way of another function. (It is not: the suites run under
    # LeakSanitizer, and every allocation is made to fail.)
    "src/analysis/trust_store.c": ["-Wno-analyzer-malloc-leak"],
    "src/output/metrics_servers.c": ["-Wno-analyzer-malloc-leak"],
}
CPPCHECK_WRONG = [
    # One side of a conditional is taken to happen before the other: fclose(), then fflush().
    "useClosedFile:src/cli/output.c",
    # What is put into the arrival is used up before the function that holds it returns.
    "autoVariables:src/net/flows.c",
    # A compound literal as one side of a conditional: valid C that it cannot read.
    "internalAstError:src/tls/follower.c",
    # A descriptor that was opened into a struct which is then copied into the caller's.
    "memleak:src/cli/alert_sinks.c",
]
# The checks that scan-build makes, and those that clang-tidy has made besides.
CLANG_MORE = ["-analyzer-werror", "-analyzer-checker=security,optin.portability",
              "-analyzer-disable-checker=security.insecureAPI.DeprecatedOrUnsafeBufferHandling"]
CLANG_FLAGS = ["--analyze", "--analyzer-output", "text",
               *(word for flag in CLANG_MORE for word in ("-Xclang", flag))]


class Unit:
    """A file of src and how it is compiled."""

    def __init__(self, entry, root):
        words = shlex.split(entry["command"])
        self.folder = entry["directory"]
        self.path = Path(entry["directory"], entry["file"]).resolve()
        self.name = str(self.path.relative_to(root)) if root in self.path.parents else ""
        self.kept = [word for word in words if word.startswith(("-I", "-D", "-std", "-U"))]


def units_of(build):
    root = Path(__file__).resolve().parent.parent
    found = {}
    for entry in json.loads((build / "compile_commands.json").read_text()):
        unit = Unit(entry, root)
        if unit.name.startswith("src/"):
            found.setdefault(unit.name, (unit, entry))
    return root, found


def said(command, folder):
    done = subprocess.run(command, cwd=folder, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT)
    return "" if done.returncode == 0 else done.stdout or f"{command[0]}: {done.returncode}\n"


def ask_gcc(unit):
    wrong = GCC_WRONG.get(unit.name, [])
    return said(["gcc", *unit.kept, "-fanalyzer", "-Werror", *wrong, "-c", unit.path,
                 "-o", "/dev/null"], unit.folder)


def ask_clang(unit):
    return said(["clang", *unit.kept, *CLANG_FLAGS, unit.path], unit.folder)


def ask_cppcheck(root, entries):
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder, "compile_commands.json")
        database.write_text(json.dumps(entries))
        wrong = [f"--suppress={one.replace(':', ':' + str(root) + '/')}"
                 for one in CPPCHECK_WRONG]
        return said(["cppcheck", "--quiet", f"--project={database}", "-j", str(os.cpu_count()),
                     "--enable=warning,performance,portability", "--error-exitcode=1", *wrong],
                    folder)


def main():
    root, found = units_of(Path(sys.argv[1]).resolve())
    asked = {"cppcheck": [lambda: ask_cppcheck(root, [entry for _, entry in found.values()])]}
    for name, ask in (("gcc -fanalyzer", ask_gcc), ("clang --analyze", ask_clang)):
        asked[name] = [lambda ask=ask, unit=unit: ask(unit) for unit, _ in found.values()]
    complaints = ""
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for name, questions in asked.items():
            start = time.monotonic()
            answers = [pool.submit(question) for question in questions]
            told = "".join(answer.result() for answer in answers)
            print(f"{name}: {len(found)} files, {time.monotonic() - start:.0f} s", flush=True)
            print(told, end="", flush=True)
            complaints += told
    return 1 if complaints or not found else 0


if __name__ == "__main__":
    sys.exit(main())
