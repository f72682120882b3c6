#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A source file includes only headers of its own floor and of the floors below it.

The floors, bottom up, are the NAME_files lists of src/meson.build. Third-party headers stay
behind their one file. The command line includes public headers only.
"""
import re
import sys
import tempfile
from pathlib import Path

# A library's headers, and the only files that may include them.
WALLS = {
    "pcap": {"net/capture_handle.h", "net/link.c"},
    "wolfssl": {"x509/wolf.c"},
    "nettle": {"bytes/aead.c", "bytes/base64.c", "bytes/cipher.c", "bytes/digest.c", "bytes/hkdf.c",
               "bytes/hmac.c"},
    "seccomp.h": {"cli/confine_calls.c"},
    "cap-ng.h": {"cli/confine_user.c"},
    "zlib.h": {"net/compressed.c"},
    "zstd.h": {"net/compressed.c"},
}
INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]', re.M)


def floors(source):
    text = (source / "meson.build").read_text()
    return re.findall(r"^(\w+)_files = files\(", text, re.M)


def complaints(source):
    order = floors(source)
    files = sorted(p for p in source.rglob("*.[ch]"))
    if not order or not files:
        yield f"{source}: no floors or no files"
    listed = set(re.findall(r"'([\w/]+\.c)'", (source / "meson.build").read_text()))
    for path in files:
        name = path.relative_to(source).as_posix()
        floor = name.split("/")[0]
        if floor not in order:
            yield f"{name}: stands on no floor"
            continue
        if name.endswith(".c") and name not in listed:
            yield f"{name}: is not listed in src/meson.build"
        for kind, header in INCLUDE.findall(path.read_text()):
            yield from judge(order, name, floor, kind, header)


def judge(order, name, floor, kind, header):
    if kind == "<":
        for library, allowed in WALLS.items():
            if header.split("/")[0].split(".h")[0] == library.split(".h")[0] and name not in allowed:
                yield f"{name}: includes <{header}>, which belongs to {', '.join(sorted(allowed))}"
        return
    target = header.split("/")[0]
    if target not in order:
        yield f'{name}: includes "{header}" by no floor path'
    elif order.index(target) > order.index(floor):
        yield f'{name}: includes "{header}" from a floor above'
    elif floor == "cli" and target != "cli":
        yield f'{name}: includes "{header}": the command line uses public headers only'


def self_test():
    """The check can fail: each kind of offence is seen."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder)
        (source / "meson.build").write_text(
            "low_files = files(\n 'low/a.c',\n)\ncli_files = files(\n 'cli/b.c',\n)\n")
        for name, text in {
            "low/a.c": '#include "cli/b.h"\n#include <pcap/pcap.h>\n#include "high.h"\n',
            "low/c.c": "",
            "cli/b.c": '#include "low/a.h"\n',
            "attic/d.c": "",
        }.items():
            (source / name).parent.mkdir(exist_ok=True)
            (source / name).write_text(text)
        found = list(complaints(source))
    wanted = ["from a floor above", "<pcap/pcap.h>", "by no floor path", "is not listed",
              "public headers only", "stands on no floor"]
    missing = [w for w in wanted if not any(w in f for f in found)]
    return [f"not noticed: {w}" for w in missing]


def main():
    if sys.argv[1:] == ["--self-test"]:
        found = self_test()
    else:
        found = list(complaints(Path(sys.argv[1]) / "src"))
    print("\n".join(found) or "floors hold")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
