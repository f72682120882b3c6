#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Each shell takes the completion that casniff prints for it, and completes with it.

usage: check_completion.py CASNIFF
"""
import os
import pty
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

CASNIFF = str(Path(sys.argv[1]).resolve())

# What is typed, and what a shell must then offer among others; None: nothing at all.
TYPED = [
    ("casniff --tru", "--trust-store"),
    ("casniff --sandbox re", "require"),
    ("casniff -r x.pcap --select req", "requests"),
    ("casniff --limit schannel-1", "schannel-16k"),
    ("casniff -i an", "any"),
    ("casniff -Z ro", "root"),
    ("casniff --names a", "all"),
    ("casniff --warn 8", None),
]


def printed(*arguments):
    return subprocess.run([CASNIFF, *arguments], check=True,
                          stdout=subprocess.PIPE).stdout.decode()


def bash_offers(script, line):
    """Calls the function as bash does, with '=' a word of its own."""
    words = re.findall(r"=|[^\s=]+", line)
    quoted = " ".join(f"'{word}'" for word in words)
    command = (f"source {script}; COMP_WORDS=({quoted}); COMP_CWORD={len(words) - 1}; "
               'complete -p casniff > /dev/null && compopt() { :; }; _casniff; '
               'printf "%s\\n" "${COMPREPLY[@]}"')
    result = subprocess.run(["bash", "--norc", "-c", command], check=True,
                            stdout=subprocess.PIPE)
    return result.stdout.decode().split()


def fish_offers(script, line):
    result = subprocess.run(["fish", "--no-config", "-c", f"source {script}; complete -C '{line}'"],
                            check=True, stdout=subprocess.PIPE,
                            env={**os.environ, "HOME": str(script.parent)})
    return [offer.split("\t")[0] for offer in result.stdout.decode().splitlines()]


def read_until(terminal, wanted, seconds):
    """What a terminal shows, up to the wanted word or the time."""
    shown = b""
    end = time.monotonic() + seconds
    while wanted.encode() not in shown and time.monotonic() < end:
        if select.select([terminal], [], [], 0.1)[0]:
            shown += os.read(terminal, 65536)
    return shown.decode(errors="replace")


def zsh_offers(script, line):
    """zsh completes in its line editor only: in a terminal, after a TAB."""
    wanted = dict(TYPED)[line]
    child, terminal = pty.fork()
    if child == 0:
        os.environ.update(HOME=str(script.parent), TERM="dumb")
        os.execvp("zsh", ["zsh", "-f", "-i"])
    os.write(terminal, f"PS1=; autoload -Uz compinit; compinit -D -u; source {script}; "
                       "print RE''ADY\n".encode())
    read_until(terminal, "READY", 20)
    os.write(terminal, f"{line}\t".encode())
    shown = read_until(terminal, wanted, 20)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    os.close(terminal)
    return re.findall(r"[\w-]+", shown)


SHELLS = {"bash": bash_offers, "zsh": zsh_offers, "fish": fish_offers}


def complaints(shell, folder):
    script = folder / f"completion.{shell}"
    script.write_text(printed("--completion", shell))
    checked = subprocess.run([shell, "-n", script], stderr=subprocess.PIPE, check=False)
    if checked.returncode != 0 or checked.stderr:
        yield f"{shell} -n: {checked.stderr.decode().strip()}"
        return
    typed = TYPED + ([("casniff --sandbox=re", "require")] if shell == "bash" else [])
    for line, wanted in typed:
        if wanted is None and shell == "zsh":
            continue # nothing cannot be waited for
        offers = SHELLS[shell](script, line)
        if wanted is not None and wanted not in offers:
            yield f"{shell}: '{line}' does not offer {wanted}, but {offers}"
        if wanted is None and offers:
            yield f"{shell}: '{line}' offers {offers}"


def main():
    found = []
    shells = [shell for shell in SHELLS if shutil.which(shell)]
    with tempfile.TemporaryDirectory() as folder:
        for shell in shells:
            found += complaints(shell, Path(folder))
    if not shells:
        return 77
    print("\n".join(found) or f"completion works in {', '.join(shells)}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
