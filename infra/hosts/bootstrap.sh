#!/bin/sh
# Turns a fresh Debian into a host of a tier. cloud-init runs it once, as root, after it has installed the packages.
#
#   bootstrap.sh ROLE REPOSITORY REVISION PACKAGE...
#
# It stops at the first step that fails. To see why: cloud-init status --long, and
# grep -B 20 '^showdown: ' /var/log/cloud-init-output.log. It can be run again by hand.
set -eu
role=$1
repository=$2
revision=$3
shift 3
checkout=/opt/showdown
# By it `showdown run` sees that the host is set up, whatever cloud-init says of itself.
ready=/var/lib/showdown/ready
# cloud-init sets none, and git and build tools need one.
export HOME=/root

step=arguments
say_how_it_ended() {
    code=$?
    if [ "$code" = 0 ]; then
        mkdir -p "${ready%/*}"
        touch "$ready"
        printf 'showdown: this %s host is ready\n' "$role"
    else
        printf 'showdown: step "%s" failed with exit code %s; its output is above\n' "$step" "$code"
    fi
}
trap say_how_it_ended EXIT

rm -f "$ready"

begin() {
    step=$1
    printf 'showdown: step "%s"\n' "$step"
}

# cloud-init goes on if it cannot install a package. This does not.
begin packages
for package in "$@"; do
    # shellcheck disable=SC2016 # the format is dpkg-query's
    if [ "$(dpkg-query --show --showformat='${db:Status-Status}' "$package")" != installed ]; then
        printf '%s is not installed\n' "$package"
        exit 1
    fi
done
dpkg-query --show "$@"

begin kernel
sysctl --load=/etc/sysctl.d/60-showdown.conf
systemd-tmpfiles --create /etc/tmpfiles.d/showdown.conf

# It may have started before its settings were written.
begin ssh
systemctl reload ssh.service

# Nothing but what is measured should use the CPUs.
begin "daily jobs"
systemctl disable --quiet --now apt-daily.timer apt-daily-upgrade.timer

begin repository
git init --quiet "$checkout"
cd "$checkout"
# A few servers do not serve a single commit. They are asked for everything.
git fetch --quiet --depth 1 "$repository" "$revision" ||
    git fetch --quiet "$repository" '+refs/heads/*:refs/remotes/origin/*' '+refs/tags/*:refs/tags/*'
git -c advice.detachedHead=false checkout --quiet --force --detach "$revision"
test "$(git rev-parse HEAD)" = "$revision"

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
    # variants.toml of this revision says what they need.
    begin "packages of the variants"
    # shellcheck disable=SC2046 # one word for each package
    DEBIAN_FRONTEND=noninteractive apt-get install --quiet --yes --no-install-recommends \
        $(.venv/bin/python -m showdown.contract.packages)
    begin "python packages of the variants"
    sync --all-packages
fi
git ls-files -z "*.py" | xargs -0 .venv/bin/python -m compileall -q

if [ "$role" = haproxy ]; then
    begin haproxy
    # The package's own unit, which would run with another configuration.
    systemctl disable --quiet --now haproxy.service
    systemctl enable --quiet --now showdown-haproxy.service
fi
