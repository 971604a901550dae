"""Servers do not run as root: where we are root, each kind of them has a user of its own."""

import os
import pwd
import shutil
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from showdown_contract.errors import ShowdownError

from showdown_stack.closed import entrance


@dataclass(frozen=True)
class User:
    """Whose a server is, by numbers: they need no entry in /etc/passwd."""

    uid: int
    gid: int


# From a range that no distribution and no part of systemd uses (uids-gids.md: 60578 to 61183). Each kind of
# server has its own, so that a service can neither signal another tier nor read what belongs to it.
SERVICE, HAPROXY, PGBOUNCER = (User(number, number) for number in (60601, 60602, 60603))
FIRST_OTHER_SERVICE = 60610


def service_user(number: int) -> User:
    """Of a service by its number from 1: those that are up at once can neither signal nor read each other."""
    return SERVICE if number == 1 else User(FIRST_OTHER_SERVICE + number, FIRST_OTHER_SERVICE + number)


def postgres_user() -> User:
    """An account of the system's, for Postgres and initdb ask for the name of theirs. Raises ShowdownError."""
    for name in ("postgres", "nobody"):
        try:
            account = pwd.getpwnam(name)
        except KeyError:
            continue
        return User(account.pw_uid, account.pw_gid)
    raise ShowdownError("Postgres does not run as root, and there is neither a user 'postgres' nor 'nobody' here")


def launcher(
    death_signal: str, *, user: User = SERVICE, reads: Sequence[Path] = (), as_ourselves: bool = False
) -> list[str]:
    """What to put before a program's command, so that it runs unprivileged and ends if its parent dies.

    `death_signal` is what the kernel sends the server when its parent ends in any way, even by
    SIGKILL; macOS has no such thing. `reads` are folders that the program must get at. `as_ourselves`
    keeps our user: for programs that serve nobody. Raises ShowdownError where root cannot drop its privileges.
    """
    setpriv = shutil.which("setpriv")
    if as_ourselves or os.geteuid() != 0:
        return [setpriv, "--pdeathsig", death_signal] if setpriv else []
    if setpriv is None:
        raise ShowdownError("as root, servers are started through setpriv (package util-linux), which is missing")
    way_in = entrance(reads)
    return [
        *(way_in or []),
        setpriv,
        f"--reuid={user.uid}",
        f"--regid={user.gid}",
        "--clear-groups",
        "--no-new-privs",
        *_capabilities(way_in),
        "--pdeathsig",
        death_signal,
    ]


def own(path: Path, user: User = SERVICE) -> None:
    """Give a file or folder of ours, or a link itself, to a server's user."""
    if os.geteuid() == 0:
        os.chown(path, user.uid, user.gid, follow_symlinks=False)


def own_folder(path: Path, user: User | None = None) -> Path:
    """A new and empty folder: a server's own, or ours, which servers can only read."""
    if path.is_symlink() or path.exists():
        shutil.rmtree(path)
    path.mkdir()
    path.chmod(0o700 if user else 0o755)
    if user:
        own(path, user)
    return path


def write_privately(path: Path, text: str) -> None:
    """Write a secret to a new file that only its owner can read."""
    path.unlink(missing_ok=True)
    # Made by us, here and now: whoever was quicker with a file or a link of that name makes this fail.
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with open(descriptor, "w") as file:  # noqa: PTH123 - a descriptor
        file.write(text)


def reachable(path: Path) -> bool:
    """Whether anybody may enter a folder and all those above it."""
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in (path, *path.parents))


def _capabilities(way_in: list[str] | None) -> list[str]:
    """None; but without a way into a closed folder (such as /root) that the program lies in, the right to read.

    It is the right to read any file, so a checkout or Python elsewhere is better: the stack says so.
    """
    if way_in is not None:
        return ["--bounding-set=-all", "--inh-caps=-all"]
    return [
        "--bounding-set=-all,+dac_read_search",
        "--inh-caps=-all,+dac_read_search",
        "--ambient-caps=+dac_read_search",
    ]
