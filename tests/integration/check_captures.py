#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""casniff says of every capture in pcaps/ what expected.json says that it must.

    check_captures.py CASNIFF PCAPS_DIR
    check_captures.py --self-test PCAPS_DIR    the comparison notices each kind of difference

The captures are also complete: each has its expectation and its line in README.md, and together
they stay small.
"""
import copy
import json
import sys
from pathlib import Path

from casniff_run import captures, events, of_type

SIZE_MAX = 5_000_000

# Keys of an expected list that are lists of codes or names, of which others may be there too.
AT_LEAST = {"lint": lambda told: {each["code"] for each in told.get("lint", [])},
            "clients_refusing": lambda told: set(told.get("clients_refusing", []))}
# Keys that stand in the list's comparison with the store, under another name.
OF_STORE = {"store_names": "names", "missing_count": "missing_count",
            "first_missing": "first_missing"}


def wrong_in_list(told, wanted):
    if told is None:
        yield "a request is expected, no ca_list told"
        return
    for key, value in wanted.items():
        if key in AT_LEAST:
            lacking = set(value) - AT_LEAST[key](told)
            if lacking:
                yield f"{key} lacks {', '.join(sorted(lacking))}"
            continue
        found = told.get("store", {}).get(OF_STORE[key]) if key in OF_STORE else told.get(key)
        if found != value:
            yield f"{key} is {found!r}, must be {value!r}"


def facts_of(event):
    """An event in the words of expected.json."""
    tls, auth = event["tls"], event["client_auth"]
    return {"version": tls.get("version"), "established": tls.get("established"),
            "resumed": tls.get("resumed", False), "alpn": tls.get("alpn", []),
            "alerts": sorted([a["from"], a["code"]] for a in tls.get("alerts", [])),
            "hello_ca_names": len(tls.get("hello_ca_names", [])),
            "requested": auth["requested"], "answer": auth["answer"],
            "how": auth.get("how", "plaintext")}


def wrong_in_connection(event, wanted):
    facts = facts_of(event)
    for key, value in wanted.items():
        if key == "diagnosis":
            codes = {d["code"] for d in event["client_auth"].get("diagnosis", [])}
            lacking = set(value) - codes
            if lacking:
                yield f"diagnosis {sorted(codes)} lacks {', '.join(sorted(lacking))}"
        elif key == "ca_list":
            yield from wrong_in_list(event.get("ca_list"), value)
        elif facts[key] != value:
            yield f"{key} is {facts[key]!r}, must be {value!r}"
    if "ca_list" not in wanted and "ca_list" in event:
        yield "a ca_list is told, no request is in the clear"


def wrong_in_run(told, wanted):
    """What the events of a run lack or have against what is expected of the capture."""
    handshakes = of_type(told, "handshake")
    if len(handshakes) != len(wanted["connections"]):
        yield f"{len(handshakes)} connections told, must be {len(wanted['connections'])}"
    for number, (event, each) in enumerate(zip(handshakes, wanted["connections"]), 1):
        for complaint in wrong_in_connection(event, each):
            yield f"connection {number}: {complaint}"


def wrong_in_folder(folder, expected):
    """Captures without their papers, papers without their capture, too many bytes."""
    readme = (folder / "README.md").read_text(encoding="utf-8")
    there = captures(folder)
    for name in there:
        if name not in expected:
            yield f"{name}: has no entry in expected.json"
        if f"| `{name}` |" not in readme:
            yield f"{name}: has no line in README.md"
    yield from (f"{name}: expected, but not there" for name in expected if name not in there)
    size = sum(p.stat().st_size for p in folder.rglob("*") if p.is_file())
    if size > SIZE_MAX:
        yield f"the folder has {size} bytes, the limit is {SIZE_MAX}"


def as_told(connection):
    """The events of a run that fulfils the expectation of one connection exactly."""
    tls = {"version": connection["version"], "established": connection.get("established"),
           "resumed": connection.get("resumed", False), "alpn": connection.get("alpn", []),
           "alerts": [{"from": f, "code": c} for f, c in connection.get("alerts", [])],
           "hello_ca_names": [""] * connection.get("hello_ca_names", 0)}
    auth = {"requested": connection["requested"], "answer": connection["answer"],
            "how": connection.get("how", "plaintext"),
            "diagnosis": [{"code": code} for code in connection["diagnosis"]]}
    event = {"event_type": "handshake", "tls": tls, "client_auth": auth}
    if "ca_list" in connection:
        event["ca_list"] = dict(connection["ca_list"])
        event["ca_list"]["lint"] = [{"code": c} for c in connection["ca_list"].get("lint", [])]
        event["ca_list"]["store"] = {OF_STORE[k]: v for k, v in connection["ca_list"].items()
                                     if k in OF_STORE}
    return event


def self_test(expected):
    """A run that fulfils the expectation passes; one with any one fact changed does not."""
    for name, wanted in expected.items():
        told = [as_told(c) for c in wanted["connections"]]
        yield from (f"{name}: {c}" for c in wrong_in_run(told, wanted))
        if not list(wrong_in_run(told[1:], wanted)):
            yield f"{name}: a missing connection is not noticed"
        for index, connection in enumerate(wanted["connections"]):
            for key in connection:
                other = copy.deepcopy(wanted)
                spoil(other["connections"][index], key)
                if not list(wrong_in_run(told, other)):
                    yield f"{name}: a difference in {key} is not noticed"


def spoil(connection, key):
    if key == "ca_list":
        connection[key]["count"] += 1
    elif isinstance(connection[key], list):
        connection[key] = connection[key] + ["other"]
    else:
        connection[key] = "other"


def run_all(casniff, folder, expected):
    for name in captures(folder):
        try:
            told = events(casniff, folder, name, expected.get(name, {}).get("options", []))
            for complaint in wrong_in_run(told, expected.get(name, {"connections": []})):
                yield f"{name}: {complaint}"
        except (RuntimeError, ValueError, KeyError) as error:
            yield f"{name}: {type(error).__name__}: {error}"


def main():
    casniff, folder = sys.argv[1], Path(sys.argv[2])
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    complaints = list(wrong_in_folder(folder, expected))
    if casniff == "--self-test":
        complaints += self_test(expected)
    else:
        complaints += run_all(casniff, folder, expected)
    print("\n".join(complaints) or f"{len(expected)} captures as expected")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
