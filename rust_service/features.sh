#!/bin/sh
# Prints the features that this Rust can build, as cargo takes them: sqlx needs a newer one than the rest.
set -eu
needed=$(sed -n 's/^sqlx-rust-version = "\(.*\)"$/\1/p' "$(dirname "$0")/Cargo.toml")
found=$(rustc --version 2>/dev/null | cut -d' ' -f2)
if printf '%s\n' "$needed" "$found" | sort -V -C; then
    printf '%s\n' '--features sqlx'
else
    printf 'showdown: leaving out sqlx and its tests, for it needs Rust %s, and this is %s: type '\''rustup update'\''\n' \
        "$needed" "${found:-none}" >&2
fi
