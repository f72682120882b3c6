#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What a byte of each unit of a fuzz target's corpus costs, against that of an honest unit.

    unit_cost.py fuzz_NAME [FOLDER...]     tests/fuzz/corpus/NAME, or what an engine has found

The target runs on all units in one process under callgrind, which counts the instructions of
each. Counted are those of src/, with all that they call: what a target makes of its input
before, and writes down and compares behind it, is not. What the library takes for a unit's head
alone, the bytes that only say how it is run, is taken off.

The yardstick is the same target's: its dearest byte of a unit as life brings it, a handshake, a
certificate, a list or a key log that some program made; HONEST names them. One target takes its
input once, another one byte by byte as well and with every allocation failing: their bytes are
not to be compared with each other. Where a unit is made of steps, the bytes of the packets they
stand for count, or the calls. No unit may cost more than ten times as much. Skipped without
valgrind, or where the program has no lines for a debugger.
"""
import functools
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RATIO_MAX = 10
# No unit counts as shorter, unless an honest one is: nothing comes in less than a frame.
LEAST = 64
SKIP = 77
SHOWN = 40
FUNCTION = "LLVMFuzzerTestOneInput"
# Once in each run with allocations that fail.
RUN = "scarce_begin"
# With which targets read their steps, write down what they hear, and look at what was written.
TOOLS = ("cas_buf_", "cas_reader_", "cas_text_next", "cas_text_is_safe")


@dataclass
class Yardstick:
    honest: list
    head: int = 0          # bytes that say how a unit is run
    # Units to be taken off instead of their heads: the least that is not refused.
    idle: list = field(default_factory=list)
    by_head: bool = False  # the head says which parser: each has an honest unit
    by_call: bool = False  # not a byte's cost, but that of a call of the library
    by_run: bool = False   # not of all runs of the input that the target makes, but of one
    # Where a unit is made of steps: the bytes of the packets that they are.
    made: Callable = len


def on_the_wire(ip_len):
    """Of an Ethernet's time: no frame is shorter, and each has its header, sum and gap."""
    return max(ip_len, 46) + 38


def flow_bytes(steps):
    """Each five bytes an IPv4 packet; those with SYN or RST carry nothing."""
    return sum(on_the_wire(40 + (0 if steps[at] & 7 in (2, 3, 5) else 2 * steps[at + 3]))
               for at in range(0, len(steps) - 4, 5))


def fragment_bytes(steps):
    """Each six bytes a fragment behind its IPv4 header."""
    return sum(on_the_wire(20 + int.from_bytes(steps[at + 3:at + 5], "big") % 2048)
               for at in range(0, len(steps) - 5, 6))


HONEST = {
    "bundle": Yardstick(["der", "pem", "pkcs7"]),
    "capture": Yardstick(["pcap", "pcapng-secrets"]),
    "cert": Yardstick(["self-signed-p256", "rsa-512"]),
    "cert_request": Yardstick(["tls10", "tls12", "tls13"], head=1),
    "conversation": Yardstick(["tls12", "tls13"], head=1),
    "dn": Yardstick(["plain", "multi-valued"]),
    "flows": Yardstick(["in_order"], head=1, made=flow_bytes),
    # A step of three bytes is a record of up to 600, shown seven at a time.
    "follower": Yardstick(["renegotiation"], head=1, by_call=True),
    "fragments": Yardstick(["whole"], made=fragment_bytes),
    "frame": Yardstick(["ethernet", "ipv6"], head=2),
    # Each step asks for all ranges: of many, there are many calls, and each may cost no more.
    "gaps": Yardstick(["inserts"], by_call=True),
    "handshake": Yardstick(["flight", "separate"], head=3),
    "hello": Yardstick(["client", "server"], head=1),
    "json": Yardstick(["plain"]),
    "keylog": Yardstick(["whole"]),
    "late_keys": Yardstick(["tls13-first", "tls13-last"], head=1),
    # Runs as often as it allocates, so a unit that allocates more is none the dearer.
    "no_memory": Yardstick(["blocks-secrets-little", "bundle-pem", "certificate-self-signed-p256",
                            "keylog-whole", "name-plain", "state-whole", "talk-few-cas"],
                           head=1, by_head=True, by_run=True),
    "pcapng": Yardstick(["secrets-little"]),
    "record": Yardstick(["flight"], head=1),
    "relay": Yardstick(["few-cas", "encoding-mismatch"], head=1),
    "renewal": Yardstick(["at_once"]),
    "sniffer": Yardstick(["tls12-client-certificate", "tls12-no-certificate-text"], head=2),
    # Whatever a state holds, a sniffer is made to load it.
    "state": Yardstick(["framed-all"], head=1, idle=["framed-empty"]),
    "text": Yardstick(["plain"]),
    "unseal": Yardstick(["whole"], head=1),
}


# --- what callgrind wrote ---

@functools.cache
def place(path):
    """Where a function stands: "src", "tests", or "" for anybody else's. Objects may have been
    compiled in another folder."""
    parts = Path(path).parts
    for i, part in enumerate(parts):
        if part in ("src", "tests") and ROOT.joinpath(*parts[i:]).is_file():
            return part
    return ""


