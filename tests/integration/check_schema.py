#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Every line of the JSON report is valid by the schema that is shipped, and safe to print; the
CSV report is a table; the text report holds nothing that a terminal would obey.

usage: check_schema.py SCHEMA SAMPLE_EVENTS CASNIFF CAPTURES
"""
import copy
import csv
import io
import json
import subprocess
import sys
import unicodedata
from pathlib import Path

try:
    import jsonschema
except ImportError:
    print("python3-jsonschema is not installed")
    sys.exit(77)


def run(sample_events, form, names):
    return subprocess.run([sample_events, form, names], check=True, stdout=subprocess.PIPE).stdout


def unsafe(text, allowed):
    """Characters that reorder, hide or control; the newlines that a form needs are allowed."""
    return {repr(c) for c in text
            if c not in allowed and unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp", "Cn")}


def objects(value):
    """All objects in it, from the outermost."""
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from objects(item)


def check_json(validator, sample_events):
    seen = set()
    for names in "all", "first", "0", "2":
        text = run(sample_events, "json", names).decode()
        assert text.endswith("\n")
        assert not unsafe(text, "\n"), unsafe(text, "\n")
        for line in text.splitlines():
            event = json.loads(line)
            seen.add(event["event_type"])
            validator.validate(event)
            for part in objects(event):
                if "names_shown" in part:
                    assert part["names_shown"] == len(part["names"])
                    assert names != "all" or part["names_shown"] == part["count"]
    wanted = {"handshake", "ca_list", "server", "anomaly", "stats", "plan", "alert", "capture"}
    assert seen == wanted, f"not tested: {wanted - seen}"


def check_captures(validator, casniff, captures):
    """The same of every recorded capture, with a store, and of a plan."""
    stores = [part for store in sorted(captures.glob("*-store.pem")) for part in ("-t", store)]
    runs = [["-r", capture, *stores] for capture in sorted(captures.glob("*.pcap*"))]
    assert runs and stores
    for arguments in [*runs, ["--plan", *stores]]:
        told = subprocess.run([casniff, "--json", *arguments], check=True, stdout=subprocess.PIPE)
        lines = told.stdout.decode().splitlines()
        assert lines, arguments
        for line in lines:
            validator.validate(json.loads(line))


def check_strictness(validator, sample_events):
    """The schema refuses what is not in it: one member more, at any depth, is an error."""
    for line in run(sample_events, "json", "all").decode().splitlines():
        event = json.loads(line)
        for i, _ in enumerate(objects(event)):
            changed = copy.deepcopy(event)
            list(objects(changed))[i]["surprise"] = 1
            assert not validator.is_valid(changed), (i, line)


def check_descriptions(schema):
    for part in objects(schema):
        for name, member in part.get("properties", {}).items():
            if isinstance(member, dict) and "type" in member:
                assert member.get("description"), f"{name} is not described"


def check_csv(sample_events):
    text = run(sample_events, "csv", "all").decode()
    assert not unsafe(text, "\r\n"), unsafe(text, "\r\n")
    rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    assert len(rows) == 4, len(rows)
    assert len(set(rows[0])) == len(rows[0])
    for row in rows:
        assert len(row) == len(rows[0]), row
        for cell in row:
            assert not cell.startswith(("=", "+", "-", "@")), cell


def check_text(sample_events):
    text = run(sample_events, "text", "all").decode()
    assert not unsafe(text, "\n"), unsafe(text, "\n")


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        schema = json.load(file)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    check_descriptions(schema)
    check_json(validator, sys.argv[2])
    check_strictness(validator, sys.argv[2])
    check_csv(sys.argv[2])
    check_text(sys.argv[2])
    check_captures(validator, sys.argv[3], Path(sys.argv[4]))
    print("reports are valid")


if __name__ == "__main__":
    main()
