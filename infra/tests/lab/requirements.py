"""What a machine must have to run test hosts."""

import os
import shutil
import sys

# Program → the Debian package it comes with.
PROGRAMS = {
    "systemd-nspawn": "systemd-container",
    "mmdebstrap": "mmdebstrap",
    "ip": "iproute2",
    "nft": "nftables",
    "nsenter": "util-linux",
    "ssh-keygen": "openssh-client",
    "git": "git",
}


def missing() -> list[str]:
    """What this machine lacks to run test hosts, each in words for people; nothing where it can."""
    if sys.platform != "linux":
        return ["Linux"]
    packages = sorted({package for program, package in PROGRAMS.items() if shutil.which(program) is None})
    lacks = [f"Debian package {package}" for package in packages]
    if os.geteuid() != 0:
        lacks.insert(0, "root's rights")
    return lacks
