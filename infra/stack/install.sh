#!/bin/sh
# Installs programs that no language's registry has, with apt-get: `install.sh PROGRAM=PACKAGE...`.
# A program that is there stays. Where one cannot be installed, this says so and succeeds: what needs the program does
# without it, and says so too.
set -eu

say() {
    printf 'showdown: %s\n' "$1"
}

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    else
        sudo -n "$@"
    fi
}

wanted=""
for pair; do
    PATH="$PATH:/usr/sbin:/usr/local/sbin:/sbin" command -v "${pair%%=*}" >/dev/null || wanted="$wanted ${pair#*=}"
done
if [ -z "$wanted" ]; then
    exit
fi
if command -v apt-get >/dev/null && { [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null; }; then
    say "installing$wanted with apt-get"
    as_root apt-get update -qq >/dev/null &&
        # shellcheck disable=SC2086 # one word for each package
        as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $wanted >/dev/null ||
        say "apt-get failed; going on without$wanted" >&2
else
    say "going on without$wanted: install with your system to include it" >&2
fi
