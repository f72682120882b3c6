# SPDX-License-Identifier: GPL-2.0-or-later
"""README.md out of the table of cases and of what was expected of them."""

HEAD = """# Real handshakes

Made by `make.py` (its first lines say what it needs) with real servers and clients on a virtual
cable between two network namespaces. Keys, certificates and organisations are invented and serve
no other purpose. `expected.json` says for each capture with which options casniff is run and what
it must then report; it follows from how the capture was built, and `make.py` checks the sizes of
the lists against tshark. `tests/integration/check_captures.py` runs casniff on all of them,
`check_tshark.py` compares every name of every list with tshark's and OpenSSL's reading.

The founding case is an imitation where it has to be: Schannel itself is not to be had here, so an
OpenSSL server that trusts all 405 roots is told to advertise those of them that fit 16,384 bytes.
mbedTLS's cut is its own. SSLv3 comes from NSS, which still speaks it in Debian.
In `vlan.pcap` the VLAN tag was added afterwards, with tcprewrite.

In `expected.json`, `connections` holds the TLS connections in the order of the capture:
`diagnosis`, `lint` and `clients_refusing` list what must be there, more may be; everything else
must be equal. `ca_list` is there where the request is in the clear.

| Capture | Origin | What it shows | Expected |
|---|---|---|---|
"""


def verdict(connection):
    parts = []
    if "ca_list" in connection:
        told = connection["ca_list"]
        parts.append(f"{told['count']} names, {told['bytes']:,} bytes")
        parts += [f"truncation `{told['truncation']}`"] if "truncation" in told else []
        parts += [f"headroom `{told['headroom']}`"] if "headroom" in told else []
        parts += [f"lint `{code}`" for code in told.get("lint", [])]
    parts.append(f"requested `{connection['requested']}`, answer `{connection['answer']}`")
    parts += [f"`{code}`" for code in connection["diagnosis"]]
    return f"{connection['version']}: " + ", ".join(parts)


def write(path, cases, expected):
    rows = ""
    for case in cases:
        entry = expected.get(case.name)
        if entry is not None:
            verdicts = "; ".join(verdict(c) for c in entry["connections"])
            rows += f"| `{case.name}` | {entry['origin']} | {case.shows} | {verdicts} |\n"
    path.write_text(HEAD + rows)
