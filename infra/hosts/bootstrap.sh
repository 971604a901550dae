#!/bin/sh
# Turns a Debian 13 into a host of a tier. What is measured is not on it yet: `showdown run` brings that, with deploy.sh.
#
#   bootstrap.sh ROLE PACKAGE=VERSION...
#
# cloud-init runs it once, `showdown prepare-hosts` as often as it is asked to; both as root, after they have written the
# files that roles.json names. It stops at the first step that fails. With cloud-init, this tells why:
# grep -B 20 '^showdown: ' /var/log/cloud-init-output.log.
set -eu
role=$1
shift
# By it `showdown run` sees that the host is set up, whatever cloud-init says of itself.
ready=/var/lib/showdown/ready
# cloud-init sets none, and some programs need one.
export HOME=/root
umask 022

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

begin system
# shellcheck source=/dev/null
. /etc/os-release
if [ "${VERSION_CODENAME:-}" != trixie ]; then
    printf 'this is %s, and roles.json has the versions of Debian 13\n' "${PRETTY_NAME:-another system}"
    exit 1
fi

# No recommended packages, which may change from day to day.
begin packages
apt() {
    DEBIAN_FRONTEND=noninteractive apt-get --quiet --option DPkg::Lock::Timeout=300 "$@"
}
# The mirror from which a release comes; nothing if it comes from none. apt knows it after an update.
mirror() {
    # shellcheck disable=SC2016 # the format is apt's
    apt-get indextargets --format '$(REPO_URI)' "Release: $1" 'Created-By: Packages' | head -n 1
}
apt update
if [ "$role" = service ] && [ -z "$(mirror trixie-backports)" ]; then
    # For newer Rust, as preferences.d/showdown.pref says.
    printf 'deb %s trixie-backports main\n' "$(mirror trixie)" >/etc/apt/sources.list.d/showdown-backports.list
    apt update
fi
# Files that have been written before their package comes are kept.
apt install --yes --no-install-recommends --option Dpkg::Options::=--force-confold "$@"

begin user
id -u showdown >/dev/null 2>&1 ||
    useradd --system --home-dir /nonexistent --no-create-home --shell /usr/sbin/nologin \
        --comment 'showdown services and generators' showdown

begin kernel
sysctl --load=/etc/sysctl.d/60-showdown.conf
systemd-tmpfiles --create /etc/tmpfiles.d/showdown.conf

# It may have started before its settings were written.
begin ssh
systemctl reload ssh.service

# Nothing but what is measured should use the CPUs.
begin "daily jobs"
systemctl disable --quiet --now apt-daily.timer apt-daily-upgrade.timer

begin units
systemctl daemon-reload
if [ "$role" = haproxy ]; then
    # The package's own unit, which would run with another configuration. `showdown run` writes that of ours, and starts it.
    systemctl disable --quiet --now haproxy.service
    systemctl enable --quiet showdown-haproxy.service
fi
if [ "$role" = postgres ]; then
    systemctl enable --quiet showdown-postgres.service
fi
