"""A way for servers into folders that are closed to others, such as /root, where Python or the checkout may lie."""

import functools
import shlex
import stat
import subprocess
from collections.abc import Sequence
from pathlib import Path

# In a mount namespace of the program's own, so that nobody else sees it: over the closed folder lies a view of it
# that can be entered but not written to. What is in it keeps its own permissions: a secret of mode 600 stays one.
_OPEN = """(cd {folder}
mount -t tmpfs -o mode=755 showdown {folder}
mkdir -m 755 {folder}/open
mount -t overlay -o ro,lowerdir={folder}/open:. showdown {folder})
"""
_GO_ON = """cd "$PWD"
exec "$@"
"""


def closed_folders(reads: Sequence[Path]) -> list[Path]:
    """Those folders on the way to what has to be read that others may not enter, outermost first."""
    folders = {folder for read in reads for folder in (read, *read.parents)}
    return sorted(folder for folder in folders if not folder.stat().st_mode & stat.S_IXOTH)


def entrance(reads: Sequence[Path]) -> list[str] | None:
    """What root puts before a command so that others can get at what has to be read; None where it cannot.

    Nothing is needed where no folder is closed. Mounting is what a container may be refused.
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
