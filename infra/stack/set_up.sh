#!/bin/sh
# Installs what `make showdown` and `make test` need. It can be run again: what is there stays.
set -eu
cd "$(dirname "$0")/../.."

fail() {
    printf 'showdown: %s\n' "$1" >&2
    exit 1
}

command -v git >/dev/null || fail "git is missing: type 'apt install git', or your system's like"
command -v python3 >/dev/null || fail "Python 3.11 or newer is missing: type 'apt install python3 python3-venv'"
python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    fail "$(python3 --version) is too old: put Python 3.11 or newer first on PATH as python3"

# Only rowjson and some variants need Rust: the others can be set up and measured without it.
rust=$(sed -n 's/^rust-version = "\(.*\)"$/\1/p' rust_service/Cargo.toml)
lacking=""
if ! command -v cargo >/dev/null; then
    lacking="the Rust toolchain is missing: install it as https://rustup.rs says, then open a new shell"
elif [ "$(printf '%s\n' "$rust" "$(cargo --version | cut -d' ' -f2)" | sort -V | head -n 1)" != "$rust" ]; then
    lacking="$(cargo --version) is too old: type 'rustup update' to get $rust or newer"
elif ! command -v cc >/dev/null; then
    lacking="a C linker for Rust is missing: type 'apt install gcc libc6-dev'"
fi
without=""
if [ -n "$lacking" ]; then
    printf 'showdown: going on without rowjson and the variants that are built with cargo: %s\n' "$lacking" >&2
    without="--no-install-package rowjson"
fi

infra/stack/install.sh haproxy=haproxy pgbouncer=pgbouncer

if [ ! -x .venv/bin/python ]; then
    # If ensurepip is missing, half of it is left, and would be taken for complete the next time.
    python3 -m venv .venv || { rm -rf .venv; fail "python3 cannot make a virtual environment: type 'apt install python3-venv'"; }
fi
# uv installs what uv.lock says, itself included. pip installs uv the first time.
uv=$(sed -n 's/^    "\(uv==[0-9.]*\)",$/\1/p' pyproject.toml)
[ -x .venv/bin/uv ] || .venv/bin/python -m pip install --quiet --disable-pip-version-check "$uv"
# shellcheck disable=SC2086 # an option and its value, or nothing
if cmp -s uv.lock .venv/uv.lock; then
    .venv/bin/uv sync --quiet --locked $without
else
    printf 'showdown: installing the Python packages, the Rust extension among them where it can be built\n'
    # Bytecode is compiled now, for the services cannot write to the checkout.
    .venv/bin/uv sync --quiet --locked --compile-bytecode $without
    cp uv.lock .venv/uv.lock
fi
