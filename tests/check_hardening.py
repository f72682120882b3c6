#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The program is built so that a fault in it ends it: read from the binary.

Position-independent, relocations read-only before main, no memory both writable and executable,
stack canaries, checked copies where the build optimises, and what only the compiler's own record
in the debugging information tells: guard pages met one by one, branches protected, variables set.
Usage: check_hardening.py READELF OPTIMISED(true|false) PROGRAM | --self-test
"""
import re
import subprocess
import sys

# Of gcc; clang records no options, and has not all of them.
OPTIONS = ("-fstack-protector-strong", "-fstack-clash-protection", "-ftrivial-auto-var-init=zero")
X86_OPTIONS = ("-fcf-protection=full",)


def header_complaints(headers):
    if "Type:" not in headers:
        yield "no ELF header was found"
    if not re.search(r"^\s*Type:\s+DYN\b", headers, re.M) or \
            not re.search(r"\(FLAGS_1\).*\bPIE\b", headers):
        yield "it is not position-independent"
    if "GNU_RELRO" not in headers or not re.search(r"\(FLAGS(_1)?\).*\b(BIND_)?NOW\b", headers):
        yield "its relocations stay writable"
    stack = re.search(r"^\s*GNU_STACK(?:\s+0x\w+){5}\s+([RWE]+)", headers, re.M)
    if stack is None or "E" in stack[1]:
        yield "its stack is executable"
    for flags in re.findall(r"^\s*LOAD(?:\s+0x\w+){5}\s+([RWE ]+?)\s+0x", headers, re.M):
        if "W" in flags and "E" in flags:
            yield "a segment is writable and executable"


def symbol_complaints(symbols, optimised):
    if "__stack_chk_fail" not in symbols:
        yield "no function guards its stack"
    if optimised and not re.search(r"\b__\w+_chk\b", symbols.replace("__stack_chk_fail", "")):
        yield "no copy is checked (FORTIFY)"


def option_complaints(headers, producers):
    """producers: what the compiler noted of itself, once for each source file."""
    ours = [text for text in producers if text.startswith("GNU C")]
    options = OPTIONS + (X86_OPTIONS if "X86-64" in headers else ())
    for option in options:
        without = sum(option not in text.split() for text in ours)
        if without:
            yield f"{without} of {len(ours)} source files are compiled without {option}"


def readelf(program, *words):
    return subprocess.run([*words, program], check=True, capture_output=True, text=True,
                          env={"LC_ALL": "C"}).stdout


def complaints_about(tool, optimised, program):
    headers = readelf(program, tool, "-hldW")
    info = readelf(program, tool, "--debug-dump=info", "--dwarf-depth=1")
    producers = re.findall(r"DW_AT_producer\s*:(?: \(.*?\):)? (.*)", info)
    if not any(text.startswith("GNU C") for text in producers):
        print("the compiler's options are not recorded in it, and were not looked at")
    return [*header_complaints(headers),
            *symbol_complaints(readelf(program, tool, "-sW"), optimised),
            *option_complaints(headers, producers)]


GOOD = """
  Type:                              DYN (Position-Independent Executable file)
  Machine:                           Advanced Micro Devices X86-64
  LOAD           0x000000 0x0000000000000000 0x0000000000000000 0x00f1e0 0x00f1e0 R   0x1000
  LOAD           0x010000 0x0000000000010000 0x0000000000010000 0x05786d 0x05786d R E 0x1000
  GNU_STACK      0x000000 0x0000000000000000 0x0000000000000000 0x000000 0x000000 RW  0x10
  GNU_RELRO      0x08a050 0x000000000008a050 0x000000000008a050 0x006fb0 0x006fb0 R   0x1
 0x000000000000001e (FLAGS)              BIND_NOW
 0x000000006ffffffb (FLAGS_1)            Flags: NOW PIE
"""


def self_test():
    options = " ".join(OPTIONS + X86_OPTIONS)
    changes = [("DYN", "EXEC"), ("NOW PIE", "NOW"), ("GNU_RELRO", "GNU_OTHER"), (" RW  0x10",
               " RWE 0x10"), (" R E 0x1000", " RWE 0x1000")]
    return (not list(header_complaints(GOOD))
            and all(len(list(header_complaints(GOOD.replace(*change)))) == 1
                    for change in changes)
            and not list(symbol_complaints("__stack_chk_fail __memcpy_chk", True))
            and len(list(symbol_complaints("__stack_chk_fail", True))) == 1
            and len(list(symbol_complaints("__memcpy_chk", True))) == 1
            and not list(option_complaints(GOOD, [f"GNU C11 12.2.0 {options}"]))
            and len(list(option_complaints(GOOD, [f"GNU C11 12.2.0 {options[:-1]}"]))) == 1)


def main():
    if sys.argv[1:] == ["--self-test"]:
        found = [] if self_test() else ["the check does not see what it should"]
    else:
        tool, optimised, program = sys.argv[1:]
        found = complaints_about(tool, optimised == "true", program)
    print("\n".join(found) or "hardened")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
