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
[ -s "$root/usr/share/casniff/casniff-events.schema.json" ]

# The service: each file where its reader looks, and a configuration that the program takes.
share=$root/usr/share
for file in etc/casniff/casniff.conf etc/logrotate.d/casniff usr/lib/sysusers.d/casniff.conf \
    usr/lib/tmpfiles.d/casniff.conf usr/share/casniff/casniff-alerts.yml \
    usr/share/bash-completion/completions/casniff usr/share/zsh/site-functions/_casniff \
    usr/share/fish/vendor_completions.d/casniff.fish; do
    [ -s "$root/$file" ] || { echo "$file is missing"; exit 1; }
done
for unit in casniff.service casniff@.service; do
    installed=$(find "$root" -name "$unit")
    grep -qF 'ExecStart=/usr/bin/casniff --config /etc/casniff/casniff.conf' "$installed"
    grep -qF 'User=casniff' "$installed"
done
for page in man1/casniff.1 man5/casniff.conf.5 man7/casniff-events.7; do
    [ -s "$share/man/$page" ] || { echo "$page is missing"; exit 1; }
done
# The folders of a service that was never started are not there.
sed -e "s,/var/log/casniff,$root," -e "s,/var/lib/casniff,$root," -e "s,/run/casniff,$root," \
    "$root/etc/casniff/casniff.conf" > "$root/elsewhere.conf"
"$root/usr/bin/casniff" --config "$root/elsewhere.conf" --test-config
bash -c "source '$share/bash-completion/completions/casniff'; complete -p casniff" > /dev/null

# An administrator's configuration is not overwritten.
echo 'warn = 42' > "$root/etc/casniff/casniff.conf"
DESTDIR=$root "$(dirname "$0")/../../src/service/install_config.sh" \
    "$(dirname "$0")/../../src/service/casniff.conf" /etc/casniff
[ "$(cat "$root/etc/casniff/casniff.conf")" = 'warn = 42' ]

echo "the installed library and program work: $version"