@dataclass
class Count:
    instructions: int = 0  # of the library, with all that it calls
    calls: int = 0         # of the library, by the target
    runs: int = 0          # of RUN


def count_of(dump):
    """Of calls from one place to another, those between the library and the target count."""
    count = Count()
    caller, callee, function, calls = "", "", "", 0
    for line in dump.splitlines():
        if line.startswith("fl="):
            caller = callee = line[3:]
        elif line.startswith(("cfi=", "cfl=")):
            callee = line[4:]
        elif line.startswith("cfn="):
            function = line[4:]
        elif line.startswith("calls="):
            calls = int(line[6:].split()[0])
        elif calls > 0:
            way = place(caller), place(callee)
            if way == ("tests", "src") and not function.startswith(TOOLS):
                count.instructions += int(line.split()[1])
                count.calls += calls
            elif way == ("src", "tests"):
                count.instructions -= int(line.split()[1])
            count.runs += calls if function == RUN else 0
            callee, calls = caller, 0
    return count


def run_all(target, units, folder):
    """A count for each unit: callgrind writes a file behind each."""
    subprocess.run(["valgrind", "--tool=callgrind", f"--callgrind-out-file={folder}/out",
                    f"--toggle-collect={FUNCTION}", f"--dump-after={FUNCTION}",
                    "--compress-strings=no", "--compress-pos=no", "--dump-line=no",
                    target, *units], capture_output=True, check=True)
    return [count_of(Path(f"{folder}/out.{i + 1}").read_text()) for i in range(len(units))]


# --- what is made of it ---

def head_of(unit, yardstick):
    return unit.read_bytes()[:yardstick.head]


def measure(target, yardstick, units):
    """The count of each unit, and of each head alone."""
    with tempfile.TemporaryDirectory() as folder:
        alone = {}
        for head in {head_of(unit, yardstick) for unit in units}:
            alone[head] = Path(folder) / f"head-{head.hex()}"
            alone[head].write_bytes(head)
        # What the first run makes for all that follow is nobody's.
        runs = [*list(alone.values())[:1], *alone.values(), *units]
        counts = run_all(target, runs, folder)[1:]
    of_unit = dict(zip(units, counts[len(alone):]))
    of_head = dict(zip(alone, counts))
    for unit in units:
        if unit.name in yardstick.idle:
            of_head[head_of(unit, yardstick)] = of_unit[unit]
    return of_unit, of_head


def is_honest(unit, yardstick):
    return unit.name in yardstick.honest and unit.parent.parent.name == "corpus"


def costs(target, yardstick, units):
    """Instructions for each byte behind the head, or for each call."""
    of_unit, of_head = measure(target, yardstick, units)
    if not any(count.calls for count in of_unit.values()):
        return {}
    size, spent = {}, {}
    for unit, count in of_unit.items():
        idle = of_head[head_of(unit, yardstick)]
        size[unit] = (count.calls - idle.calls if yardstick.by_call
                      else yardstick.made(unit.read_bytes()[yardstick.head:]))
        if yardstick.by_run:
            count.instructions /= max(count.runs, 1)
            idle = Count(idle.instructions / max(idle.runs, 1))
        spent[unit] = count.instructions - idle.instructions
    least = min(LEAST, *(size[unit] for unit in units if is_honest(unit, yardstick)))
    return {unit: spent[unit] / max(size[unit], least) for unit in units}


def ratios(yardstick, cost):
    """Of each unit, to the dearest honest one; where heads count, of the same head."""
    honest = {unit: each for unit, each in cost.items() if is_honest(unit, yardstick)}

    def dearest(unit):
        alike = [each for other, each in honest.items()
                 if head_of(other, yardstick) == head_of(unit, yardstick)]
        return max(alike if yardstick.by_head and alike else honest.values())
    return {unit: each / dearest(unit) for unit, each in cost.items()}


def main():
    target = Path(sys.argv[1])
    name = target.name.removeprefix("fuzz_")
    if name not in HONEST:
        sys.exit(f"no yardstick for {name}")
    if shutil.which("valgrind") is None:
        print("no valgrind")
        return SKIP
    folders = [ROOT / "tests/fuzz/corpus" / name, *map(Path, sys.argv[2:])]
    units = sorted(unit for folder in folders for unit in folder.iterdir())
    missing = set(HONEST[name].honest) - {unit.name for unit in units}
    if missing:
        sys.exit(f"no honest units {sorted(missing)}")
    cost = costs(target, HONEST[name], units)
    if not cost:
        print("no debug information")
        return SKIP
    ratio = ratios(HONEST[name], cost)
    dearest = sorted(ratio, key=ratio.get, reverse=True)
    what = "call" if HONEST[name].by_call else "byte"
    for unit in dearest[:SHOWN]:
        print(f"{ratio[unit]:6.2f}  {cost[unit]:8.0f} instructions a {what}  {unit.name}")
    worst = ratio[dearest[0]]
    print(f"worst of {len(units)}: {worst:.2f} times an honest {what}")
    return 0 if worst <= RATIO_MAX else 1


if __name__ == "__main__":
    sys.exit(main())
