#!/bin/sh
# Puts a commit of this project on a host that bootstrap.sh has set up. `showdown` sends both over SSH, this script and a
# git bundle with the commit, so that a host needs no repository that it can read.
#
#   deploy.sh ROLE COMMIT BUNDLE
set -eu
role=$1
commit=$2
bundle=$3
checkout=/opt/showdown
# Holds the commit once all that it needs is there.
deployed=/var/lib/showdown/deployed
export HOME=/root
# Services, which are not root, read the checkout.
umask 022

step=arguments
say_how_it_ended() {
    code=$?
    if [ "$code" != 0 ]; then
        printf 'showdown: step "%s" failed with exit code %s\n' "$step" "$code"
    fi
}
trap say_how_it_ended EXIT

begin() {
    step=$1
    printf 'showdown: step "%s"\n' "$step"
}

# One at a time: two of them would write to the same checkout.
begin lock
exec 9>/run/showdown/deploy-lock
flock --wait 900 9
rm -f "$deployed"

begin repository
git init --quiet "$checkout"
cd "$checkout"
git fetch --quiet "$bundle" HEAD
git -c advice.detachedHead=false checkout --quiet --force --detach "$commit"
rm -f "$bundle"

# uv has a venv of its own, so that .venv holds only what uv.lock says.
begin uv
uv=$(sed -n 's/^    "\(uv==[0-9.]*\)",$/\1/p' pyproject.toml)
python3 -m venv /opt/uv
/opt/uv/bin/python -m pip install --quiet --disable-pip-version-check "$uv"

# Bytecode is compiled now, for the units cannot write to the checkout.
sync() {
    /opt/uv/bin/uv sync --quiet --locked --no-dev --no-managed-python --compile-bytecode "$@"
}
begin "python packages"
sync --package showdown

if [ "$role" = service ]; then
    # variants.toml of this commit says what they need.
    begin "packages of the variants"
    apt() {
        DEBIAN_FRONTEND=noninteractive apt-get --quiet --option DPkg::Lock::Timeout=300 "$@"
    }
    # The host may have been set up long ago.
    apt update
    # shellcheck disable=SC2046 # one word for each package
    apt install --yes --no-install-recommends $(.venv/bin/python -m showdown.contract.packages)
    begin "python packages of the variants"
    sync --all-packages
fi
git ls-files -z "*.py" | xargs -0 .venv/bin/python -m compileall -q

printf '%s\n' "$commit" >"$deployed"
