#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Installs what casniff needs, and compiles it in build/. Can be run again at any time.
#
#   ./bootstrap.sh         what it takes to build, to run, and to test
#   ./bootstrap.sh --ci    also what .ci/run needs: a second compiler, linters, tshark, tcpreplay
set -eu

# To build and to run.
build_packages="gcc libc6-dev meson ninja-build pkg-config python3
    libpcap-dev libwolfssl-dev nettle-dev libinih-dev zlib1g-dev libzstd-dev
    libseccomp-dev libcap-ng-dev"
# For `meson test`; it skips what is missing.
test_packages="check libjansson-dev openssl ca-certificates python3-jsonschema"
# For .ci/run, the last line for the live tests on virtual cables.
ci_packages="clang clang-format clang-tidy cppcheck libclang-rt-dev afl++ tshark mandoc gcovr
    iproute2 tcpdump tcpreplay gnutls-bin libmbedtls-dev strace util-linux logrotate valgrind"

say()
{
    printf 'bootstrap: %s\n' "$*"
}

# as_root COMMAND ARGUMENT...; false without a way to become root.
as_root()
{
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo > /dev/null; then
        sudo "$@"
    else
        return 1
    fi
}

is_installed()
{
    dpkg-query -W -f '${Status}\n' "$1" 2> /dev/null | grep -q ' installed$'
}

# missing_of PACKAGE... - those that are not installed.
missing_of()
{
    for package in "$@"; do
        is_installed "$package" || printf ' %s' "$package"
    done
}

# What is missing to build is fatal; without the rest fewer tests run.
install_packages()
{
    # shellcheck disable=SC2086 # one word a package, here and below
    missing=$(missing_of $packages)
    if [ -z "$missing" ]; then
        say "all packages are installed"
        return
    fi
    if [ "$(id -u)" -ne 0 ] && ! command -v sudo > /dev/null; then
        say "missing, and it takes root to install them: apt-get install$missing"
        # shellcheck disable=SC2086
        [ -z "$(missing_of $build_packages)" ] || exit 1
        say "going on without; some tests will not run"
        return
    fi
    say "installing:$missing"
    if ! as_root apt-get -qq update; then
        say "apt-get found no package lists: is there a network?"
        exit 1
    fi
    # shellcheck disable=SC2086
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq install -y \
        --no-install-recommends $missing > /dev/null
}

tell_what_is_needed()
{
    cat << 'END'
bootstrap: there is no apt-get here. What casniff needs:
  to build   a C11 compiler, meson (1.0 or later), ninja, pkg-config, Python 3, and with their
             headers libpcap, wolfSSL (5.5 or later), nettle, inih; zlib and libzstd if
             compressed captures shall be read; libseccomp (2.5 or later) and libcap-ng, with
             which casniff confines itself
  to test    Check (0.13 or later), jansson, openssl, Python's jsonschema, tshark
bootstrap: going on with what is there
END
}

packages="$build_packages $test_packages"
case "${1-}" in
'') ;;
--ci) packages="$packages $ci_packages" ;;
*)
    echo "usage: ./bootstrap.sh [--ci]" >&2
    exit 2
    ;;
esac

cd "$(dirname "$0")"
if command -v apt-get > /dev/null; then
    install_packages
else
    tell_what_is_needed
fi
if [ -d build ] && [ ! -w build ]; then
    say "build/ belongs to somebody else: remove it first"
    exit 1
fi
if [ ! -f build/build.ninja ]; then
    say "setting up build/"
    told=$(meson setup build 2>&1) || {
        printf '%s\n' "$told" >&2
        exit 1
    }
fi
say "compiling, which takes about a minute"
ninja -C build --quiet
say "done: the program is build/src/casniff, the tests are run by: meson test -C build"
