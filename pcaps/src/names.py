# SPDX-License-Identifier: GPL-2.0-or-later
"""Invented subjects for the roots of a large trust store.

They are as mixed as a real root programme's: short and long, PrintableString and UTF8String,
several scripts, e-mail addresses, domain components. No organisation named here exists.
"""
import random

# With this seed the first 133 of 405 names fill 16,318 bytes, and the next one does not fit 16,384.
SEED = 931125

PLACES = """Aldermoor Brackwater Corvany Drennia Elmsgate Fjordhavn Granmere Hollowfen Istravia
Jarnholt Kestermoor Lindenau Marrowdale Norvik Ostermark Pellworm Quarrin Rothmoor Silverbeck
Tarnwick Ulvestad Vesperia Westmarch Yarrowby Zellendorf Ashgrove Birkenfels Cloudmont Dunvale
Eastreach Farrowick Glimmervik Hearthstone Inverlochan Jasperholm""".split()
BUSINESS = ["Trust", "Digital Identity", "Trust Services", "Certification", "Secure Networks",
            "Data Systems", "Postal and Telecom", "Savings Bank", "Health Network", "PKI"]
COUNTRIES = {"DE": "GmbH", "NL": "B.V.", "SE": "AB", "NO": "AS", "GB": "Ltd", "US": "Inc.",
             "FR": "S.A.", "ES": "S.L.", "CZ": "a.s.", "CH": "AG", "FI": "Oy", "IT": "S.p.A."}
UNITS = ["Certification Services Division", "PKI Operations", "Trust Center",
         "Class 3 Public Primary Authority", "Department of Electronic Signatures",
         "For authorized use only", "(c) Terms of use incorporated by reference"]
TITLES = ["Root CA", "Root Certification Authority", "Global Root", "Primary CA",
          "Client Authentication Root", "Qualified Root CA", "Universal Root Authority"]
ABROAD = [("GR", "Κεντρική Αρχή Πιστοποίησης", "Ρίζα"),
          ("JP", "東浜電子認証局", "ルート認証局"),
          ("HU", "Délvölgyi Hitelesítés Kft.", "Főtanúsítvány"),
          ("PL", "Urząd Zaufania Lipowo", "Główny Urząd"),
          ("TR", "Gölova Elektronik Güvenlik A.Ş.", "Kök Sertifika"),
          ("IS", "Þórsvík Auðkenni hf.", "Rótarskilríki"),
          ("ES", "Autoridad de Cañaveral", "Raíz"),
          ("FR", "Autorité de Châteauvert", "Racine")]


def _modern(rng, place, number):
    country, legal = rng.choice(list(COUNTRIES.items()))
    firm = f"{place} {rng.choice(BUSINESS)}"
    return [("C", country), ("O", f"{firm} {legal}"),
            ("CN", f"{firm} {rng.choice(TITLES)} {number}")]


def _classic(rng, place, number):
    country, legal = rng.choice(list(COUNTRIES.items()))
    return [("C", country), ("O", f"{place} {rng.choice(BUSINESS)} {legal}"),
            ("OU", rng.choice(UNITS)), ("CN", f"{place} {rng.choice(TITLES)} - G{number}")]


def _with_mail(rng, place, number):
    country, legal = rng.choice(list(COUNTRIES.items()))
    return [("C", country), ("ST", f"{place} Province"), ("L", place),
            ("O", f"{place} {rng.choice(BUSINESS)} {legal}"),
            ("CN", f"{place} Root {number}"),
            ("emailAddress", f"root{number}@{place.lower()}.example")]


def _directory(rng, place, number):
    return [("DC", "example"), ("DC", place.lower()),
            ("CN", f"{place} Enterprise Root CA {number}")]


def _short(rng, place, number):
    return [("CN", f"{place} Root X{number}")]


def _abroad(rng, place, number):
    country, firm, title = rng.choice(ABROAD)
    return [("C", country), ("O", firm), ("CN", f"{title} {place} {number}")]


KINDS = [(_modern, 42), (_classic, 34), (_with_mail, 10), (_directory, 5), (_short, 4),
         (_abroad, 5)]
STRING_MASKS = [("utf8only", 50), ("pkix", 40), ("nombstr", 10)]


def subjects(count):
    """count different subjects with an OpenSSL string_mask each, the same ones in every run."""
    rng = random.Random(SEED)
    kinds, weights = zip(*KINDS)
    masks, mask_weights = zip(*STRING_MASKS)
    for index in range(count):
        kind = rng.choices(kinds, weights)[0]
        place = PLACES[index % len(PLACES)]
        mask = "utf8only" if kind is _abroad else rng.choices(masks, mask_weights)[0]
        yield kind(rng, place, 1 + index // len(PLACES)), mask
