#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Every store format that openssl and keytool write gives exactly the certificates put in.

Skipped without openssl; the keystores of Java without keytool. Usage: check_stores.py
PRINT_NAMES
"""
import hashlib
import shutil
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

SKIP = 77
PASSWORD = "changeit"
SUBJECTS = {
    "rsa": ("rsa:2048", "/C=AT/O=Example/CN=Example RSA CA"),
    "ec": ("ec:EC", "/O=Zürich/OU=A+OU=B/CN=Example, \"EC\" CA"),
    "ed25519": ("ed25519", "/CN=Example Ed25519 CA"),
}


def run(*command, check=True):
    return subprocess.run(command, check=check, capture_output=True, encoding="utf-8")


class Stores:
    """Certificates made once, and the stores that are made of them."""

    def __init__(self, folder, print_names):
        self.folder = Path(folder)
        self.print_names = print_names
        self.failures = 0
        self.checks = 0
        run("openssl", "genpkey", "-genparam", "-algorithm", "EC", "-pkeyopt",
            "ec_paramgen_curve:P-256", "-out", self.path("EC"))
        for name, (algorithm, subject) in SUBJECTS.items():
            self.make_certificate(name, algorithm, subject)
        self.ders = [self.path(f"{name}.der").read_bytes() for name in SUBJECTS]
        self.pem = "".join(self.path(f"{name}.pem").read_text() for name in SUBJECTS)
        self.path("all.pem").write_text(self.pem)

    def path(self, name):
        return self.folder / name

    def make_certificate(self, name, algorithm, subject):
        algorithm = algorithm.replace("ec:EC", f"ec:{self.path('EC')}")
        run("openssl", "req", "-x509", "-newkey", algorithm, "-nodes", "-utf8", "-multivalue-rdn",
            "-subj", subject, "-days", "30", "-keyout", self.path(f"{name}.key"),
            "-out", self.path(f"{name}.pem"))
        run("openssl", "x509", "-in", self.path(f"{name}.pem"), "-outform", "DER",
            "-out", self.path(f"{name}.der"))

    def expect(self, name, path, ders):
        """The store at path gives these certificates and no complaint."""
        done = run(self.print_names, path, check=False)
        found = sorted(line.split("\t")[5] for line in done.stdout.splitlines())
        wanted = sorted(hashlib.sha256(der).hexdigest() for der in ders)
        self.judge(name, done.returncode == 0 and not done.stderr and found == wanted,
                   f"{done.returncode} {len(found)} of {len(wanted)} {done.stderr}")

    def expect_refusal(self, name, path, sentence):
        done = run(self.print_names, path, check=False)
        self.judge(name, done.returncode == 1 and not done.stdout and sentence in done.stderr,
                   f"{done.returncode} {done.stdout} {done.stderr}")

    def judge(self, name, good, details):
        self.checks += 1
        self.failures += not good
        print(f"{'ok' if good else 'NOT OK'} {name}" + ("" if good else f": {details}"))


def check_pem_and_der(stores):
    stores.expect("PEM", stores.path("all.pem"), stores.ders)
    verbose = stores.path("verbose.pem")
    verbose.write_text("".join(
        run("openssl", "x509", "-text", "-in", stores.path(f"{name}.pem")).stdout
        for name in SUBJECTS))
    stores.expect("PEM with text", verbose, stores.ders)
    trusted = stores.path("trusted.pem")
    trusted.write_text(run("openssl", "x509", "-in", stores.path("rsa.pem"), "-trustout",
                           "-addtrust", "clientAuth").stdout)
    stores.expect("TRUSTED CERTIFICATE", trusted, stores.ders[:1])
    with_key = stores.path("with-key.pem")
    with_key.write_text(stores.path("rsa.key").read_text() + stores.pem)
    stores.expect("PEM with a private key", with_key, stores.ders)
    der = stores.path("all.der")
    der.write_bytes(b"".join(stores.ders))
    stores.expect("DER", der, stores.ders)


def check_pkcs7(stores):
    for form in "PEM", "DER":
        out = stores.path(f"all.p7b.{form}")
        run("openssl", "crl2pkcs7", "-nocrl", "-certfile", stores.path("all.pem"),
            "-outform", form, "-out", out)
        stores.expect(f"PKCS#7 as {form}", out, stores.ders)
    relabelled = stores.path("relabelled.pem")
    relabelled.write_text(stores.path("all.p7b.PEM").read_text().replace("PKCS7", "CERTIFICATE"))
    stores.expect("PKCS#7 under the label of a certificate", relabelled, stores.ders)
    others = stores.path("others.pem")
    others.write_text("".join(stores.path(f"{name}.pem").read_text()
                              for name in SUBJECTS if name != "rsa"))
    ber = stores.path("all.ber")
    run("openssl", "cms", "-sign", "-in", stores.path("rsa.key"), "-binary", "-nodetach",
        "-stream", "-signer", stores.path("rsa.pem"), "-inkey", stores.path("rsa.key"),
        "-certfile", others, "-outform", "DER", "-out", ber)
    assert ber.read_bytes()[1] == 0x80, "not of indefinite length"
    stores.expect("PKCS#7 as BER", ber, stores.ders)


def check_sst(stores):
    friendly_name = "Example".encode("utf-16-le") + b"\0\0"
    elements = b"".join(
        struct.pack("<III", 11, 1, len(friendly_name)) + friendly_name
        + struct.pack("<III", 32, 1, len(der)) + der for der in stores.ders)
    path = stores.path("all.sst")
    path.write_bytes(struct.pack("<I", 0) + b"CERT" + elements + bytes(12))
    stores.expect(".sst", path, stores.ders)


def check_directory(stores):
    folder = stores.path("folder")
    folder.mkdir()
    for name in SUBJECTS:
        shutil.copy(stores.path(f"{name}.pem"), folder)
    run("openssl", "rehash", folder)
    assert len(list(folder.iterdir())) == 2 * len(SUBJECTS), "no links were made"
    stores.expect("directory with hashed links", folder, stores.ders)


def check_pkcs12(stores):
    path = stores.path("one.p12")
    run("openssl", "pkcs12", "-export", "-in", stores.path("rsa.pem"), "-inkey",
        stores.path("rsa.key"), "-passout", f"pass:{PASSWORD}", "-out", path)
    stores.expect_refusal("PKCS#12", path, "openssl pkcs12")


def check_java(stores, kind):
    path = stores.path(f"all.{kind}")
    options = ["-keystore", path, "-storetype", kind, "-storepass", PASSWORD, "-noprompt"]
    for name in SUBJECTS:
        run("keytool", "-importcert", *options, "-alias", name, "-file",
            stores.path(f"{name}.pem"))
    run("keytool", "-genkeypair", *options, "-alias", "own", "-keyalg", "EC", "-dname",
        "CN=own", "-keypass", PASSWORD)
    exported = subprocess.run(["keytool", "-exportcert", *options, "-alias", "own"],
                              check=True, capture_output=True).stdout
    stores.expect(f"{kind} with a private key", path, stores.ders + [exported])


def main():
    if shutil.which("openssl") is None:
        print("no openssl")
        return SKIP
    with tempfile.TemporaryDirectory() as folder:
        stores = Stores(folder, sys.argv[1])
        check_pem_and_der(stores)
        check_pkcs7(stores)
        check_sst(stores)
        check_directory(stores)
        check_pkcs12(stores)
        if shutil.which("keytool") is None:
            print("without keytool: JKS and JCEKS are not tried")
        else:
            check_java(stores, "JKS")
            check_java(stores, "JCEKS")
        print(f"{stores.checks - stores.failures} of {stores.checks} as they should be")
        return 1 if stores.failures else 0


if __name__ == "__main__":
    sys.exit(main())
