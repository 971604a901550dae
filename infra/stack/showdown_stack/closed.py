"""Lets servers into folders that are closed to other users, such as /root, if Python or the checkout is there."""

import functools
import shlex
import stat
import subprocess
from collections.abc import Sequence
from pathlib import Path

# In a mount namespace that only the program sees, a read-only view that anybody may enter is mounted over the closed
# folder. The files in it keep their own permissions: what has mode 600 stays secret.
_OPEN = """(cd {folder}
mount -t tmpfs -o mode=755 showdown {folder}
mkdir -m 755 {folder}/open
mount -t overlay -o ro,lowerdir={folder}/open:. showdown {folder})
"""
_GO_ON = """cd "$PWD"
exec "$@"
"""


def closed_folders(reads: Sequence[Path]) -> list[Path]:
    """The folders on the paths in `reads` that other users may not enter, outermost first."""
    folders = {folder for read in reads for folder in (read, *read.parents)}
    return sorted(folder for folder in folders if not folder.stat().st_mode & stat.S_IXOTH)


def entrance(reads: Sequence[Path]) -> list[str] | None:
    """The words that root puts before a command so that another user can read `reads`. Empty if no folder is closed.

    None if root may not mount here, as in some containers.
    """
    folders = closed_folders(reads)
    if not folders:
        return []
    script = "set -e\n" + "".join(_OPEN.format(folder=shlex.quote(str(folder))) for folder in folders) + _GO_ON
    command = ["unshare", "--mount", "sh", "-c", script, "sh"]
    return command if _works(tuple(command)) else None


@functools.cache
def _works(command: tuple[str, ...]) -> bool:
    try:
        return subprocess.run([*command, "true"], capture_output=True, check=False, cwd="/").returncode == 0
    except OSError:
        return False
