#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What -w saves is read to the same verdict, by casniff and by tshark.

    check_evidence.py CASNIFF PCAPS_DIR
"""
import json
import os
import struct
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import wire
from casniff_run import captures, of_type

HEADER_LEN, RECORD_LEN = 24, 16
# What differs between a capture and a part of it. The time of a handshake that was told when its
# connection was given up is that of the packet for which it had to go, of any connection.
VOLATILE = ("event_seq", "pcap_cnt", "pcap_filename", "timestamp")
# The tables alone take nearly all of it.
LITTLE = ["--memory", "7"]
LINTS_OF_NOTE = {"LENGTH_WRAPPED", "RECORD_TOO_LONG", "LIST_OMITTED", "EMPTY_NAME",
                 "MALFORMED_NAME", "ENCODING_MISMATCH", "SERVER_LEAF", "TRAILING_BYTES"}


def run(casniff, path, *options):
    done = subprocess.run([casniff, "--json", "-r", path, *options], check=False,
                          capture_output=True, timeout=120)
    if done.returncode != 0:
        raise RuntimeError(f"exit {done.returncode}: {done.stderr.decode().strip()}")
    return [json.loads(line) for line in done.stdout.decode().splitlines()]


def is_finding(event, anomalous):
    """A handshake whose packets must be saved; said anew here, from the manual."""
    if event["flow_id"] in anomalous:
        return True
    if any(d["severity"] != "info" for d in event["client_auth"].get("diagnosis", [])):
        return True
    ca_list = event.get("ca_list", {})
    return (ca_list.get("truncation") in ("suspected", "confirmed")
            or ca_list.get("headroom") in ("crit", "over")
            or bool(ca_list.get("clients_refusing"))
            or any(lint["code"].upper() in LINTS_OF_NOTE for lint in ca_list.get("lint", [])))


def verdicts(told):
    """What is told of each connection, without what depends on the rest of the capture."""
    found = {}
    for event in of_type(told, "handshake") + of_type(told, "anomaly"):
        kept = {key: value for key, value in event.items() if key not in VOLATILE}
        found.setdefault(event["flow_id"], []).append(kept)
    return found


def findings(told):
    anomalous = {event["flow_id"] for event in of_type(told, "anomaly")}
    return {event["flow_id"] for event in of_type(told, "handshake")
            if is_finding(event, anomalous)}


def records(path):
    """Time, lengths and bytes of each packet of a pcap file, read here."""
    data = path.read_bytes()
    magic, major, minor, _, _, snaplen, link_type = struct.unpack_from("<IHHIIII", data)
    if (magic, major, minor, snaplen) != (0xA1B2C3D4, 2, 4, 262144):
        raise ValueError(f"a wrong header: {data[:HEADER_LEN].hex()}")
    at, found = HEADER_LEN, []
    while at < len(data):
        seconds, us, captured, wired = struct.unpack_from("<IIII", data, at)
        packet = data[at + RECORD_LEN:at + RECORD_LEN + captured]
        if len(packet) != captured:
            raise ValueError("the last packet is not whole")
        found.append((seconds * 1000000 + us, wired, packet))
        at += RECORD_LEN + captured
    return link_type, found


def packets_of(path):
    """The same of any capture, as tshark rewrites it."""
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / "plain.pcap"
        subprocess.run(["editcap", "-F", "pcap", path, plain], check=True)
        return records(plain)


def differences(casniff, path, saved, options):
    """Complaints about one capture's saved packets; how many handshakes were in them."""
    told = run(casniff, path, *options, "-w", saved)
    wanted = findings(told)
    link_type, kept = records(saved)
    complaints = []
    if not wanted:
        if saved.stat().st_size != HEADER_LEN:
            complaints.append("nothing to save, but the file has packets")
        return complaints, 0
    again = verdicts(run(casniff, saved, *options))
    heard = {flow: events for flow, events in verdicts(told).items() if flow in wanted}
    if again != heard:
        complaints.append(first_difference(heard, again))
    was_link, was = packets_of(path)
    if link_type != was_link:
        complaints.append(f"the link type is {link_type}, must be {was_link}")
    missing = [packet for packet in kept if packet not in was]
    if missing:
        complaints.append(f"{len(missing)} packets that are not in the capture as they are")
    if "--memory" not in options:
        complaints += seen_by_tshark(path, saved, again)
    return complaints, len(wanted)


