#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Two hosts, real servers and real clients: casniff on the servers' interface reports within a
second what it reports offline on tcpdump's capture of the same packets, and every sink tells each
finding once, however many handshakes follow."""
import json
import re
import subprocess
import time

from hosts import (DatagramListener, Dump, first_of, free_ports, gnutls_client, make_key,
                   mbedtls_server, openssl_server, shake_hands, silent_client)
from lab import HOST_B
from live_case import LiveCase, Settings, main, need, note
from program import wait_until
from sniffer import events_in

TRUSTED = 400       # CAs that the servers trust
LISTED = 133        # those of them whose list fits 16,384 bytes, as Schannel would cut it
LATENCY_S = 1.0


class Hosts(LiveCase):
    has_addresses = True

    def setUp(self):
        super().setUp()
        make_key(self.folder)
        store = Settings.pcaps / "founding-case-store.pem"
        self.trusted = first_of(store, TRUSTED, self.folder / "trusted.pem")
        self.listed = first_of(store, LISTED, self.folder / "listed.pem")
        self.log = DatagramListener(Settings.folder / "log")
        self.addCleanup((Settings.folder / "log").unlink)
        self.addCleanup(self.log.close)
        self.events = self.out / "events.json"
        self.port = free_ports(1)[0]

    def offline(self, path):
        """The events of casniff on a capture."""
        done = subprocess.run([Settings.casniff, "-r", path, "-t", self.trusted, "--json"],
                              check=True, capture_output=True, timeout=60)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def serve(self, listed):
        return self.keep(openssl_server(self.folder, self.port, listed, self.trusted))

    def assert_same_lists(self, capture):
        live = lists_of(events_in(self.events))
        wait_until(lambda: lists_of(self.offline(capture)).keys() >= live.keys(),
                   "tcpdump has the lists as well")
        for connection, offline in lists_of(self.offline(capture)).items():
            for member in live[connection].keys() | offline.keys():
                self.assertEqual(live[connection].get(member), offline.get(member), member)


def lists_of(events):
    """The ca_list objects by what brought them, without heartbeats."""
    return {(e["src_ip"], e["src_port"], e["dest_ip"], e["dest_port"]): e["ca_list"]
            for e in events if e["event_type"] == "ca_list" and "names" in e["ca_list"]}


class SameList(Hosts):
    """The ca_list object of the live run equals that of the offline run, member for member."""

    def compare(self, start_server, call, **expected):
        capture = self.folder / "wire.pcap"
        dump = self.keep(Dump(self.folder, capture, "-U", "--immediate-mode"))
        casniff = self.sniff("-t", self.trusted, "-T", f"json:{self.events}")
        start_server()
        ended_at = call()
        self.wait_for(self.events, "ca_list", 1)
        if ended_at is not None:
            latency = time.time() - ended_at
            note(f"the list was reported {latency * 1000:.0f} ms after the handshake's end")
            self.assertLess(latency, LATENCY_S)
        casniff.end()
        self.assert_same_lists(capture)
        dump.stop()
        found, = lists_of(events_in(self.events)).values()
        self.assertEqual({key: found[key] for key in expected}, expected)
        self.assertEqual(found["capture"], "complete")

    def test_list_cut_at_16_kb(self):
        self.compare(lambda: self.serve(self.listed),
                     lambda: shake_hands(self.folder, self.port)[0],
                     count=LISTED, truncation="confirmed", limit_name="schannel-16k")

    def test_client_that_stays_silent(self):
        """Nothing comes that would end the handshake, and the connection stays open."""
        def call():
            client, ended_at = silent_client(self.folder, self.port)
            self.keep(client)
            return ended_at
        self.compare(lambda: self.serve(self.listed), call, count=LISTED)

    def test_list_of_400_over_several_records(self):
        self.compare(lambda: self.serve(self.trusted),
                     lambda: shake_hands(self.folder, self.port)[0],
                     count=TRUSTED, truncation="none", headroom="over")

    @need("gnutls-cli")
    def test_mbedtls_cuts_by_itself(self):
        if Settings.mbedtls_server is None:
            self.skipTest("no libmbedtls-dev")
        self.trusted = Settings.pcaps / "mbedtls-cut-store.pem"
        self.compare(lambda: self.keep(mbedtls_server(self.folder, Settings.mbedtls_server,
                                                      self.port, self.trusted)),
                     lambda: gnutls_client(self.folder, self.port) and None,
                     truncation="confirmed")


class OnceEverywhere(Hosts):
    """One alert for each server and cause in every sink, after one handshake and after 1,000."""

    MORE = 1000

    def setUp(self):
        super().setUp()
        self.metrics, self.state = self.out / "casniff.prom", self.out / "state"
        self.hooked = self.out / "hooked.json"
        self.hook = self.folder / "hook"
        self.hook.write_text(f"#!/bin/sh\ncat >> {self.hooked}\n")
        self.hook.chmod(0o755)

    def start(self):
        return self.sniff("-t", self.trusted, "-T", f"json:{self.events}", "--syslog",
                          "--metrics", self.metrics, "--state", self.state,
                          "--alert-exec", self.hook, "--stats", "1")

    def alerts(self):
        """The causes of the alert events; all are of the one server."""
        return causes_in(self.events)

    def sinks(self):
        """The causes that each other sink has told, in order, for each time that it did."""
        metrics, state = self.metrics.read_text(), self.state.read_text()
        counts = re.findall(r'(?m)^casniff_alerts_total{cause="(\w+)"} (\d+)$', metrics)
        return {
            "syslog": sorted(re.findall(r'cause="(\w+)"', "".join(self.log.messages))),
            "hook": causes_in(self.hooked),
            "metrics": sorted(cause for cause, times in counts for _ in range(int(times))),
            "state": sorted(re.findall(r"(?m)^told\tcause=(\w+)", state)),
        }

    def servers(self):
        """How often the metrics and the state have the server."""
        return (self.metrics.read_text().count("casniff_ca_list_bytes{"),
                self.state.read_text().count(f"address={HOST_B}\tport={self.port}"))

    def wait_for_sinks(self):
        def is_told():
            return self.hooked.exists() and all(told == self.alerts()
                                                for told in self.sinks().values())
        wait_until(is_told, lambda: f"{self.alerts()} everywhere: {self.sinks()}", 30, every=0.1)

    def test_each_sink_tells_it_once(self):
        self.serve(self.listed)
        casniff = self.start()
        shake_hands(self.folder, self.port)
        self.wait_for(self.events, "alert", 1)
        self.wait_for_sinks()
        first = self.alerts()
        note(f"alerts: {first}")
        self.assertIn("truncation_confirmed", first)
        self.assertEqual(len(first), len(set(first)))
        self.assertEqual(self.servers(), (1, 1))
        shake_hands(self.folder, self.port, self.MORE)
        self.wait_for(self.events, "handshake", 1 + self.MORE, 30)
        statistics = casniff.end()
        self.assertEqual(self.alerts(), first)
        self.assertEqual(set(map(tuple, self.sinks().values())), {tuple(first)}, self.sinks())
        self.assertEqual(self.servers(), (1, 1))
        self.assertEqual(statistics["alerts"], len(first))
        self.assertEqual(statistics["handshakes"], 1 + self.MORE)
        self.assertEqual(statistics["received"], statistics["captured"] + statistics["dropped"])


def causes_in(path):
    return sorted(event["alert"]["cause"] for event in events_in(path, "alert"))


class Evidence(Hosts):
    """-w keeps the packets of what was found: casniff finds the same in them, tshark reads them."""

    @need("tshark")
    def test_others_read_it_to_the_same_verdict(self):
        self.serve(self.listed)
        evidence = self.out / "evidence.pcap"
        casniff = self.sniff("-t", self.trusted, "-T", f"json:{self.events}", "-w", evidence)
        shake_hands(self.folder, self.port, 3)
        self.wait_for(self.events, "handshake", 3)
        casniff.end()
        self.assertEqual(lists_of(self.offline(evidence)), lists_of(events_in(self.events)))
        sizes = subprocess.run(
            ["tshark", "-n", "-r", evidence, "-d", f"tcp.port=={self.port},tls", "-T", "fields",
             "-e", "tls.handshake.dnames_len"], check=True, capture_output=True, text=True)
        found, *_ = lists_of(events_in(self.events)).values()
        self.assertIn(str(found["bytes"]), sizes.stdout.split())


if __name__ == "__main__":
    main()
