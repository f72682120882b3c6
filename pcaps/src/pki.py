# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes the keys and certificates of the captures with the openssl command.

Every certificate of a kind shares one key: a verdict depends on names and dates, and 405 keys
would only make the stores larger. The keys stay in the scratch folder and are thrown away.
"""
import base64
import subprocess
from pathlib import Path

VALID = ("20250101000000Z", "20491231235959Z")
EXPIRED = ("20200101000000Z", "20210101000000Z")
FUTURE = ("20480101000000Z", "20491231235959Z")

CONFIG = """
[ca]
default_ca = issue
[issue]
database = index.txt
new_certs_dir = .
rand_serial = yes
unique_subject = no
default_md = sha256
preserve = yes
email_in_dn = yes
policy = any
[any]
domainComponent = optional
countryName = optional
stateOrProvinceName = optional
localityName = optional
organizationName = optional
organizationalUnitName = optional
commonName = optional
emailAddress = optional
[req]
prompt = no
string_mask = {mask}
distinguished_name = dn
[dn]
CN = unused
[root]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[client]
basicConstraints = CA:FALSE
keyUsage = digitalSignature
extendedKeyUsage = clientAuth
[server]
basicConstraints = CA:FALSE
keyUsage = digitalSignature, keyEncipherment
extendedKeyUsage = serverAuth
subjectAltName = DNS:www.example.at, DNS:mail.example.at, IP:192.0.2.20, IP:2001:db8::20
"""


def der_length(der, at):
    """The whole length of the DER element at this offset, and the offset of its contents."""
    length, start = der[at + 1], at + 2
    if length >= 0x80:
        octets = length & 0x7F
        length, start = int.from_bytes(der[start:start + octets], "big"), start + octets
    return start + length - at, start


def subject_of(der):
    """The subject's DER of a certificate: the sixth field of a version 3 TBSCertificate."""
    at = der_length(der, 0)[1]
    at = der_length(der, at)[1]
    for _ in range(5):
        at += der_length(der, at)[0]
    return der[at:at + der_length(der, at)[0]]


def blocks(path):
    """The PEM certificates of a file, as text."""
    text = Path(path).read_text(encoding="utf-8")
    for part in text.split("-----BEGIN CERTIFICATE-----")[1:]:
        body = part.split("-----END CERTIFICATE-----")[0]
        yield f"-----BEGIN CERTIFICATE-----{body}-----END CERTIFICATE-----\n"


def subjects_of(path):
    """The distinct subjects' DER of a bundle, in its order."""
    found = {}
    for block in blocks(path):
        lines = "".join(block.splitlines()[1:-1])
        found.setdefault(subject_of(base64.b64decode(lines)))
    return list(found)


class Pki:
    """Certificates by name in one folder: NAME.pem, keys ec.key and rsa.key."""

    def __init__(self, folder):
        self.folder = Path(folder)
        (self.folder / "index.txt").touch()
        for mask in ("utf8only", "pkix", "nombstr"):
            (self.folder / f"{mask}.cnf").write_text(CONFIG.format(mask=mask))
        self.run("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256",
                 "-out", "ec.key")
        self.run("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048",
                 "-out", "rsa.key")

    def run(self, *words):
        subprocess.run(["openssl", *words], cwd=self.folder, check=True, capture_output=True)

    def request(self, name, subject, mask="utf8only", key="ec.key"):
        text = "".join("/{}={}".format(k, v.replace("/", "\\/")) for k, v in subject)
        self.run("req", "-new", "-utf8", "-config", f"{mask}.cnf", "-key", key, "-subj", text,
                 "-out", f"{name}.csr")

    def roots(self, wanted):
        """Self-signed roots from (name, subject, mask); each becomes NAME.pem."""
        for name, subject, mask in wanted:
            self.request(name, subject, mask)
            self.run("ca", "-batch", "-notext", "-config", "utf8only.cnf", "-selfsign",
                     "-keyfile", "ec.key", "-extensions", "root", "-startdate", VALID[0],
                     "-enddate", VALID[1], "-in", f"{name}.csr", "-out", f"{name}.pem")

    def issue(self, name, subject, issuer, kind="client", dates=VALID, key="ec.key"):
        """A certificate of the section kind, signed by the root or intermediate issuer."""
        self.request(name, subject, key=key)
        self.run("ca", "-batch", "-notext", "-config", "utf8only.cnf", "-keyfile", "ec.key",
                 "-cert", f"{issuer}.pem", "-extensions", kind, "-startdate", dates[0],
                 "-enddate", dates[1], "-in", f"{name}.csr", "-out", f"{name}.pem")

    def bundle(self, name, members):
        """NAME.pem out of other certificates."""
        (self.folder / f"{name}.pem").write_text(
            "".join((self.folder / f"{m}.pem").read_text() for m in members))