def first_difference(heard, again):
    was, now = (json.dumps(each, sort_keys=True) for each in (heard, again))
    at = next((i for i, (a, b) in enumerate(zip(was, now)) if a != b), min(len(was), len(now)))
    return f"heard ...{was[max(0, at - 80):at + 80]}, read again ...{now[max(0, at - 80):at + 80]}"


def seen_by_tshark(path, saved, again):
    """tshark sees in the saved packets what it sees in the capture of these connections."""
    ports = {events[0]["src_port"] for events in again.values()}

    def shown(of):
        return [(each.client_port, each.declared, each.names)
                for each in wire.requests_shown(of) if each.client_port in ports]
    if shown(saved) != shown(path):
        yield f"tshark shows {shown(saved)}, must be {shown(path)}"


# Captures made worse

def write_pcap(path, link_type, packets):
    data = struct.pack("<IHHIIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, link_type)
    for time_us, wired, packet in packets:
        data += struct.pack("<IIII", *divmod(time_us, 1000000), len(packet), wired) + packet
    path.write_bytes(data)


def flood(count):
    """SYNs from everywhere, Ethernet and IPv4, with TCP checksums that nobody believes or not."""
    for n in range(count):
        source = (0x0A000000 + n * 2654435761) & 0xFFFFFFFF
        ip = struct.pack(">BBHHHBBHI4s", 0x45, 0, 40, n & 0xFFFF, 0, 64, 6, 0, source,
                         bytes([192, 0, 2, 20]))
        tcp = struct.pack(">HHIIBBHHH", 1024 + n % 60000, 443, n, 0, 0x50, 2, 1024, 0, 0)
        yield bytes(12) + b"\x08\x00" + ip + tcp


def flooded(packets, between):
    """A flood of so many SYNs behind each packet."""
    for time_us, wired, packet in packets:
        yield time_us, wired, packet
        for syn in flood(between):
            yield time_us, len(syn), syn


def variants(folder, sources):
    """Captures in which several connections are mixed, late, lost or flooded, by name."""
    ethernet = [packets_of(path) for path in sources]
    mixed = sorted(packet for _, packets in ethernet for packet in packets)
    founding = packets_of(sources[0])[1]
    late = founding[:8] + [founding[9], founding[8]] + founding[10:]
    for name, packets in {
            "interleaved": mixed, "late": late, "lossy": founding[:12] + founding[13:],
            "no-syn": founding[3:], "cut": [(t, w, p[:600]) for t, w, p in founding],
            "flooded": list(flooded(founding, 300)),
            "ends-early": founding[:14]}.items():
        path = folder / f"{name}.pcap"
        write_pcap(path, 1, packets)
        yield path


def check_one(casniff, folder, path, options):
    saved = folder / f"{path.name}{len(options)}{''.join(options)[-4:]}.saved"
    try:
        complaints, handshakes = differences(casniff, path, saved, options)
    except (RuntimeError, ValueError, KeyError) as error:
        complaints, handshakes = [f"{type(error).__name__}: {error}"], 0
    return [f"{path.name} {' '.join(options)}: {each}" for each in complaints], handshakes


def check_full_disk(casniff, path):
    """A file that cannot be written is said once, and the exit code tells it."""
    if not Path("/dev/full").exists():
        return
    done = subprocess.run([casniff, "--json", "-r", path, "-w", "/dev/full"], check=False,
                          capture_output=True)
    said = done.stderr.decode()
    if done.returncode != 1 or said.count("packets are missing") != 1:
        yield f"a full disk: exit {done.returncode}, {said!r}"
    done = subprocess.run([casniff, "-r", path, "-w", "/nowhere/at/all"], check=False,
                          capture_output=True)
    if done.returncode != 1 or b"/nowhere/at/all" not in done.stderr:
        yield f"no such folder: exit {done.returncode}, {done.stderr!r}"


def check_events_unchanged(casniff, path, folder):
    """Saving changes nothing that is told but what it counts itself."""
    def told(*options):
        events = run(casniff, path, *options)
        for event in of_type(events, "stats"):
            del event["stats"]["evidence"], event["stats"]["memory"]
        return events
    if told() != told("-w", folder / "unchanged.saved"):
        yield f"{path.name}: -w changes the report"


def twin(packet, number):
    """The packet as of another client: of IPv4 in Ethernet, with another port."""
    at = 34 if packet[34:36] != b"\x01\xbb" else 36
    port = struct.pack(">H", 20000 + number)
    return packet[:at] + port + packet[at + 2:]


def check_little_room(casniff, path, folder):
    """Handshakes at once for which there is no room: what is not whole is told to be so."""
    crowd, saved = folder / "crowd.pcap", folder / "crowd.saved"
    link_type, packets = packets_of(path)
    write_pcap(crowd, link_type, [(time_us, wired, twin(packet, number))
                                  for time_us, wired, packet in packets for number in range(25)])
    done = subprocess.run([casniff, "--json", "-r", crowd, "--memory", "3", "-K", "-w", saved],
                          check=True, capture_output=True)
    stats = json.loads(done.stdout.decode().splitlines()[-1])["stats"]["evidence"]
    if stats["not_whole"] == 0 or stats["frames_dropped"] == 0:
        yield f"a crowd without room: {stats}"
    if f"{stats['not_whole']} handshakes in it are not whole" not in done.stderr.decode():
        yield f"not told: {done.stderr!r}"
    if len(records(saved)[1]) != stats["frames"]:
        yield f"{len(records(saved)[1])} packets saved, counted: {stats}"
    lists = [event["ca_list"]["capture"] for event in of_type(run(casniff, saved, "-K"), "handshake")
             if "ca_list" in event]
    if len(lists) < stats["handshakes"] - stats["not_whole"]:
        yield f"whole handshakes are not read again: {lists}"


def main():
    casniff, pcaps = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()
    missing = wire.missing_tools()
    if missing:
        print(f"not here: {', '.join(missing)}")
        return 1 if os.environ.get("CI") == "true" else 77
    store = ["-t", str(pcaps / "founding-case-store.pem")]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        there = [pcaps / capture for capture in captures(pcaps)]
        founding = pcaps / "founding-case.pcap"
        worse = list(variants(folder, [founding, pcaps / "wrong-issuer.pcap",
                                       pcaps / "few-cas.pcap", pcaps / "expired.pcap",
                                       pcaps / "whole-store.pcap"]))
        jobs = ([(path, []) for path in there] + [(path, store) for path in worse]
                + [(founding, store), (founding, LITTLE), (folder / "interleaved.pcap", LITTLE)])
        with ThreadPoolExecutor(max_workers=2) as pool:
            results = list(pool.map(lambda job: check_one(casniff, folder, *job), jobs))
        complaints = [each for some, _ in results for each in some]
        complaints += check_full_disk(casniff, founding)
        complaints += check_little_room(casniff, founding, folder)
        for path in (founding, folder / "flooded.pcap"):
            complaints += check_events_unchanged(casniff, path, folder)
    handshakes = sum(count for _, count in results)
    print("\n".join(complaints))
    print(f"{len(jobs)} captures, {handshakes} handshakes with a finding read again, "
          f"{len(complaints)} differences")
    return 1 if complaints or handshakes == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
