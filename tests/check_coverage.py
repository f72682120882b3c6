#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Lines and branches that no test ran, from gcovr's JSON summary.

Below a share of lines or of branches over all files it fails, and where a line was left out of
what reads bytes that anybody may send: those modules are tested to the last line. The files that
are below the shares by themselves are told, for they are where the next test belongs.
Usage: check_coverage.py SUMMARY LINES BRANCHES | --self-test      (shares in per cent)
"""
import json
import re
import sys
from pathlib import Path

TO_THE_LAST_LINE = re.compile(
    r"src/(bytes/.*|x509/(der|dn)|x509/dn_\w+|tls/(record|handshake|cert_request))(\.[ch])?$")


def percent(part, whole):
    return 100 * part / whole if whole else 100


def complaints(summary, lines, branches):
    for what, least in (("line", lines), ("branch", branches)):
        share = percent(summary[what + "_covered"], summary[what + "_total"])
        if share < least:
            yield f"{what} coverage is {share:.1f} %, below {least:g}"
    exact = [file for file in summary["files"] if TO_THE_LAST_LINE.match(file["filename"])]
    if not exact:
        yield "no module of those that are tested to the last line was measured"
    for file in exact:
        missing = file["line_total"] - file["line_covered"]
        if missing:
            yield f"{file['filename']}: {missing} lines were not run, none may be"


def table(summary, lines, branches):
    """Files below the shares, the largest gap first."""
    rows = []
    for file in summary["files"]:
        if percent(file["line_covered"], file["line_total"]) < lines or \
                percent(file["branch_covered"], file["branch_total"]) < branches:
            rows.append((file["line_total"] - file["line_covered"],
                         file["branch_total"] - file["branch_covered"], file))
    rows.sort(key=lambda row: (-row[0] - row[1], row[2]["filename"]))
    for missing_lines, missing_branches, file in rows:
        yield (f"{missing_lines:4} of {file['line_total']:4} lines, {missing_branches:4} of "
               f"{file['branch_total']:4} branches not run: {file['filename']}")


def sample(name, lines, branches):
    """lines and branches: those that were run, of 100."""
    return {"filename": name, "line_total": 100, "line_covered": lines,
            "branch_total": 100, "branch_covered": branches}


def self_test():
    def summary(*files):
        return {**sample("all", files[0]["line_covered"], files[0]["branch_covered"]),
                "files": list(files)}

    reader = sample("src/bytes/reader.h", 100, 0)
    assert not list(complaints(summary(sample("src/cli/a.c", 95, 90), reader), 95, 90))
    assert list(complaints(summary(sample("src/cli/a.c", 94, 90), reader), 95, 90)) == \
        ["line coverage is 94.0 %, below 95"]
    assert list(complaints(summary(sample("src/cli/a.c", 95, 89), reader), 95, 90)) == \
        ["branch coverage is 89.0 %, below 90"]
    for name in ("src/bytes/text.c", "src/x509/der.c", "src/x509/dn_walk.c", "src/tls/record.h",
                 "src/tls/handshake.c", "src/tls/cert_request.c"):
        assert list(complaints(summary(sample(name, 99, 100)), 95, 90)) == \
            [f"{name}: 1 lines were not run, none may be"], name
    assert list(complaints(summary(sample("src/tls/record_extra.c", 99, 100)), 95, 90)) == \
        ["no module of those that are tested to the last line was measured"]
    assert list(table(summary(sample("b.c", 96, 80), sample("a.c", 90, 95), reader), 95, 90)) == [
        "   0 of  100 lines,  100 of  100 branches not run: src/bytes/reader.h",
        "   4 of  100 lines,   20 of  100 branches not run: b.c",
        "  10 of  100 lines,    5 of  100 branches not run: a.c"]


def main():
    if sys.argv[1:] == ["--self-test"]:
        self_test()
        return 0
    path, lines, branches = sys.argv[1], float(sys.argv[2]), float(sys.argv[3])
    summary = json.loads(Path(path).read_text(encoding="utf-8"))
    found = list(complaints(summary, lines, branches))
    print("\n".join([*table(summary, lines, branches), *found]) or "all files are above")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
