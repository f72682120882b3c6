#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A forger on the path gets packets into the capture, and never a false "complete" nor silence.

    check_attacks.py [--save FOLDER] [--only WORDS] [--all] CASNIFF PCAPS

Whether the receivers took a forged packet cannot be known. So whatever is inserted into a true
handshake: a list that is called complete has the bytes that the true server sent, and there is
something to see, be it the true list, a list in doubt or an anomaly. A few forms have no forger;
there the list must be found. Then the same by chance: MIXTURES of mixtures.py.

The true list is read from the clean capture by the plain parser of wire.py. --save keeps the
captures of forms that fail; --only runs the forms that have the words in their name; --all tells
what was seen of those that pass, too. --seed makes other mixtures, --mixture one of them alone;
--mixtures 0 leaves them out.
"""
import argparse
import json
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import segments as tcp
from attacks import (DOUBTED, FOUND, NEVER_COMPLETE, NO_MORE, PLAIN, QUIET, SHOWN, STARTTLS, TOLD,
                     Connection, Form, TrueList, forms)
from mixtures import FIRST_PORT, REST_US, mixtures
from segments import behind, without

TIMEOUT_S = 60
SEED = 1
MIXTURES = 3000
AT_ONCE = 500  # in one capture
SELF_TEST = 20
NAME_MAX = 200


# The judge

def wrong_in(form, told):
    lists = [event["ca_list"] for event in told if "ca_list" in event]
    complete = [each for each in lists if each["capture"] == "complete"]
    if not all(any(t.is_told_by(each) for t in form.lists) for each in complete):
        yield "a false complete"
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
    TOLD: lambda form, told, lists: is_something_told(told, lists),
    SHOWN: lambda form, told, lists: are_shown(form, lists, ("complete", "ambiguous")),
    FOUND: lambda form, told, lists: are_found(form, lists),
    QUIET: lambda form, told, lists: are_found(form, lists) and not anomalies(told),
    NEVER_COMPLETE: lambda form, told, lists: (
        is_something_told(told, lists) and all(e["capture"] != "complete" for e in lists)),
    DOUBTED: lambda form, told, lists: (
        are_shown(form, lists, ("complete", "ambiguous")) or bool(anomalies(told))
        or any(e["capture"] != "complete" for e in lists)),
    NO_MORE: lambda form, told, lists: True,
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


def wrong_together(casniff, chosen, path):
    """What is wrong of mixtures that are in one capture: pairs of form and complaints."""
    everybodys = Form("servers of mixtures", list(one_by_one(chosen)),
                      [true for form in chosen for true in form.lists], NO_MORE)
    tcp.write(path, everybodys.segments)
    told = {}
    for line in run(casniff, path, "--json").splitlines():
        event = json.loads(line)
        told.setdefault(client_port([event.get("src_port"), event.get("dest_port")]),
                        []).append(event)
    judged = [(form, list(wrong_in(form, told.get(port_in(form), [])))) for form in chosen]
    # Events of servers have no client's port.
    judged.append((everybodys, list(wrong_in(everybodys, told[None]))))
    return [(form, complaints) for form, complaints in judged if complaints]


def client_port(ports):
    return next((port for port in ports if port is not None and port >= FIRST_PORT), None)


def port_in(form):
    return client_port([form.segments[0].source, form.segments[0].dest])


def one_by_one(chosen):
    """A capture of all, each when the one before has been told."""
    now_us = chosen[0].segments[0].time_us
    for form in chosen:
        start_us = form.segments[0].time_us
        for segment in form.segments:
            yield replace(segment, time_us=segment.time_us - start_us + now_us)
        now_us += form.segments[-1].time_us - start_us + REST_US


def check_tools(casniff, pcaps, path):
    """Nothing changed is nothing changed; and the judge knows a forged list."""
    for capture in PLAIN, STARTTLS:
        tcp.write(path, tcp.read(pcaps / capture))
        assert path.read_bytes() == (pcaps / capture).read_bytes(), capture
    true = Connection(tcp.read(pcaps / PLAIN))
    forged = behind(without(true.all, true.flight), true.hello, true.forged_flight())
    complaints, _ = check(casniff, Form("", forged, [true.list], SHOWN), path)
    assert complaints == ["a false complete", f"not so: {SHOWN}"], complaints
    # So of one mixture among others.
    honest, *others = [m for m in mixtures(pcaps, SEED, range(SELF_TEST)) if m.wish == QUIET]
    swindle = replace(honest, lists=[TrueList(true.said_by_forger())])
    wrong = [form for form, _ in wrong_together(casniff, [swindle, *others], path)]
    assert wrong == [swindle], [form.name for form in wrong]


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--save", type=Path, help="folder for the captures of forms that fail")
    parser.add_argument("--only", default="", help="forms with these words in their name")
    parser.add_argument("--all", action="store_true", help="tell of those that pass, too")
    parser.add_argument("--seed", type=int, default=SEED, help="of the mixtures [%(default)s]")
    parser.add_argument("--mixtures", type=int, default=MIXTURES, help="how many [%(default)s]")
    parser.add_argument("--mixture", type=int, help="only this one")
    parser.add_argument("casniff", type=Path)
    parser.add_argument("pcaps", type=Path)
    return parser.parse_args()


def main():
    args = arguments()
    args.casniff = args.casniff.resolve()
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "attack.pcap"
        check_tools(args.casniff, args.pcaps, path)
        if args.mixture is not None:
            (chosen,) = mixtures(args.pcaps, args.seed, [args.mixture])
            return 0 if passes(args, chosen, path) else 1
        chosen = [form for form in forms(args.pcaps) if args.only in form.name]
        failed = sum(not passes(args, form, path) for form in chosen)
        failed_mixtures = sum(check_mixtures(args, numbers, path) for numbers in batches(args))
    print(f"attacks: {failed} of {len(chosen)} forms failed, {failed_mixtures} of "
          f"{args.mixtures} mixtures of seed {args.seed}")
    return 1 if failed or failed_mixtures or not chosen else 0


def batches(args):
    for first in range(0, args.mixtures, AT_ONCE):
        yield range(first, min(first + AT_ONCE, args.mixtures))


def check_mixtures(args, numbers, path):
    """How many failed; each of them is tried again alone, for what was seen."""
    wrong = wrong_together(args.casniff, list(mixtures(args.pcaps, args.seed, numbers)), path)
    for form, complaints in wrong:
        passes(args, form, path, complaints)
    return len(wrong)


def passes(args, form, path, wrong=()):
    """wrong: what was wrong before."""
    alone, was_seen = check(args.casniff, form, path)
    complaints = wrong or alone
    if complaints or args.all:
        print(f"{'FAILED' if complaints else 'ok'}: {form.name}: {'; '.join(complaints)}")
        if complaints and not alone:
            print("  not so when it is alone")
        print("".join(f"  {line}\n" for line in was_seen), end="")
    if complaints and args.save:
        save(args.save, form)
    return not complaints


def save(folder, form):
    folder.mkdir(parents=True, exist_ok=True)
    name = "".join(c if c.isalnum() else "-" for c in form.name)[:NAME_MAX]
    tcp.write(folder / f"{name}.pcap", form.segments)


if __name__ == "__main__":
    sys.exit(main())
