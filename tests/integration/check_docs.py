#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The manual, --help, the README, the schema and the code name the same things.

usage: check_docs.py CASNIFF SOURCE_ROOT
"""
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

OPTION = re.compile(r"(?<![\w/-])--?[a-zA-Z][a-z-]*")


def help_options(casniff):
    """Options at the beginnings of --help's lines."""
    text = subprocess.run([casniff, "--help"], check=True, stdout=subprocess.PIPE).stdout.decode()
    options = set()
    for line in text.splitlines():
        if re.match(r"  (-\w|    --)", line):
            described = line[:29]
            options |= set(re.findall(r"(?<=\s)--?\w[\w-]*", described))
    return options


def manual_options(manual):
    """Options that have an .It of their own."""
    options = set()
    for line in re.findall(r"^\.It (Fl .*)$", manual, re.M):
        options |= {"-" + name for name in re.findall(r"Fl (-?[\w-]+)", line)}
    return options


def synopsis_options(manual):
    text = manual.split(".Sh SYNOPSIS")[1].split(".Sh DESCRIPTION")[0]
    words = re.findall(r"Fl (-?[\w-]+)", text)
    letters = {"-" + c for word in words if not word.startswith("-") for c in word}
    return letters | {"-" + word for word in words if word.startswith("-")}


def readme_options(readme):
    """Options in the lines of code that call casniff."""
    options = set()
    for line in readme.splitlines():
        call = re.search(r"casniff ((?!\|).)*", line)
        if call and (line.startswith("    ") or "`" in line):
            options |= set(OPTION.findall(call.group(0).split("`")[0]))
    return options


def readme_shows(casniff, source, readme):
    """Lines that the README says its first command prints, but that it does not print."""
    shown = re.search(r"^```text\n(.*?)^```$", readme, re.M | re.S)
    command = re.search(r"build/src/casniff (-r .*)$", readme, re.M)
    if not shown or not command:
        return ["the README's first command or what it shows was not found"]
    printed = subprocess.run([casniff, *command.group(1).split()], cwd=source, check=True,
                             stdout=subprocess.PIPE).stdout.decode().splitlines()
    return [f"the README shows what is not printed: {line}"
            for line in shown.group(1).splitlines()
            if line.strip() not in ("", "...") and line not in printed]


def code_names(source, function):
    """The constant strings that a name function returns."""
    text = (source / "src/analysis/event_names.c").read_text()
    body = text.split(f"*{function}(")[1].split("\n}")[0]
    return set(re.findall(r'"([^"]+)"', body))


def members(schema):
    """Names of all members, at any depth, that events can have."""
    if isinstance(schema, list):
        for item in schema:
            yield from members(item)
    if isinstance(schema, dict):
        for name, member in schema.get("properties", {}).items():
            if isinstance(member, dict) and set(member) - {"properties", "required", "const"}:
                yield name, member
        for part in schema.values():
            yield from members(part)


def enum_of(schema, description):
    for _, member in members(schema):
        if member.get("description", "").startswith(description) and "enum" in member:
            yield set(member["enum"])


def difference(what, left, right):
    if left != right:
        yield f"{what}: {sorted(left ^ right)} in only one of the two"


def complaints(casniff, source):
    manual = (source / "man/casniff.1").read_text()
    readme = (source / "README.md").read_text()
    schema = json.loads((source / "man/casniff-events.schema.json").read_text())
    options = help_options(casniff)
    if len(options) < 20:
        yield f"--help was not understood: {sorted(options)}"
    yield from difference("options of --help and manual", options, manual_options(manual))
    for option in sorted((synopsis_options(manual) | readme_options(readme)) - options):
        yield f"{option} is used in the manual's synopsis or the README, but does not exist"
    if not readme_options(readme):
        yield "no option found in the README"

    yield from readme_shows(casniff, source, readme)

    codes = code_names(source, "cas_diagnosis_name")
    section = manual.split(".Sh DIAGNOSIS")[1].split(".Sh ")[0]
    yield from difference("diagnosis codes of manual and code",
                          set(re.findall(r"^\.It Sy ([A-Z0-9_]+)$", section, re.M)), codes)
    seen = list(enum_of(schema, "What it is; stable."))
    yield from difference("diagnosis codes of schema and code",
                          next((e for e in seen if "OK" in e), set()), codes)
    yield from difference("lint codes of schema and code",
                          next((e for e in seen if "OK" not in e), set()),
                          code_names(source, "cas_lint_name"))
    reasons = schema["$defs"]["ca_list"]["properties"]["capture_reasons"]["items"]["enum"]
    yield from difference("reasons of schema and code", set(reasons),
                          code_names(source, "cas_reason_name"))
    counters = {f"{group}.{name}"
                for group, part in schema["$defs"]["stats"]["properties"].items()
                for name in part["properties"]}
    yield from difference("counters of schema and code", counters,
                          code_names(source, "cas_counter_name"))
    for name, member in members(schema):
        if not member.get("description") and "$ref" not in member:
            yield f"the schema does not describe {name}"
    for event in schema["properties"]["event_type"]["enum"]:
        if f"\n.Cm {event}" not in manual:
            yield f"the manual does not name the event {event}"

    if shutil.which("mandoc"):
        lint = subprocess.run(["mandoc", "-Tlint", "-W", "warning", source / "man/casniff.1"],
                              stdout=subprocess.PIPE, check=False).stdout.decode()
        yield from lint.splitlines()


def main():
    found = list(complaints(Path(sys.argv[1]).resolve(), Path(sys.argv[2])))
    print("\n".join(found) or "the documents agree")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
