# SPDX-License-Identifier: GPL-2.0-or-later
"""Everything that the servers and clients of the captures are given, made in a scratch folder."""
import shutil
from pathlib import Path

import names
from lab import tool
from pki import EXPIRED, FUTURE, Pki, subjects_of

SRC = Path(__file__).resolve().parent
STORE = 405          # the founding case's trust store
CLIENTS_ROOT = 300   # the founding case's client belongs to this one of them
WIDE = 560           # enough for the list to exceed 65,535 bytes
SCHANNEL = 16384
DEBIAN = Path("/usr/share/ca-certificates/mozilla")
PROGRAMS = {"gnutls_client": ["-lgnutls"],
            "mbedtls_server": ["-lmbedtls", "-lmbedx509", "-lmbedcrypto"]}
DEPARTMENTS = ["Employees", "Devices", "Partners", "Servers", "Visitors"]


def fits(subjects, room):
    """How many of these names, from the first on, fit into so many bytes of list."""
    used = 0
    for count, der in enumerate(subjects):
        used += 2 + len(der)
        if used > room:
            return count
    return len(subjects)


def department(name):
    return [("C", "AT"), ("O", "Example Works"), ("CN", f"Example Works {name} CA")]


def person(name):
    return [("C", "AT"), ("O", "Example Works"), ("CN", name)]


def make_everything(folder):
    pki = Pki(folder)
    big_stores(pki)
    small_stores(pki)
    client_certificates(pki)
    for key in ("ec", "rsa"):
        pki.issue(f"server-{key}", [("CN", "www.example.at")], "ca-servers", "server",
                  key=f"{key}.key")
    other_forms(folder)
    for path in SRC.iterdir():
        if path.suffix in (".conf", ".java", ".py", ".c"):
            shutil.copy(path, folder)
    for program, libraries in PROGRAMS.items():
        tool(["gcc", "-O2", "-o", str(folder / program), str(SRC / f"{program}.c"), *libraries])


def big_stores(pki):
    roots = [(f"root{i:03}", subject, mask)
             for i, (subject, mask) in enumerate(names.subjects(WIDE), 1)]
    pki.roots(roots)
    members = [name for name, _, _ in roots]
    pki.bundle("wide", members)
    pki.bundle("store", members[:STORE])
    pki.bundle("four-hundred", members[:400])
    pki.bundle("two-hundred", members[-200:])
    pki.bundle("every-tenth", members[9:STORE:10])
    pki.bundle("advertised", members[:fits(subjects_of(pki.folder / "store.pem"), SCHANNEL)])
    debian = "".join(p.read_text() for p in sorted(DEBIAN.glob("*.crt")))
    (pki.folder / "debian.pem").write_text(debian)


def small_stores(pki):
    pki.roots([(f"ca-{name.lower()}", department(name), "utf8only") for name in DEPARTMENTS])
    pki.roots([("ca-stranger", [("O", "Stranger Ltd"), ("CN", "Stranger Root CA")], "utf8only"),
               ("ca-printable", department("Devices"), "pkix")])
    pki.bundle("five", [f"ca-{name.lower()}" for name in DEPARTMENTS])
    pki.bundle("printable", ["ca-employees", "ca-printable"])


def client_certificates(pki):
    pki.issue("founding", person("controller-0042.plant.example.at"), f"root{CLIENTS_ROOT:03}")
    pki.issue("cut-off", person("gateway-07.plant.example.at"), f"root{WIDE}")
    pki.issue("good", person("Anna Muster"), "ca-employees")
    pki.issue("device", person("sensor-17.example.at"), "ca-devices")
    pki.issue("stranger", [("O", "Stranger Ltd"), ("CN", "Max Fremd")], "ca-stranger")
    pki.issue("expired", person("Otto Gestern"), "ca-employees", dates=EXPIRED)
    pki.issue("future", person("Mia Morgen"), "ca-employees", dates=FUTURE)
    pki.issue("wrong-purpose", person("intranet.example.at"), "ca-employees", "server")
    pki.issue("good-rsa", person("Anna Muster"), "ca-employees", key="rsa.key")
    pki.issue("branch", department("Branch"), "ca-employees", "root")
    pki.issue("branch-client", person("Ida Zweig"), "branch")


def other_forms(folder):
    """PKCS#12 for Java, databases for NSS."""
    for name in ("good", "stranger"):
        p12(folder, name, "ec.key")
    for name in ("server-rsa", "good-rsa"):
        p12(folder, name, "rsa.key")
        tool(["pk12util", "-i", str(folder / f"{name}.p12"), "-d", nss(folder, name), "-W", "test"])
    nss(folder, "nobody")


def nss(folder, name):
    """A new NSS database that trusts the five CAs."""
    database = f"sql:{folder}/nss-{name}"
    (folder / f"nss-{name}").mkdir()
    tool(["certutil", "-N", "-d", database, "--empty-password"])
    for each in DEPARTMENTS:
        tool(["certutil", "-A", "-n", each, "-t", "CT,C,C", "-d", database,
              "-i", str(folder / f"ca-{each.lower()}.pem")])
    return database


def p12(folder, name, key):
    tool(["openssl", "pkcs12", "-export", "-name", name, "-passout", "pass:test",
          "-inkey", str(folder / key), "-in", str(folder / f"{name}.pem"),
          "-out", str(folder / f"{name}.p12")])
