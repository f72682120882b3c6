#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The metrics are what Prometheus reads: a strict parser of its text format 0.0.4, and the rules
for names (base units, _total for counters and for nothing else).

usage: check_metrics.py SAMPLE_METRICS | check_metrics.py --file METRICS | --self-test
"""
import re
import subprocess
import sys

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\\\|\\"|\\n)*)"(,|})')
VALUE = re.compile(r"[0-9]+(\.[0-9]+)?\Z")
HEAD = re.compile(rf"# (HELP|TYPE) ({NAME}) (.+)\Z")
SAMPLE = re.compile(rf"({NAME})(.*)\Z", re.S)
UNITS = ("_milliseconds", "_ms", "_kilobytes", "_kb", "_percent", "_minutes", "_hours")


def labels_of(text):
    """'{a="b"} 1' gives ({a: b}, '1')."""
    if not text.startswith("{"):
        return {}, text[1:] if text.startswith(" ") else None
    labels, at = {}, 1
    while True:
        found = LABEL.match(text, at)
        if found is None or found[1] in labels or found[1].startswith("__"):
            return labels, None
        labels[found[1]] = found[2]
        at = found.end()
        if found[3] == "}":
            return labels, text[at + 1:] if text[at:at + 1] == " " else None


def complaints(data):
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        yield f"no UTF-8: {error}"
        return
    if not text.endswith("\n"):
        yield "the last line has no end"
    if any(ord(c) < 0x20 and c != "\n" or 0x7f <= ord(c) < 0xa0 for c in text):
        yield "a control character"
    helps, types, series, family = {}, {}, set(), None
    for number, line in enumerate(text.split("\n")[:-1], 1):
        head, sample = HEAD.match(line), SAMPLE.match(line)
        if head:
            kind, name, rest = head.groups()
            known = helps if kind == "HELP" else types
            if name in known:
                yield f"line {number}: a second {kind} of {name}"
            if kind == "HELP" and name in types or any(s[0] == name for s in series):
                yield f"line {number}: {kind} of {name} comes too late"
            if kind == "TYPE" and rest not in ("counter", "gauge"):
                yield f"line {number}: no type: {rest}"
            known[name] = rest
            family = name
        elif sample:
            name, rest = sample.groups()
            labels, value = labels_of(rest)
            if value is None or not VALUE.match(value):
                yield f"line {number}: no sample: {line!r}"
                continue
            if name != family or name not in helps or name not in types:
                yield f"line {number}: {name} outside of its family"
            key = (name, tuple(sorted(labels.items())))
            if key in series:
                yield f"line {number}: twice: {line!r}"
            series.add(key)
        else:
            yield f"line {number}: neither comment nor sample: {line!r}"
    for name, kind in types.items():
        if not any(s[0] == name for s in series):
            yield f"{name} has no samples"
        if name.endswith("_total") != (kind == "counter"):
            yield f"{name} is a {kind}"
        if any(unit in name for unit in UNITS) or not name.startswith("casniff_"):
            yield f"{name} is no good name"
    servers = {s for s in series if s[0] == "casniff_ca_list_bytes"}
    if len(servers) > 101:
        yield f"{len(servers)} servers are named"


def self_test():
    """The check can fail: each kind of offence is seen."""
    good = b'# HELP casniff_a_total x\n# TYPE casniff_a_total counter\ncasniff_a_total{b="c"} 1\n'
    if list(complaints(good)):
        return [f"a good text is refused: {list(complaints(good))}"]
    bad = {
        "twice": good + b'casniff_a_total{b="c"} 2\n',
        "no sample": good.replace(b'"c"', b'"c\\x"'),
        "no sample ": good.replace(b'"c"', b'"c"d"'),
        "no sample  ": good.replace(b"} 1", b"} x"),
        "no end": good[:-1],
        "control": good.replace(b"c\"", b"\x1b\""),
        "UTF-8": good.replace(b"c\"", b"\xff\""),
        "outside": good + b"casniff_b_total 1\n",
        "is a gauge": good.replace(b"counter", b"gauge"),
        "neither": good + b"{}\n",
        "second": good + b"# HELP casniff_a_total x\n",
        "no good name": good.replace(b"casniff_", b"sniff_"),
    }
    return [f"not noticed: {wanted}" for wanted, text in bad.items()
            if not any(wanted.strip() in found for found in complaints(text))]


def main():
    if sys.argv[1] == "--self-test":
        found = self_test()
    elif sys.argv[1] == "--file":
        found = list(complaints(open(sys.argv[2], "rb").read()))
    else:
        run = subprocess.run([sys.argv[1]], stdout=subprocess.PIPE, check=True)
        found = list(complaints(run.stdout))
    print("\n".join(found) if found else "the metrics are well-formed")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
