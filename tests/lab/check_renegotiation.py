#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Judges what casniff reads of the renegotiations that renegotiation.py recorded.

    check_renegotiation.py CASNIFF FOLDER

Without keys each has to be REQUEST_HIDDEN_RENEGOTIATION where the first handshake did not ask;
with the key logs each handshake of each connection has to be told as tshark reads it with the
same key log: which has a request, of how many bytes and of which names, which certificates the
client sent; and the list has to be the one that the server was given. Anything else fails.
"""
import json
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent.parent / "pcaps" / "src"))

from pki import subjects_of     # noqa: E402

HEADER = 4
BUNDLES = {"openssl": "cas-144", "apache": "cas-144", "gnutls": "cas-5"}


def tshark_truth(folder, ports):
    """(client port, server port): its handshakes, each what tshark reads of it."""
    done = subprocess.run(
        ["tshark", "-n", "-r", folder / "all.pcap", "-o", f"tls.keylog_file:{folder}/keys.log",
         "-d", f"tcp.port=={min(ports)}-{max(ports)},tls", "-Y", "tls.handshake", "-T", "pdml"],
        check=True, capture_output=True)
    truth = defaultdict(list)
    import xml.etree.ElementTree as tree
    for packet in tree.fromstring(done.stdout).iter("packet"):
        value = {f.get("name"): f.get("show") for f in packet.iter("field")
                 if f.get("name") in ("tcp.srcport", "tcp.dstport")}
        source, target = int(value["tcp.srcport"]), int(value["tcp.dstport"])
        from_server = source in ports
        shakes = truth[(target, source) if from_server else (source, target)]
        for field in packet.iter("field"):
            if field.get("name") == "tls.handshake":
                take(shakes, field, from_server)
    return truth


def take(shakes, message, from_server):
    inside = defaultdict(list)
    for field in message.iter("field"):
        inside[field.get("name")].append(field.get("show"))
    kind = inside["tls.handshake.type"][0] if inside["tls.handshake.type"] else None
    if kind == "1":
        shakes.append({"request": None, "names": [], "client_certs": None})
    elif kind == "13":
        shakes[-1]["request"] = int(inside["tls.handshake.length"][0]) + HEADER
        shakes[-1]["bytes"] = int((inside["tls.handshake.dnames_len"] or ["0"])[0])
    elif kind == "11" and not from_server:
        shakes[-1]["client_certs"] = len(inside["tls.handshake.certificate"])


def events_of(casniff, folder, more=()):
    done = subprocess.run([casniff, "-r", folder / "all.pcap", "-T", "json", "-K", *more],
                          check=False, capture_output=True, text=True)
    if done.stderr:
        print(done.stderr, file=sys.stderr)
    told = defaultdict(list)
    for line in done.stdout.splitlines():
        event = json.loads(line)
        if event["event_type"] == "handshake":
            told[(event["src_port"], event["dest_port"])].append(event)
        elif event["event_type"] == "anomaly":
            print("anomaly", event, file=sys.stderr)
    return told


def judge_hidden(events, truth):
    """Without keys."""
    if truth[0]["request"] is not None:
        return events[0]["client_auth"]["requested"] == "yes"
    codes = [d["code"] for event in events for d in event["client_auth"]["diagnosis"]]
    return "REQUEST_HIDDEN_RENEGOTIATION" in codes


def judge_shake(event, truth, number, label, folder):
    """With keys, one handshake: what is wrong, or None."""
    auth, told = event["client_auth"], event.get("ca_list")
    if event["tls"].get("renegotiation", False) != (number > 0):
        return "renegotiation"
    if (auth["requested"] == "yes") != (truth["request"] is not None):
        return "requested"
    if number > 0 and auth.get("how") != "decrypted":
        return "how"
    if truth["request"] is None:
        return None if told is None and auth["answer"] == "none" else "answer without a request"
    names = subjects_of(folder / "pki" / f"{BUNDLES[label['server']]}.pem")
    size = sum(2 + len(der) for der in names)
    if (told["count"], told["bytes"], told["capture"]) != (len(names), size, "complete"):
        return f"list {told['count']} {told['bytes']} {told['capture']}"
    if (told["message_bytes"], told["bytes"]) != (truth["request"], truth["bytes"]):
        return "size"
    certs = truth["client_certs"]
    if auth["answer"] != ("empty" if certs == 0 else "certificate" if certs else "none"):
        return f"answer {auth['answer']} for {certs}"
    if len(event["tls"].get("client_certs", [])) != (certs or 0):
        return "client's certificates"
    return None


def main():
    casniff, folder = sys.argv[1], Path(sys.argv[2])
    labels = {label["port"]: label for label in json.loads((folder / "labels.json").read_text())}
    truth = tshark_truth(folder, labels)
    hidden = events_of(casniff, folder)
    read = events_of(casniff, folder, ["--keylog", folder / "keys.log"])
    wrong = handshakes = 0
    for key, shakes in sorted(truth.items(), key=lambda item: item[0][1]):
        label = labels[key[1]]
        name = " ".join(str(label[k]) for k in ("server", "suite", "version", "kind", "cert"))
        faults = [] if judge_hidden(hidden[key], shakes) else ["not hidden"]
        if len(read[key]) != len(shakes):
            faults.append(f"{len(read[key])} handshakes, {len(shakes)} by tshark")
        for number, (event, one) in enumerate(zip(read[key], shakes)):
            faults.append(judge_shake(event, one, number, label, folder))
            handshakes += 1
        faults = [fault for fault in faults if fault is not None]
        if len(shakes) < 2:
            faults.append("nothing was renegotiated")
        wrong += bool(faults)
        print(f"{key[1]} {name}: {len(shakes)} handshakes, {'; '.join(faults) or 'as tshark'}")
    print(f"{len(truth)} connections, {handshakes} handshakes, {wrong} wrong")
    return wrong > 0


if __name__ == "__main__":
    sys.exit(main())
