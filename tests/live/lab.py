# SPDX-License-Identifier: GPL-2.0-or-later
"""Two hosts on one cable: network namespaces "a" and "b", joined by the interface "wire" of each.

Without addresses b never says a word, so that whatever leaves b's interface is casniff's. With
addresses they are two hosts for real servers and clients. Offloads stay as they are: large
segments and unfinished checksums, which is what casniff meets on a server.
"""
import json
import os
import socket
import subprocess
from pathlib import Path

from private import enter_network
from program import wait_until

HOST_A, HOST_B = "192.0.2.10", "192.0.2.20"
MAC = {"a": "02:00:00:00:00:aa", "b": "02:00:00:00:00:bb"}
SOL_PACKET, PACKET_QDISC_BYPASS = 263, 20


class Lab:
    """One at a time: the names are private to the test's process."""

    def __init__(self, has_addresses=False):
        self.has_addresses = has_addresses
        for side in ("a", "b"):
            ip("netns", "add", side)
            # Neighbour discovery and its like would be frames of b's own.
            inside(side, "sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=1",
                   "net.ipv6.conf.default.disable_ipv6=1")
            ip("-n", side, "link", "set", "lo", "up")
        self.connect()

    def connect(self):
        ip("link", "add", "wire", "address", MAC["a"], "netns", "a", "type", "veth",
           "peer", "name", "wire", "address", MAC["b"], "netns", "b")
        for side, address in (("a", HOST_A), ("b", HOST_B)):
            if self.has_addresses:
                ip("-n", side, "addr", "add", f"{address}/24", "dev", "wire")
            ip("-n", side, "link", "set", "wire", "up")

    def wait_running(self):
        """The kernel says so up to a second after both ends are up."""
        wait_until(lambda: "LOWER_UP" in ip("-n", "b", "link", "show", "wire")
                   and "state UP" in ip("-n", "b", "link", "show", "wire"), "the cable works")

    def disconnect(self):
        ip("-n", "b", "link", "del", "wire")

    def set_link(self, up_or_down):
        ip("-n", "b", "link", "set", "wire", up_or_down)

    def close(self):
        for side in ("a", "b"):
            ip("netns", "del", side)

    def counters(self, side):
        """The interface's received and sent: {"rx": {"packets": ...}, "tx": {...}}."""
        return json.loads(ip("-n", side, "-s", "-j", "link", "show", "wire"))[0]["stats64"]

    def raw_socket(self, side="a", interface="wire"):
        """A socket that puts frames on the cable. It stays on its side when we come back."""
        here = os.open("/proc/self/ns/net", os.O_RDONLY)
        try:
            enter_network(side)
            raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
            raw.setsockopt(SOL_PACKET, PACKET_QDISC_BYPASS, 1)
            raw.bind((interface, 0))
        finally:
            enter_network(here)
            os.close(here)
        return raw


def ip(*words):
    done = subprocess.run(["ip", *words], check=False, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"ip {' '.join(words)}: {done.stderr.strip()}")
    return done.stdout


def inside(side, *words):
    """A program that ends by itself on one side: what it printed."""
    done = subprocess.run(["ip", "netns", "exec", side, *map(str, words)], check=True,
                          capture_output=True, text=True, timeout=60)
    return done.stdout


def has_network_namespaces():
    """Why not, or None."""
    if not any(Path(folder, "ip").exists() for folder in os.get_exec_path()):
        return "iproute2 is not installed"
    try:
        Lab().close()
    except (OSError, RuntimeError, subprocess.CalledProcessError) as error:
        return f"no network namespaces here: {error}"
    return None
