#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Remakes the captures of this folder: real servers and clients, in network namespaces.

    sudo pcaps/make.py             all of them, README.md and expected.json
    sudo pcaps/make.py NAME ...    only these captures

Needs root and these Debian packages: openssl gnutls-bin nginx-light stunnel4 libnss3-tools
libmbedtls-dev libgnutls28-dev gcc openjdk-17-jdk-headless curl tcpdump tcpreplay tshark
wireshark-common ethtool iproute2 python3 ca-certificates. Everything is made new: keys,
certificates, packets, dates. The verdicts are expected to stay.

What is expected of casniff follows from how a case was built (which names its server was given,
what its client holds), and is checked here against what tshark sees. casniff itself is not run.
"""
import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE / "src"))

from cases import CASES                      # noqa: E402
from lab import Lab, say, tool               # noqa: E402
from pki import blocks, subjects_of          # noqa: E402
from stores import fits, make_everything     # noqa: E402
import readme                                # noqa: E402

TSHARK = ["tshark", "-n", "-o", "tls.desegment_ssl_records:TRUE",
          "-o", "tcp.desegment_tcp_streams:TRUE"]


def list_facts(folder, sent, verdict):
    """What is known of a list made of a bundle, or of (bundle, room): its names that fit room."""
    if sent is None:
        return {"count": 0, "bytes": 0}
    bundle, room = sent if isinstance(sent, tuple) else (sent, None)
    names = subjects_of(folder / f"{bundle}.pem")
    count = len(names) if room is None else fits(names, room)
    facts = {"count": count, "bytes": sum(2 + len(der) for der in names[:count])}
    if verdict.get("truncation") == "confirmed":
        facts["missing_count"] = len(names) - count
        facts["first_missing"] = printed_subject(list(blocks(folder / f"{bundle}.pem"))[count])
    return facts


def printed_subject(certificate):
    done = subprocess.run(["openssl", "x509", "-noout", "-subject", "-nameopt",
                           "RFC2253,utf8,-esc_msb"], input=certificate, check=True,
                          capture_output=True, text=True)
    return done.stdout.strip().removeprefix("subject=")


def expectation(case, folder):
    connections = []
    for wanted in case.expect:
        told = {k: v for k, v in wanted.items() if k not in ("sent", "verdict")}
        if "sent" in wanted:
            told["ca_list"] = {
                **list_facts(folder, wanted["sent"], wanted["verdict"]), **wanted["verdict"]}
        connections.append(told)
    return {"origin": origin(case), "options": case.options, "connections": connections}


def origin(case):
    versions = tool(["dpkg-query", "-W", "-f", "${Package} ${Version}, ", *case.programs])
    return versions.decode() + date.today().isoformat()


def record(case, lab, folder):
    """Runs the case; the capture comes to lie in folder. What the programs printed."""
    raw = folder / "raw.pcap"
    lab.offload(case.offload)
    servers = [lab.serve(shlex.split(words), port) for port, words in case.servers]
    sniffer = lab.capture(raw, case.precision)
    printed = []
    for client in case.clients:
        said = lab.start(lab.client_side, shlex.split(client))
        if case.client_says:
            time.sleep(0.5)
            say(said, case.client_says)
        for words in filter(None, case.server_says.split("|")):
            time.sleep(0.5)
            say(servers[0], words)
        printed.append(lab.finish(said, case.pause_s))
        time.sleep(0.2)
    time.sleep(0.3)
    printed += [lab.stop(server) for server in servers]
    lab.stop(sniffer)
    return raw, "\n".join(printed)


def keep(case, raw):
    """The capture in the form that its name asks for."""
    path = HERE / case.name
    if case.vlan:
        plain, raw = raw, raw.with_suffix(".tagged")
        tool(["tcprewrite", "--enet-vlan=add", f"--enet-vlan-tag={case.vlan}", "--enet-vlan-pri=0",
              "--enet-vlan-cfi=0", f"--infile={plain}", f"--outfile={raw}"])
    if path.suffix == ".pcapng":
        tool(["editcap", "-F", "pcapng", str(raw), str(path)])
    elif path.suffix == ".gz":
        tool(["gzip", "-9", "-n", "-c", str(raw)], path)
    else:
        path.write_bytes(raw.read_bytes())
    return path


def tshark_lists(path, ports, keys):
    """dnames_len of each CertificateRequest, as tshark reads it, with a key log if there is one."""
    decode = [w for port in ports for w in ("-d", f"tcp.port=={port},tls")]
    done = subprocess.run(
        [*TSHARK, *decode, *(w for key in keys for w in ("-o", f"tls.keylog_file:{key}")),
         "-r", str(path), "-Y", "tls.handshake.type == 13", "-T", "fields",
         "-e", "tls.handshake.dnames_len"], check=True, capture_output=True, text=True)
    return [int(n) for line in done.stdout.split() for n in line.split(",")]


def check(case, path, wanted, printed):
    """What was built is what the wire shows, or the capture is worthless."""
    built = [c["ca_list"]["bytes"] for c in wanted["connections"] if "ca_list" in c]
    seen = tshark_lists(path, [port for port, _ in case.servers if case.decode_as_tls],
                        [HERE / kept for kept in case.files if kept.endswith(".keys")])
    # tshark prints no dnames_len for an empty list
    if case.tshark_sees_lists and [n for n in built if n] != [n for n in seen if n]:
        raise RuntimeError(f"{case.name}: built {built} bytes, tshark sees {seen}:\n{printed}")
    for text in case.printed:
        if text not in printed:
            raise RuntimeError(f"{case.name}: no program printed {text!r}:\n{printed}")


def remake(case, lab, folder):
    raw, printed = record(case, lab, folder)
    path = keep(case, raw)
    for kept, made in case.files.items():
        shutil.copyfile(folder / made, HERE / kept)
    wanted = expectation(case, folder)
    check(case, path, wanted, printed)
    print(f"{case.name}: {path.stat().st_size} bytes", flush=True)
    return wanted


def main():
    if os.geteuid() != 0:
        sys.exit("make.py makes network namespaces: run it as root, e.g. with sudo")
    chosen = [c for c in CASES if not sys.argv[1:] or c.name in sys.argv[1:]]
    expected_path = HERE / "expected.json"
    expected = json.loads(expected_path.read_text()) if expected_path.exists() else {}
    failures = []
    with tempfile.TemporaryDirectory(prefix="casniff-pcaps-") as scratch:
        folder = Path(scratch)
        make_everything(folder)
        with Lab(folder) as lab:
            for case in chosen:
                try:
                    expected[case.name] = remake(case, lab, folder)
                except RuntimeError as error:
                    failures.append(str(error))
    expected = {c.name: expected[c.name] for c in CASES if c.name in expected}
    expected_path.write_text(json.dumps(expected, indent=2, ensure_ascii=False) + "\n")
    readme.write(HERE / "README.md", CASES, expected)
    print("\n".join(failures), file=sys.stderr)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
