#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The manuals, --help, completion, the README, the schema and the code name the same things.

usage: check_docs.py CASNIFF SOURCE_ROOT EVENTS_MANUAL
"""
import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HELP_LINES_MAX = 76

OPTION = re.compile(r"(?<![\w/-])--?[a-zA-Z][a-z-]*")


def printed(casniff, *arguments):
    return subprocess.run([casniff, *arguments], check=True,
                          stdout=subprocess.PIPE).stdout.decode()


def help_options(casniff):
    """Options at the beginnings of --help's lines."""
    options = set()
    for line in printed(casniff, "--help").splitlines():
        described = re.match(r"  (-\w, )? *(--[\w-]+)", line)
        if described:
            options |= {described.group(2), (described.group(1) or "").rstrip(", ")} - {""}
    return options


def completed_options(casniff, shell):
    """Options that a shell's completion names; bash's case has the letters that take a word."""
    text = printed(casniff, "--completion", shell)
    if shell == "fish":
        return {"-" + name for name in re.findall(r" -s (\w)", text)} | \
               {"--" + name for name in re.findall(r" -l ([\w-]+)", text)}
    if shell == "zsh":
        return set(re.findall(r"^    '\*?(--?[\w-]+)\+?\[", text, re.M))
    return set(re.findall(r"--[a-z][\w-]+", text.split("compgen -W \"--", 1)[1])) | \
        {"--" + re.search(r'compgen -W "--([\w-]+)', text).group(1)}


def accepted_keys(casniff, options):
    """The long options that a configuration can have as well."""
    keys = set()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "casniff.conf"
        for option in options:
            path.write_text(f"{option[2:]} =\n")
            said = subprocess.run([casniff, "--config", path, "--test-config"], check=False,
                                  stderr=subprocess.PIPE).stderr.decode()
            if "command line only" not in said and "unknown key" not in said:
                keys.add(option[2:])
    return keys


def configuration_keys(manual):
    return set(re.findall(r"^\.It Cm ([a-z-]+) No = ", manual, re.M))


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
    table = re.search(r"NAME_OF\((\w+),", body)
    if table and f"*const {table.group(1)}[" not in body:
        body = text.split(f"*const {table.group(1)}[")[1].split("\n};")[0]
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


def option_complaints(casniff, source, options):
    """Whatever knows the options knows the same ones."""
    lines = len(printed(casniff, "--help").splitlines())
    if lines > HELP_LINES_MAX:
        yield f"--help has {lines} lines, at most {HELP_LINES_MAX} are read"
    longs = {option for option in options if option.startswith("--")}
    for shell in ("zsh", "fish"):
        yield from difference(f"options of --help and {shell}", options,
                              completed_options(casniff, shell))
    yield from difference("long options of --help and bash", longs,
                          completed_options(casniff, "bash"))
    manual = (source / "man/casniff.conf.5").read_text()
    yield from difference("keys of casniff.conf(5) and the program",
                          configuration_keys(manual), accepted_keys(casniff, longs))


def paths(schema, definition, prefix):
    """Members as the manual of the events has them, each with its path."""
    for name, member in definition.get("properties", {}).items():
        yield prefix + name
        inner = member.get("items", {}) if member.get("type") == "array" else member
        yield from paths(schema, inner, prefix + name + ".")


def event_complaints(schema, manual):
    """The manual of the events has each event, member and cause of the schema."""
    named = set(re.findall(r"^\.It Cm ([\w.]+)(?: Pq .*)?$", manual, re.M))
    for event in schema["properties"]["event_type"]["enum"]:
        if event not in named:
            yield f"casniff-events(7) does not name the event {event}"
    for group in set(schema["$defs"]) - {"cert", "diagnosis", "names", "time"}:
        for path in set(paths(schema, schema["$defs"][group], group + ".")) - named:
            yield f"casniff-events(7) does not have {path}"
    if "alert" in schema["$defs"]:
        section = manual.split(".Sh ALERTS")[1].split(".It Cm alert.")[0]
        yield from difference("alert causes of manual and schema",
                              set(re.findall(r"^\.It Cm (\w+)$", section, re.M)),
                              set(schema["$defs"]["alert"]["properties"]["cause"]["enum"]))


def lint_complaints(manuals):
    if shutil.which("mandoc"):
        for manual in manuals:
            lint = subprocess.run(["mandoc", "-Tlint", "-W", "warning", manual],
                                  stdout=subprocess.PIPE, check=False).stdout.decode()
            yield from lint.splitlines()


def complaints(casniff, source, events_manual):
    manual = (source / "man/casniff.1").read_text()
    readme = (source / "README.md").read_text()
    schema = json.loads((source / "man/casniff-events.schema.json").read_text())
    options = help_options(casniff)
    if len(options) < 20:
        yield f"--help was not understood: {sorted(options)}"
    yield from difference("options of --help and manual", options, manual_options(manual))
    yield from option_complaints(casniff, source, options)
    yield from event_complaints(schema, events_manual.read_text())
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

    yield from lint_complaints([source / "man/casniff.1", source / "man/casniff.conf.5",
                                events_manual])


def main():
    found = list(complaints(Path(sys.argv[1]).resolve(), Path(sys.argv[2]),
                            Path(sys.argv[3])))
    print("\n".join(found) or "the documents agree")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
