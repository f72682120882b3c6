#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""casniff's lists agree with tshark's and OpenSSL's: count, bytes, every name.

    check_tshark.py CASNIFF PCAPS_DIR      for every CertificateRequest of every capture
    check_tshark.py --others PCAPS_DIR     only that tshark and the plain parser agree
"""
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import wire
from casniff_run import captures, events, of_type

SKIPPED = 77


def others_disagree(path, requests):
    """Where tshark and the plain parser of wire.py differ."""
    shown = {}
    for each in wire.requests_shown(path):
        shown.setdefault(each.client_port, []).append(each)
    for request in requests:
        if request.message_len > wire.TSHARK_MESSAGE_MAX:
            continue
        left = shown.get(request.client_port, [])
        if not left:
            yield f"tshark shows no request to port {request.client_port}"
            continue
        yield from differences(left.pop(0), request)
    yield from (f"only tshark shows a request to port {port}"
                for port, left in shown.items() if left)


def differences(shown, request):
    if not shown.declared == request.declared == request.size:
        yield (f"tshark's dnames_len is {shown.declared}, read here: {request.declared} and "
               f"{request.size} bytes of names")
    visible = request.names[:wire.TSHARK_NAMES_MAX]
    if shown.names != [wire.attributes_of(name) for name in visible]:
        yield "tshark shows other names than those read here"


def lists_told(told):
    """casniff's list of each connection by client port, with the names of its ca_list event."""
    names = {e["ca_list"]["sha256"]: e["ca_list"]["names"]
             for e in of_type(told, "ca_list") if e["ca_list"].get("names")}
    lists = {}
    for event in of_type(told, "handshake"):
        if "ca_list" in event:
            seen = dict(event["ca_list"])
            seen["names"] = names.get(seen["sha256"], [])
            lists.setdefault(event["src_port"], []).append(seen)
    return lists


def casniff_disagrees(told, requests, printer):
    lists = lists_told(told)
    for request in requests:
        left = lists.get(request.client_port, [])
        if not left:
            yield f"no list told for port {request.client_port}"
            continue
        yield from wrong_in(left.pop(0), request, printer)
    yield from (f"a list told for port {port} that nobody else sees"
                for port, left in lists.items() if left)


def wrong_in(told, request, printer):
    for key, wanted in (("count", len(request.names)), ("bytes", request.size),
                        ("message_bytes", request.message_len)):
        if told[key] != wanted:
            yield f"{key} is {told[key]}, must be {wanted}"
    if len(told["names"]) != len(request.names):
        yield f"{len(told['names'])} names printed of {len(request.names)}"
    for index, (name, der) in enumerate(zip(told["names"], request.names)):
        text = printer.text(der)
        if (name["dn"], name["bytes"]) != (text, 2 + len(der)):
            yield f"name {index} is {name}, must be {text!r} with {2 + len(der)} bytes"


def check(casniff, folder, name, printer):
    """The complaints about one capture, and its requests."""
    requests = list(wire.requests_of(folder / name))
    complaints = list(others_disagree(folder / name, requests))
    if casniff is not None:
        try:
            told = events(casniff, folder, name, ["--names", "all"])
            complaints += casniff_disagrees(told, requests, printer)
        except (RuntimeError, ValueError, KeyError) as error:
            complaints.append(f"{type(error).__name__}: {error}")
    return complaints, requests


def main():
    casniff = None if sys.argv[1] == "--others" else sys.argv[1]
    folder = Path(sys.argv[2])
    missing = wire.missing_tools()
    if missing:
        print(f"not here: {', '.join(missing)}")
        return 1 if os.environ.get("CI") == "true" else SKIPPED
    printer, there = wire.NamePrinter(), captures(folder)
    with ThreadPoolExecutor() as pool:
        results = list(pool.map(lambda name: check(casniff, folder, name, printer), there))
    complaints = [f"{name}: {each}" for name, (some, _) in zip(there, results) for each in some]
    requests = [request for _, some in results for request in some]
    names = sum(len(request.names) for request in requests)
    print("\n".join(complaints))
    print(f"{len(requests)} requests with {names} names compared, {len(complaints)} differences")
    return 1 if complaints or names == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
