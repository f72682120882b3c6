#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Every parser has a fuzz target, and README.md names both.

    check_targets.py SOURCE_ROOT
    check_targets.py --self-test

A parser is a file of src that reads bytes through a cas_reader. A target is a file
tests/fuzz/fuzz_NAME.c; tests/meson.build runs it, and its corpus is not empty.
"""
import re
import sys
import tempfile
from pathlib import Path

READS = re.compile(r"\bstruct cas_reader\b|\bcas_reader_init\(")
ALL = "all of them"


def rows(text, heading):
    """The first two columns of the table below this heading."""
    section = text.split(f"## {heading}\n", 1)[-1].split("\n## ", 1)[0]
    cells = [[cell.strip() for cell in line.strip("|").split("|")]
             for line in section.splitlines() if line.startswith("|")]
    return [(row[0], row[1]) for row in cells[2:]]


def parsers(source):
    return {path.relative_to(source).as_posix() for path in source.glob("*/*.c")
            if READS.search(path.read_text())}


def complaints(root):
    fuzz = root / "tests/fuzz"
    readme = (fuzz / "README.md").read_text()
    targets = {path.stem.removeprefix("fuzz_") for path in fuzz.glob("fuzz_*.c")}
    listed = re.search(r"^fuzz_targets = \[(.*?)^\]", (root / "tests/meson.build").read_text(),
                       re.M | re.S)
    built = set(re.findall(r"'(\w+)'", listed[1] if listed else ""))
    described = [name for name, _ in rows(readme, "The targets")]
    covered = rows(readme, "Who covers what")
    yield from differences(targets, built, "target", "tests/meson.build")
    yield from differences(targets, set(described), "target", "README.md, The targets")
    yield from differences(parsers(root / "src"), {name for name, _ in covered}, "parser",
                           "README.md, Who covers what")
    for name, by in covered:
        if by != ALL and not (by and set(by.split(", ")) <= targets):
            yield f"{name}: covered by what is no target: {by}"
    for name in sorted(targets):
        corpus = fuzz / "corpus" / name
        if not corpus.is_dir() or not any(corpus.iterdir()):
            yield f"{name}: has no corpus"


def differences(are, named, what, where):
    yield from (f"{name}: a {what} that is not in {where}" for name in sorted(are - named))
    yield from (f"{name}: in {where}, but no {what}" for name in sorted(named - are))


# A project with one parser, one target, and what is wrong with each change to it.

GOOD = {
    "src/net/ip.c": "struct cas_reader r;",
    "src/net/table.c": "int x;",
    "tests/meson.build": "fuzz_targets = [\n    'frame',\n]\n",
    "tests/fuzz/fuzz_frame.c": "",
    "tests/fuzz/corpus/frame/one": "x",
    "tests/fuzz/README.md": "## The targets\n\n| t | i |\n|---|---|\n| frame | x |\n\n"
                            "## Who covers what\n\n| f | t |\n|---|---|\n| net/ip.c | frame |\n",
}
CHANGES = [
    ({}, None),
    ({"src/net/tcp.c": "cas_reader_init(x)"}, "net/tcp.c: a parser that is not in README.md"),
    ({"src/net/ip.c": ""}, "net/ip.c: in README.md, Who covers what, but no parser"),
    ({"tests/fuzz/fuzz_dn.c": ""}, "dn: a target that is not in tests/meson.build"),
    ({"tests/meson.build": "fuzz_targets = [\n]\n"}, "frame: a target that is not in tests"),
    ({"tests/fuzz/corpus/frame/one": None}, "frame: has no corpus"),
    ({"tests/fuzz/README.md": GOOD["tests/fuzz/README.md"].replace("| net/ip.c | frame",
                                                                   "| net/ip.c | dn")},
     "net/ip.c: covered by what is no target: dn"),
]


def self_test():
    failures = 0
    for change, expected in CHANGES:
        with tempfile.TemporaryDirectory() as folder:
            for name, text in (GOOD | change).items():
                path = Path(folder) / name
                path.parent.mkdir(parents=True, exist_ok=True)
                if text is not None:
                    path.write_text(text)
            said = list(complaints(Path(folder)))
        is_right = not said if expected is None else any(s.startswith(expected) for s in said)
        if not is_right:
            print(f"expected {expected}, but: {said}")
            failures += 1
    return failures


def main():
    if sys.argv[1:] == ["--self-test"]:
        return 1 if self_test() else 0
    found = list(complaints(Path(sys.argv[1])))
    for each in found:
        print(each)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
