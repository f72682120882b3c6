#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""With a key log, casniff's lists of TLS 1.3 agree with tshark's: count, bytes, names up to 100.

    check_tshark13.py CASNIFF PCAPS_DIR

Each NAME.pcap beside a NAME.keys. tshark decrypts with the same key log.
"""
import os
import subprocess
import sys
import xml.etree.ElementTree as xml
from pathlib import Path

import wire
from casniff_run import events, of_type

SKIPPED = 77


def lists_shown(path, keys):
    """(declared bytes, names as lists of attributes) of each request that tshark decrypts."""
    done = subprocess.run([*wire.TSHARK, "-o", f"tls.keylog_file:{keys}", "-r", str(path),
                           "-Y", "tls.handshake.type == 13", "-T", "pdml"],
                          check=True, capture_output=True)
    for message in xml.fromstring(done.stdout.decode()).iter("field"):
        children = {child.get("name"): child for child in message.iter("field")}
        if message.get("name") == "tls.handshake" and "tls.handshake.dnames_len" in children:
            size = int(children["tls.handshake.dnames_len"].get("show"))
            shown = [wire.attributes_shown(field) for field in message.iter("field")
                     if field.get("name") == "tls.handshake.dname"]
            yield size, shown


def attributes_told(name):
    """The attributes' values of a name as casniff prints it, outermost first."""
    return [part.partition("=")[2] for part in reversed(name["dn"].split(","))]


def check(casniff, folder, keys):
    path = keys.with_suffix(".pcap")
    told = events(casniff, folder, path.name,
                  ["--names", "all", "--keylog", keys.resolve(), "--keylog-world-readable"])
    lists = [e["ca_list"] for e in of_type(told, "ca_list") if e["ca_list"].get("names")]
    shown = list(lists_shown(path, keys))
    if not shown or len(lists) != len(shown):
        return [f"{path.name}: {len(lists)} lists told, {len(shown)} shown by tshark"]
    complaints = []
    for ours, (size, names) in zip(lists, shown):
        if ours["bytes"] != size or ours["capture"] != "complete":
            complaints.append(f"{path.name}: {ours['bytes']} bytes, {ours['capture']}; tshark has "
                              f"{size}")
        if len(names) != min(len(ours["names"]), wire.TSHARK_NAMES_MAX):
            complaints.append(f"{path.name}: {len(ours['names'])} names, tshark shows {len(names)}")
        for index, (name, theirs) in enumerate(zip(ours["names"], names)):
            values = [value_of(item) for item in theirs]
            if attributes_told(name) != values:
                complaints.append(f"{path.name}: name {index} is {name['dn']!r}, tshark has "
                                  f"{values}")
    return complaints


def value_of(item):
    """The text of the one attribute in a DER RelativeDistinguishedName: its last string."""
    at = 0
    while item[at] in (0x30, 0x31):
        at += 2
    at += 2 + item[at + 1]      # the attribute's type
    return item[at + 2:at + 2 + item[at + 1]].decode()


def main():
    casniff, folder = sys.argv[1], Path(sys.argv[2])
    missing = wire.missing_tools()
    if missing:
        print(f"not here: {', '.join(missing)}")
        return 1 if os.environ.get("CI") == "true" else SKIPPED
    logs = sorted(folder.glob("*.keys"))
    complaints = [each for keys in logs for each in check(casniff, folder, keys)]
    print("\n".join(complaints) or f"{len(logs)} decrypted captures as tshark reads them")
    return 1 if complaints or not logs else 0


if __name__ == "__main__":
    sys.exit(main())
