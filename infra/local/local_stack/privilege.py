"""Servers do not run as root: where we are root they are started as `nobody`."""

import os
import pwd
import shutil
import stat
from collections.abc import Sequence
from pathlib import Path

from local_stack.errors import StackError

UNPRIVILEGED = "nobody"
CHECKOUT = Path(__file__).resolve().parents[3]


def launcher(death_signal: str, *, reads: Sequence[Path] = (), as_ourselves: bool = False) -> list[str]:
    """What to put before a program's command, so that it runs unprivileged and ends if we die.

    `death_signal` is what the kernel sends the server when this process ends in any way, even by
    SIGKILL; macOS has no such thing. `reads` are folders that the program must get at. `as_ourselves`
    keeps our user: for programs that serve nobody. Raises StackError where root cannot drop its privileges.
    """
    setpriv = shutil.which("setpriv")
    if as_ourselves or os.geteuid() != 0:
        return [setpriv, "--pdeathsig", death_signal] if setpriv else []
    if setpriv is None:
        raise StackError("as root, servers are started through setpriv (package util-linux), which is missing")
    account = pwd.getpwnam(UNPRIVILEGED)
    return [
        setpriv,
        f"--reuid={account.pw_uid}",
        f"--regid={account.pw_gid}",
        "--clear-groups",
        "--no-new-privs",
        *_capabilities(reads),
        "--pdeathsig",
        death_signal,
    ]


def own(path: Path) -> None:
    """Give a file or folder of ours to the servers' user."""
    if os.geteuid() == 0:
        account = pwd.getpwnam(UNPRIVILEGED)
        os.chown(path, account.pw_uid, account.pw_gid)


def write_privately(path: Path, text: str) -> None:
    """Write a secret to a new file that only its owner can read."""
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_text(text)


def reachable(path: Path) -> bool:
    """Whether anybody may enter a folder and all those above it."""
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in (path, *path.parents))


def _capabilities(reads: Sequence[Path]) -> list[str]:
    """None; but for a program that lies in a folder closed to others (such as /root) the right to read.

    It is the right to read any file, so a checkout or Python elsewhere is better: the README says so.
    """
    if all(map(reachable, reads)):
        return ["--bounding-set=-all", "--inh-caps=-all"]
    return [
        "--bounding-set=-all,+dac_read_search",
        "--inh-caps=-all,+dac_read_search",
        "--ambient-caps=+dac_read_search",
    ]
