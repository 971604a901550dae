#!/bin/sh
# Installs what the tests of infra/ need beyond infra/stack/set_up.sh. It can be run again: what is there stays. If
# something cannot be installed, this says so and goes on: the tests that need it are skipped, and say so too.
set -eu
# Servers, which are not root, must be able to read what root makes.
umask 022
cd "$(dirname "$0")/../.."

say() {
    printf 'showdown: %s\n' "$1"
}

# For test hosts, their network, and SSH to them.
infra/stack/install.sh mmdebstrap=mmdebstrap systemd-nspawn=systemd-container nft=nftables ssh=openssh-client \
    openssl=openssl ip=iproute2

# The folder that lab/tools.py looks in.
bin=$(.venv/bin/python -c 'from showdown_stack.state import state_folder; print(state_folder() / "tools" / "bin")')
mkdir -p "$bin"

# build NAME PACKAGE: builds the version that infra/tools/NAME pins, unless it is built already.
build() {
    program=${2##*/}
    if [ -x "$bin/$program" ] && cmp -s "infra/tools/$1/go.sum" "$bin/$program.sum"; then
        return
    fi
    if ! command -v go >/dev/null; then
        say "going on without $program: install Go to build it" >&2
        return
    fi
    say "building $program, some minutes"
    if (cd "infra/tools/$1" && go build -trimpath -ldflags='-s -w' -o "$bin/$program" "$2"); then
        cp "infra/tools/$1/go.sum" "$bin/$program.sum"
    else
        say "going on without $program: it could not be built" >&2
    fi
}

build provider github.com/digitalocean/terraform-provider-digitalocean
build tflint github.com/terraform-linters/tflint
build actionlint github.com/rhysd/actionlint/cmd/actionlint
# Even if terraform is on PATH: infra/ is for both. This takes longest, some four minutes.
build tofu github.com/opentofu/opentofu/cmd/tofu
