#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A forger on the path gets packets into the capture, and never a false "complete" nor silence.

    check_attacks.py [--save FOLDER] [--only WORDS] [--all] CASNIFF PCAPS

Whether the receivers took a forged packet cannot be known. So whatever is inserted into a true
handshake: a list that is called complete has the bytes that the true server sent, and there is
something to see, be it the true list, a list in doubt or an anomaly. A few forms have no forger;
there the list must be found.

The true list is read from the clean capture by the plain parser of wire.py. --save keeps the
captures of forms that fail; --only runs the forms that have the words in their name; --all tells
what was seen of those that pass, too.
"""
import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import segments as tcp
from attacks import (FOUND, NEVER_COMPLETE, PLAIN, QUIET, SHOWN, STARTTLS, TOLD, Connection, Form,
                     forms)
from segments import behind, without

TIMEOUT_S = 60


# The judge

def wrong_in(form, told):
    lists = [event["ca_list"] for event in told if "ca_list" in event]
    complete = [each for each in lists if each["capture"] == "complete"]
    if not all(any(t.is_told_by(each) for t in form.lists) for each in complete):
        yield "a false complete"
    if not is_something_told(told, lists):
        yield "silence"
    if not MEETS[form.wish](form, told, lists):
        yield f"not so: {form.wish}"


def is_something_told(told, lists):
    """A true complete list, a list in doubt, an anomaly, or a request that is not denied."""
    return bool(lists) or bool(anomalies(told)) or any(
        e["client_auth"]["requested"] != "no" for e in told if "client_auth" in e)


def anomalies(told):
    return [e["anomaly"]["code"] for e in told if e["event_type"] == "anomaly"]


def are_shown(form, lists, captures):
    shown = [each for each in lists if each["capture"] in captures]
    return all(any(t.is_told_by(each) for each in shown) for t in form.lists)


def are_found(form, lists):
    return (are_shown(form, lists, ("complete",))
            and all(each["capture"] == "complete" for each in lists))


MEETS = {
    TOLD: lambda form, told, lists: True,
    SHOWN: lambda form, told, lists: are_shown(form, lists, ("complete", "ambiguous")),
    FOUND: lambda form, told, lists: are_found(form, lists),
    QUIET: lambda form, told, lists: are_found(form, lists) and not anomalies(told),
    NEVER_COMPLETE: lambda form, told, lists: all(e["capture"] != "complete" for e in lists),
}


def seen(form, told):
    """What was told, for a failure's message."""
    lines = [seen_in_handshake(form, event) for event in told
             if event["event_type"] == "handshake"]
    lines.append(f"anomalies {anomalies(told)}")
    stats = next(event["stats"] for event in told if event["event_type"] == "stats")
    counts = {key: count for group in ("tcp", "tls") for key, count in stats[group].items()
              if count}
    return lines + [f"counts {counts}, out of window {stats['outcome']['tcp_out_of_window']}, "
                    f"bad sums {stats['outcome']['tcp_checksum_bad']}"]


def seen_in_handshake(form, event):
    auth, told = event["client_auth"], event.get("ca_list")
    line = f"handshake: requested {auth['requested']}, answer {auth['answer']}"
    if told is None:
        return f"{line}, no list"
    whose = "true" if any(t.is_told_by(told) for t in form.lists) else "other"
    return f"{line}, list {told['capture']} {told['capture_reasons']} with {whose} bytes"


# Running

def run(casniff, path, *options):
    """The report; the same a second time, and the exit code of success."""
    first, second = (subprocess.run([casniff, "-r", path.name, *options], cwd=path.parent,
                                    check=False, capture_output=True, timeout=TIMEOUT_S)
                     for _ in range(2))
    words = " ".join(options) or "text"
    if first.returncode != 0:
        raise RuntimeError(f"{words}: exit {first.returncode}, {first.stderr.decode().strip()}")
    if (first.stdout, first.stderr) != (second.stdout, second.stderr):
        raise RuntimeError(f"{words}: another report the second time")
    return first.stdout.decode()


def check(casniff, form, path):
    """What is wrong, and what was seen."""
    tcp.write(path, form.segments)
    try:
        run(casniff, path)
        told = [json.loads(line) for line in run(casniff, path, "--json").splitlines()]
    except (RuntimeError, subprocess.TimeoutExpired) as error:
        return [str(error)], []
    return list(wrong_in(form, told)), seen(form, told)


def check_tools(casniff, pcaps, path):
    """Nothing changed is nothing changed; and the judge knows a forged list."""
    for capture in PLAIN, STARTTLS:
        tcp.write(path, tcp.read(pcaps / capture))
        assert path.read_bytes() == (pcaps / capture).read_bytes(), capture
    true = Connection(tcp.read(pcaps / PLAIN))
    forged = behind(without(true.all, true.flight), true.hello, true.forged_flight())
    complaints, _ = check(casniff, Form("", forged, [true.list], SHOWN), path)
    assert complaints == ["a false complete", f"not so: {SHOWN}"], complaints


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--save", type=Path, help="folder for the captures of forms that fail")
    parser.add_argument("--only", default="", help="forms with these words in their name")
    parser.add_argument("--all", action="store_true", help="tell of those that pass, too")
    parser.add_argument("casniff", type=Path)
    parser.add_argument("pcaps", type=Path)
    return parser.parse_args()


def main():
    args = arguments()
    args.casniff = args.casniff.resolve()
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "attack.pcap"
        check_tools(args.casniff, args.pcaps, path)
        chosen = [form for form in forms(args.pcaps) if args.only in form.name]
        failed = sum(not passes(args, form, path) for form in chosen)
    print(f"attacks: {failed} of {len(chosen)} forms failed")
    return 1 if failed or not chosen else 0


def passes(args, form, path):
    complaints, was_seen = check(args.casniff, form, path)
    if complaints or args.all:
        print(f"{'FAILED' if complaints else 'ok'}: {form.name}: {'; '.join(complaints)}")
        print("".join(f"  {line}\n" for line in was_seen), end="")
    if complaints and args.save:
        save(args.save, form)
    return not complaints


def save(folder, form):
    folder.mkdir(parents=True, exist_ok=True)
    name = "".join(c if c.isalnum() else "-" for c in form.name)
    tcp.write(folder / f"{name}.pcap", form.segments)


if __name__ == "__main__":
    sys.exit(main())
