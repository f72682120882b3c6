#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
#   check_install.sh ROOT
#
# ROOT is what `DESTDIR=ROOT meson install` filled, for the prefix /usr: a program that knows
# nothing of the source tree is compiled against it and run.
set -euo pipefail

root=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cat > "$work/stranger.c" << 'END'
#include <stdio.h>

#include <casniff/casniff.h>

int main(void)
{
    struct cas_sniffer_config config = cas_sniffer_defaults();
    struct cas_sniffer *sniffer = cas_sniffer_create(&config);
    if (sniffer == NULL) {
        return 1;
    }
    cas_sniffer_finish(sniffer);
    cas_sniffer_destroy(sniffer);
    puts(cas_version());
    return 0;
}
END

pc=$(find "$root" -name casniff.pc)
export PKG_CONFIG_SYSROOT_DIR=$root
export PKG_CONFIG_PATH=${pc%/*}
flags=$(pkg-config --cflags --libs casniff)
# shellcheck disable=SC2086 # one word a flag
"${CC:-cc}" -std=c11 -Wall -Wextra -Werror "$work/stranger.c" -o "$work/stranger" $flags
version=$("$work/stranger")
[ "$version" = "$(pkg-config --modversion casniff)" ]
"$root/usr/bin/casniff" --version | grep -qF "$version"
[ -s "$root/usr/share/man/man1/casniff.1" ]
[ -s "$root/usr/share/casniff/casniff-events.schema.json" ]
echo "the installed library and program work: $version"
