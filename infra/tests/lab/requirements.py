"""What a machine must have to run test hosts."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

# From a program to the Debian package that contains it.
PROGRAMS = {
    "systemd-nspawn": "systemd-container",
    "mmdebstrap": "mmdebstrap",
    "ip": "iproute2",
    "nft": "nftables",
    "nsenter": "util-linux",
    "unshare": "util-linux",
    "ssh-keygen": "openssh-client",
    "git": "git",
}


def missing() -> list[str]:
    """What this machine lacks to run test hosts, as texts to be shown; empty if it lacks nothing."""
    if sys.platform != "linux":
        return ["Linux"]
    packages = sorted({package for program, package in PROGRAMS.items() if shutil.which(program) is None})
    lacks = [f"Debian package {package}" for package in packages]
    if os.geteuid() != 0:
        return ["root's rights", *lacks]
    # root may have few rights in a container.
    if shutil.which("unshare") and not _may_make_namespaces():
        lacks.append("the right to make namespaces (a container needs to be privileged)")
    if "\toverlay\n" not in Path("/proc/filesystems").read_text():
        lacks.append("a kernel with overlayfs (modprobe overlay)")
    return lacks


def _may_make_namespaces() -> bool:
    """Try to make namespaces for the network and for mounts."""
    probe = subprocess.run(["unshare", "--net", "--mount", "true"], capture_output=True, check=False)
    return probe.returncode == 0
