"""Describes the machine and the versions of the programs on it."""

import platform
from pathlib import Path

import psutil
from showdown_contract.files import CHECKOUT

from showdown.contenders.versions import described_commit, output_of
from showdown.stacks.records import Machine


def describe() -> Machine:
    """Describe this machine; what disturbed it is filled in as a run goes on."""
    return Machine(
        system=f"{platform.system()} {platform.release()} {platform.machine()}",
        cpu=_cpu(),
        cores=psutil.cpu_count() or 1,
        memory_mib=psutil.virtual_memory().total // (1024 * 1024),
        virtual=output_of(["systemd-detect-virt"]),
        steal_percent=None,
    )


def versions() -> dict[str, str]:
    """The versions of what runs on every host. For those of the variants, see contenders/versions.py."""
    return {"python": platform.python_version()}


def commit() -> str:
    """The checkout's commit, marked if files differ from it."""
    return described_commit(CHECKOUT) or "unknown"


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or "unknown"
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor() or "unknown")
