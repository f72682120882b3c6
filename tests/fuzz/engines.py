# SPDX-License-Identifier: GPL-2.0-or-later
"""The fuzzing engines: how each is built, run for a while, and its corpus minimised.

An engine knows nothing of other targets, of rounds or of sums: run.py does.
"""
import hashlib
import os
import re
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

UNIT_TIMEOUT_S = 10
MEMORY_MIB = 2048

# A sanitizer's finding ends the target, whatever the caller's environment says.
SANITIZERS = {
    "ASAN_OPTIONS": "abort_on_error=1:detect_leaks=1",
    "UBSAN_OPTIONS": "halt_on_error=1:abort_on_error=1:print_stacktrace=1",
}


@dataclass
class Slice:
    """What one run of one target did."""
    executions: int = 0
    edges: int = 0
    core_seconds: float = 0.0
    failed: bool = False
    findings: list = field(default_factory=list)


@dataclass
class Places:
    """Where a target's files are: the program, the corpus in the repository, and what survives."""
    program: Path
    seeds: Path
    corpus: Path
    findings: Path
    log: Path


def spend(arguments, log, environment, processes, stdin=subprocess.DEVNULL):
    """Run to the end; the exit status, and the seconds of processor time that it took."""
    with open(log, "ab") as out:
        process = subprocess.Popen(arguments, stdin=stdin, stdout=out,
                                   stderr=subprocess.STDOUT, env=os.environ | environment)
        processes.add(process.pid)
        _, status, usage = os.wait4(process.pid, 0)
        processes.discard(process.pid)
        process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, usage.ru_utime + usage.ru_stime


def spends_too_long(arguments, unit):
    """What was slow among others may not be so alone: the processor's time is what counts."""
    with open(unit, "rb") as stdin:
        _, seconds = spend(arguments, Path(os.devnull), SANITIZERS, set(), stdin)
    return seconds > UNIT_TIMEOUT_S


def digest_of(unit):
    return hashlib.sha1(unit.read_bytes(), usedforsecurity=False).hexdigest()


class LibFuzzer:
    name = "libfuzzer"
    compiler = "clang"

    def run(self, places, seconds, processes):
        before = set(places.findings.iterdir())
        places.log.write_bytes(b"")
        status, spent = spend(
            [places.program, f"-max_total_time={seconds}", f"-timeout={UNIT_TIMEOUT_S}",
             f"-rss_limit_mb={MEMORY_MIB}", "-print_final_stats=1",
             f"-artifact_prefix={places.findings}/", places.corpus, places.seeds],
            places.log, SANITIZERS, processes)
        text = places.log.read_text(errors="replace")
        executions = re.findall(r"stat::number_of_executed_units: +(\d+)", text)
        edges = re.findall(r"cov: (\d+)", text)
        found = self.findings(places, set(places.findings.iterdir()) - before)
        return Slice(executions=int(executions[-1]) if executions else 0,
                     edges=int(edges[-1]) if edges else 0,
                     core_seconds=spent, findings=found,
                     failed=not executions)

    @staticmethod
    def findings(places, new):
        """Units that were slow by the clock only are none: their files go."""
        found = []
        for unit in sorted(new):
            is_slow = unit.name.startswith(("timeout-", "slow-unit-"))
            if is_slow and not spends_too_long([places.program, unit], unit):
                unit.unlink()
            else:
                found.append(unit)
        return found

    def minimise(self, places, processes):
        fresh = places.corpus.with_name(places.corpus.name + ".fresh")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir()
        status, _ = spend([places.program, "-merge=1", f"-timeout={UNIT_TIMEOUT_S}",
                           f"-rss_limit_mb={MEMORY_MIB}", f"-artifact_prefix={fresh}/",
                           fresh, places.seeds, places.corpus],
                          places.log, SANITIZERS, processes)
        if status == 0:
            shutil.rmtree(places.corpus)
            fresh.rename(places.corpus)
        else:
            shutil.rmtree(fresh)

    @staticmethod
    def corpus_size(places):
        return sum(1 for _ in places.corpus.iterdir())


class Afl:
    name = "afl"
    compiler = "afl-clang-fast"
    environment = {
        "AFL_NO_UI": "1", "AFL_SKIP_CPUFREQ": "1", "AFL_NO_AFFINITY": "1", "AFL_FAST_CAL": "1",
        "AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES": "1", "AFL_MAP_SIZE": "131072",
        # As afl-fuzz demands them.
        "ASAN_OPTIONS": "abort_on_error=1:symbolize=0:detect_leaks=0",
        "UBSAN_OPTIONS": "halt_on_error=1:abort_on_error=1:symbolize=0",
    }

    def run(self, places, seconds, processes):
        units, out = self.folders(places)
        status, spent = spend(
            ["afl-fuzz", "-i", units, "-o", out, "-V", str(seconds), "-m", "none",
             "-t", f"{UNIT_TIMEOUT_S * 1000}+", "--", places.program],
            places.log, self.environment, processes)
        text = (out / "default/fuzzer_stats").read_text() if status == 0 else ""
        stats = dict(re.findall(r"(\w+) +: (.*)", text))
        self.keep_queue(places, out)
        return Slice(executions=int(stats.get("execs_done", 0)),
                     edges=int(stats.get("edges_found", 0)),
                     core_seconds=spent, findings=self.findings(places, out),
                     failed=status != 0)

    @staticmethod
    def folders(places):
        """All units in one folder, as afl-fuzz wants them, and a fresh one for what it finds."""
        units = places.corpus.with_name(places.corpus.name + ".units")
        out = places.corpus.with_name(places.corpus.name + ".out")
        for folder in units, out:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
        for unit in [*places.seeds.iterdir(), *places.corpus.iterdir()]:
            if unit.stat().st_size > 0:
                shutil.copy(unit, units / digest_of(unit))
        places.log.write_bytes(b"")
        return units, out

    @staticmethod
    def keep_queue(places, out):
        for unit in (out / "default/queue").glob("id:*"):
            shutil.copy(unit, places.corpus / digest_of(unit))

    @staticmethod
    def findings(places, out):
        found = []
        for kind in "crashes", "hangs":
            for unit in sorted((out / "default" / kind).glob("id:*")):
                if kind == "hangs" and not spends_too_long([places.program], unit):
                    continue
                kept = places.findings / f"afl-{kind}-{digest_of(unit)}"
                if not kept.exists():
                    found.append(shutil.copy(unit, kept))
        return found

    def minimise(self, places, processes):
        units, out = self.folders(places)
        status, _ = spend(["afl-cmin", "-i", units, "-o", out / "fewer", "-m", "none",
                           "-t", str(UNIT_TIMEOUT_S * 1000), "--", places.program],
                          places.log, self.environment, processes)
        if status == 0:
            shutil.rmtree(places.corpus)
            (out / "fewer").rename(places.corpus)

    @staticmethod
    def corpus_size(places):
        return sum(1 for _ in places.corpus.iterdir())


ENGINES = {engine.name: engine for engine in [LibFuzzer(), Afl()]}
