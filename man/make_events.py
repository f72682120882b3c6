#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Fills the members of the schema into the manual of the events.

usage: make_events.py SCHEMA TEMPLATE OUTPUT

In TEMPLATE a line '.\\" members NAME' is replaced by a list of all members of that definition,
'.\\" members' alone by those that are common to all events.
"""
import json
import re
import sys
from pathlib import Path

# Definitions that other ones refer to are explained in a section of their own.
NAMED = {"cert": "certificate", "diagnosis": "diagnosis", "names": "name"}


def escaped(text):
    """Text of a manual: no control character of roff in it."""
    text = text.replace("\\", "\\e").replace("--", "\\-\\-")
    return "\\&" + text if text[:1] in (".", "'") else text


def lines(text):
    """Each sentence begins a line, as manuals have it."""
    return map(escaped, re.sub(r"(?<!e\.g)\. (?=\w)", ".\n", text).splitlines())


def words(enum):
    return "One of " + ", ".join(str(word) for word in enum) + "."


def kind(member):
    """What a member is, in one or two words."""
    if "$ref" in member:
        name = member["$ref"].rsplit("/", 1)[1]
        return "time" if name == "time" else f"see {NAMED.get(name, name)}"
    if member.get("type") == "array":
        return f"list: {kind(member['items'])}"
    if isinstance(member.get("const"), bool):
        return "true or false"
    if "enum" in member or "const" in member:
        return "word" if isinstance(member.get("const", ""), str) else "number"
    return {"integer": "number", "boolean": "true or false"}.get(member["type"], member["type"])


def details(member):
    if "enum" in member:
        yield words(member["enum"])
    elif "const" in member:
        yield f"Always {str(member['const']).replace('True', 'true')}."
    elif "enum" in member.get("items", {}):
        yield words(member["items"]["enum"])


def inner(member):
    """The object that a member is, or is a list of."""
    if member.get("type") == "array":
        member = member.get("items", {})
    return member if member.get("properties") else {}


def items(schema, prefix):
    for name, member in schema["properties"].items():
        path = prefix + name
        yield f".It Cm {path} Pq {kind(member)}"
        yield from lines(member.get("description", ""))
        yield from map(escaped, details(member))
        yield from items(inner(member), path + ".") if inner(member) else ()


def members(schema, name):
    if name == "":
        common = {key: member for key, member in schema["properties"].items()
                  if "$ref" not in member or member["$ref"].endswith("/time")}
        definition, prefix = {"properties": common}, ""
    else:
        definition = schema["$defs"][name]
        prefix = "" if name in NAMED else name + "."
        definition = inner(definition) or definition
    yield ".Bl -tag -width Ds"
    yield from items(definition, prefix)
    yield ".El"


def filled(template, schema):
    for line in template.splitlines():
        marker = re.fullmatch(r'\.\\" members ?(\w*)', line)
        if marker is None:
            yield line
        elif marker.group(1) == "" or marker.group(1) in schema["$defs"]:
            yield from members(schema, marker.group(1))


def main():
    schema, template, output = map(Path, sys.argv[1:])
    text = "\n".join(filled(template.read_text(), json.loads(schema.read_text())))
    output.write_text(text + "\n")


if __name__ == "__main__":
    main()
