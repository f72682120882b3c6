#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""wolf.c calls nothing of wolfSSL that is not on the list.

Whatever imports a key, verifies or builds an X509 object costs up to a thousand times as much,
drops attributes or leaks. The other files cannot include wolfSSL's headers (check_floors.py).
Usage: check_wolfssl_calls.py NM LIBRARY | --self-test
"""
import re
import subprocess
import sys

ALLOWED = {
    "wc_InitDecodedCert", "wc_ParseCert", "wc_FreeDecodedCert", "wc_BerToDer",
    "wc_GetErrorString", "wolfSSL_lib_version", "wolfSSL_lib_version_hex",
}
# Ours, the C library's, the compiler's and the sanitizers'.
OTHERS = re.compile(r"^(cas_|_|mem|str|malloc$|free$)")


def complaints(listing):
    """listing is nm's, for one object or an archive of them."""
    members = re.split(r"^(?=\S*\.o:$)", listing, flags=re.M)
    wolf = [m for m in members if re.match(r"\S*wolf\.c\.o:", m)]
    if len(wolf) != 1:
        return ["no wolf.c.o in the library"]
    called = set(re.findall(r"^\s+U (\w+)", wolf[0], re.M))
    found = [f"wolf.c calls {name}" for name in sorted(called - ALLOWED)
             if not OTHERS.match(name)]
    if "wc_ParseCert" not in called:
        found.append("wolf.c does not call wc_ParseCert: is this its object?")
    return found


def self_test():
    good = "x509_wolf.c.o:\n                 U wc_ParseCert\n                 U memcpy\n"
    bad = good + "                 U wolfSSL_d2i_X509\n"
    return not complaints(good) and complaints(bad) == ["wolf.c calls wolfSSL_d2i_X509"] \
        and complaints("a.c.o:\n U free\n") == ["no wolf.c.o in the library"]


def main():
    if sys.argv[1:] == ["--self-test"]:
        found = [] if self_test() else ["the check does not see what it should"]
    else:
        nm, library = sys.argv[1:]
        found = complaints(subprocess.run([nm, "-u", library], check=True, capture_output=True,
                                          text=True).stdout)
    print("\n".join(found) or "only allowed calls")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
