# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs casniff on a capture of pcaps/ and hands back its events."""
import json
import subprocess
from pathlib import Path


def captures(folder):
    """The captures of the folder, by name."""
    return sorted(p.name for p in folder.iterdir()
                  if p.name.endswith((".pcap", ".pcapng", ".pcap.gz", ".pcapng.gz")))


def events(casniff, folder, name, options):
    """The JSON events of one run in the folder; it must end well."""
    done = subprocess.run([Path(casniff).resolve(), "--json", "-r", name, *options], cwd=folder, check=False,
                          capture_output=True, timeout=60)
    if done.returncode != 0:
        raise RuntimeError(f"exit {done.returncode}: {done.stderr.decode().strip()}")
    return [json.loads(line) for line in done.stdout.decode().splitlines()]


def of_type(told, event_type):
    return [event for event in told if event["event_type"] == event_type]
