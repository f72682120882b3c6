#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Judges what casniff infers of the handshakes that matrix.py recorded.

    check_matrix.py CASNIFF FOLDER [--markdown] [--keylog]

For each pair of server and client: how many answers were told, how many stayed hidden, how many
were WRONG. The truth is what the programs were told to do; where a key log opens the connection,
tshark's reading of it has to agree, and gives the size of the request. Any wrong answer fails.
"""
import argparse
import collections
import json
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent.parent / "pcaps" / "src"))

from pki import subjects_of     # noqa: E402

HEADER = 4
EMPTY_BODY = 4          # of a TLS 1.3 Certificate without an entry


def tshark_truth(folder):
    """(client port, server port): of each such connection in its order, what was read of it."""
    done = subprocess.run(
        ["tshark", "-n", "-r", str(folder / "all.pcap"), "-o", f"tls.keylog_file:{folder}/keys.log",
         "-d", "tcp.port==21000-28999,tls", "-Y", "tls.handshake.type in {1, 11, 13, 20}",
         "-T", "fields", "-e", "tcp.srcport", "-e", "tcp.dstport", "-e", "tls.handshake.type",
         "-e", "tls.handshake.length", "-e", "frame.time_epoch", "-e", "tcp.stream"], check=True, capture_output=True, text=True)
    truth = collections.defaultdict(dict)
    for line in done.stdout.splitlines():
        source, target, types, lengths, at, stream = line.split("\t")
        from_server = 21000 <= int(source) < 29000
        key = (target, source) if from_server else (source, target)
        opened = truth[tuple(map(int, key))].setdefault(stream, {})
        opened.setdefault("at", float(at))
        for kind, length in zip(types.split(","), lengths.split(",")):
            if kind == "13":
                opened.setdefault("request", int(length))
            if kind == "11" and not from_server:
                opened.setdefault("answer", int(length))
            if kind == "20":
                opened["client_done" if not from_server else "server_done"] = True
    return {key: list(streams.values()) for key, streams in truth.items()}


def label_of(labels, event, at):
    for label in labels:
        if label["port"] == event["dest_port"] and label["from"] <= at <= label["to"]:
            return label
    return None


def truth_of(label, opened):
    """requested, answer, bytes of the request or None."""
    requested = {"none": "no", "post": "post"}.get(label["request"], "yes")
    answer = "none" if requested == "no" else "empty" if label["cert"] == "none" else "certificate"
    size = None
    if opened.get("client_done") and opened.get("server_done"):
        if requested != "post":
            requested = "yes" if "request" in opened else "no"
            answer = ("none" if "answer" not in opened else
                      "empty" if opened["answer"] == EMPTY_BODY else "certificate")
            size = opened["request"] + HEADER if "request" in opened else None
    return requested, answer, size


def judge(event, label, opened):
    """told, hidden or WRONG, and what the size is: exact, bound, none."""
    auth = event["client_auth"]
    requested, answer, size = truth_of(label, opened)
    if event["tls"]["resumed"]:
        requested, answer = "no", "none"
    said = (auth["requested"], auth["answer"])
    limits = auth.get("request_size")
    sized = "none"
    if limits is not None:
        sized = "exact" if limits["min"] == limits["max"] else "bound"
        if size is not None and not limits["min"] <= size <= limits["max"]:
            return "WRONG", sized
    if said[0] in ("hidden", "unseen"):
        return "hidden", sized
    if said[0] != requested and not (requested == "post" and said[0] == "hidden"):
        return "WRONG", sized
    if said[1] in ("hidden", "unseen"):
        return "hidden", sized
    if said[1] != answer and not (event["tls"]["established"] == "no" and said[1] == "none"):
        return "WRONG", sized
    return "told", sized


def list_of(folder, label):
    """Names and bytes of the list that the server was given; wolfSSL sends none in TLS 1.3."""
    size = {"post": "5"}.get(label["request"], label["request"])
    bundle = folder / "pki" / f"cas-{size}.pem"
    if not bundle.exists() or label["server"] == "wolfssl":
        return 0, 0
    names = subjects_of(bundle)
    return len(names), sum(2 + len(der) for der in names)


def judge_decrypted(event, label, opened, folder):
    """With the key log: what was configured, and what tshark reads, to the byte."""
    auth, told = event["client_auth"], event.get("ca_list")
    requested, answer, size = truth_of(label, opened)
    if event["tls"]["resumed"]:
        return "resumed"
    if not opened.get("client_done"):
        return "no key"
    requested = "yes" if requested == "post" else requested
    if auth.get("how") != "decrypted":
        return "WRONG"
    if (auth["requested"], auth["answer"]) != (requested, answer):
        return "WRONG"
    if requested == "no":
        return "decrypted" if told is None else "WRONG"
    is_same = told is not None and told["capture"] == "complete" and (
        (told["count"], told["bytes"]) == list_of(folder, label)) and (
        size is None or told["message_bytes"] == size)
    return "decrypted" if is_same else "WRONG"


def events_of(casniff, folder, more=()):
    done = subprocess.run([casniff, "-r", str(folder / "all.pcap"), "-T", "json", "-K", *more],
                          check=False, capture_output=True, text=True)
    if done.stderr:
        print(done.stderr, file=sys.stderr)
    for line in done.stdout.splitlines():
        event = json.loads(line)
        if event["event_type"] == "handshake":
            yield event


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("casniff")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--markdown", action="store_true")
    parser.add_argument("--keylog", action="store_true", help="decrypt, and judge that")
    parser.add_argument("--verbose", action="store_true")
    args = parser.parse_args()
    labels = json.loads((args.folder / "labels.json").read_text())
    truth = tshark_truth(args.folder)
    table = collections.defaultdict(collections.Counter)
    wrong = 0
    opened_count = 0
    more = ["--keylog", str(args.folder / "keys.log")] if args.keylog else []
    for event in events_of(args.casniff, args.folder, more):
        streams = truth.get((event["src_port"], event["dest_port"]), [])
        opened = streams.pop(0) if streams else {"at": 0}
        label = label_of(labels, event, opened["at"])
        if label is None:
            print("no label:", event["dest_port"], event["timestamp"], file=sys.stderr)
            continue
        opened_count += bool(opened.get("client_done"))
        if args.keylog:
            result, sized = judge_decrypted(event, label, opened, args.folder), "none"
        else:
            result, sized = judge(event, label, opened)
        row = (label["server"], label["client"]) if label["kind"] == "matrix" else (
            "special", label["kind"])
        table[row][result] += 1
        table[row]["size " + sized] += 1
        if result == "WRONG" or (args.verbose and result == "hidden"):
            wrong += result == "WRONG"
            print(result, {k: label[k] for k in
                           ("server", "client", "request", "cert", "cipher", "kind")},
                  "truth", truth_of(label, opened), "said", event["client_auth"]["requested"],
                  event["client_auth"]["answer"], event["client_auth"].get("request_size"),
                  event.get("ca_list", {}).get("message_bytes"), event["src_port"],
                  event["dest_port"])
    columns = (["decrypted", "resumed", "no key", "WRONG"] if args.keylog else
               ["told", "hidden", "WRONG", "size exact", "size bound"])
    bar = "|" if args.markdown else ""
    print(bar, f"{'server':9}", bar, f"{'client':22}", bar, f" {bar} ".join(columns), bar)
    if args.markdown:
        print("|---" * (2 + len(columns)) + "|")
    for (server, client), row in table.items():
        print(bar, f"{server:9}", bar, f"{client:22}", bar,
              f" {bar} ".join(f"{row[c]:{len(c)}}" for c in columns), bar)
    total = collections.Counter()
    for row in table.values():
        total.update(row)
    print("in all:", ", ".join(f"{total[c]} {c}" for c in columns),
          f"({opened_count} opened by a key log)")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
