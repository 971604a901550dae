"""A disk in memory for Postgres's data folder, so small that it can be filled."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from showdown_contract.errors import ShowdownError

# The mount point in the state folder.
DISK = "disk"
MIB = 1024 * 1024


@contextmanager
def small_disk(state: Path, source: Path, spare_mib: int) -> Iterator[Path]:
    """A copy of a folder on a disk of its own, which has so much room beside it. Raises ShowdownError."""
    place = state / DISK
    place.mkdir(mode=0o755, exist_ok=True)
    used = sum(path.lstat().st_blocks * 512 for path in source.rglob("*"))
    mounted = ["mount", "-t", "tmpfs", "-o", f"mode=755,size={used + spare_mib * MIB}", "showdown", str(place)]
    _run(mounted, "only root can mount one, and not in every container")
    try:
        _run(["cp", "-a", f"{source}/.", str(place)], "the copy is incomplete")
        yield place
    finally:
        unmount(state)


def unmount(state: Path) -> None:
    """Give the disk back, also that of a showdown that was killed. Raises ShowdownError."""
    place = state / DISK
    if place.is_mount():
        _run(["umount", str(place)], f"type 'umount {place}' when nothing uses it any more")
    if place.exists():
        shutil.rmtree(place)


def _run(command: list[str], otherwise: str) -> None:
    try:
        subprocess.run(command, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        said = error.stderr.strip() if isinstance(error, subprocess.CalledProcessError) else error.strerror
        raise ShowdownError(f"a small disk: {' '.join(command)}: {said}: {otherwise}") from None
