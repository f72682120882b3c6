#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
#   install_config.sh FILE FOLDER
#
# An administrator's configuration outlives a new installation: FILE goes to FOLDER only where
# there is none.
set -eu

target=${DESTDIR-}$2
if [ ! -e "$target/${1##*/}" ]; then
    mkdir -p "$target"
    cp "$1" "$target/"
    chmod 644 "$target/${1##*/}"
fi
