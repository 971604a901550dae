#!/bin/sh
# Installs what the tests of infra/ need beyond infra/stack/set_up.sh, and a browser for the tests of report.html. It
# can be run again: what is there stays. If something cannot be installed, this says so and goes on: the tests that need
# it are skipped, and say so too.
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

# By itself, for not every system has it as a package; another browser of its kind will do.
command -v google-chrome >/dev/null || infra/stack/install.sh chromium=chromium

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

build tflint github.com/terraform-linters/tflint
build actionlint github.com/rhysd/actionlint/cmd/actionlint
# Even if terraform is on PATH: infra/ is for both. This takes longest, some four minutes.
build tofu github.com/opentofu/opentofu/cmd/tofu

# The provider that infra/ asks for, from a registry; where none is reached, the newest that the Go module proxy serves.
provider=terraform-provider-digitalocean
if ! { [ -x "$bin/$provider" ] && cmp -s infra/versions.tf "$bin/$provider.versions.tf"; }; then
    terraform=$(PATH="$PATH:$bin" command -v terraform || PATH="$PATH:$bin" command -v tofu || true)
    folder=$(mktemp -d)
    cp infra/versions.tf "$folder"
    if [ -n "$terraform" ] && timeout 120 "$terraform" -chdir="$folder" init -backend=false -input=false >/dev/null 2>&1; then
        find -L "$folder/.terraform/providers" -name "${provider}_*" -exec cp {} "$bin/$provider" \;
        cp infra/versions.tf "$bin/$provider.versions.tf"
    else
        say "no registry gave the provider that infra/versions.tf asks for: building an older one" >&2
        build provider github.com/digitalocean/terraform-provider-digitalocean
    fi
    rm -r "$folder"
fi
