"""Servers never run as root: if we are root, each kind of server runs as a user of its own."""

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
    """The user that a server runs as, by numbers, which need no entry in /etc/passwd."""

    uid: int
    gid: int


# From a range that neither distributions nor systemd use (systemd's uids-gids.md: 60578 to 61183). Each kind of
# server has a user of its own, so that a service can neither signal another tier nor read its files.
SERVICE, HAPROXY, PGBOUNCER, UPSTREAM, LINK = (User(number, number) for number in range(60601, 60606))
FIRST_OTHER_SERVICE = 60610


def service_user(number: int) -> User:
    """Of a service by its number from 1: those that are up at once can neither signal nor read each other."""
    return SERVICE if number == 1 else User(FIRST_OTHER_SERVICE + number, FIRST_OTHER_SERVICE + number)


def postgres_user() -> User:
    """An account of the system, for Postgres and initdb look up their user's name. Raises ShowdownError."""
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
    """The words before a program's command that make it run unprivileged, and end when its parent ends.

    The kernel sends the program `death_signal` when its parent ends, even by SIGKILL (not on macOS). `reads`: folders
    that the program must be able to read. `as_ourselves` keeps our user, for programs that are not servers. Raises
    ShowdownError if root cannot drop its privileges.
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
    """Make a server's user the owner of a file, a folder, or a link itself."""
    if os.geteuid() == 0:
        os.chown(path, user.uid, user.gid, follow_symlinks=False)


def own_folder(path: Path, user: User | None = None) -> Path:
    """Make a new, empty folder that only `user` can enter; or one of ours, which servers can only read."""
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
    # O_EXCL: if somebody has put a file or a link of that name there meanwhile, this fails.
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with open(descriptor, "w") as file:  # noqa: PTH123 - a descriptor
        file.write(text)


def reachable(path: Path) -> bool:
    """Whether every user may enter a folder and all folders above it."""
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in (path, *path.parents))


def _capabilities(way_in: list[str] | None) -> list[str]:
    """No capabilities; or, if the program's folder is closed and cannot be opened, the one to read every file.

    A checkout and a Python that are not in such a folder (/root) are better, and the stack says so.
    """
    if way_in is not None:
        return ["--bounding-set=-all", "--inh-caps=-all"]
    return [
        "--bounding-set=-all,+dac_read_search",
        "--inh-caps=-all,+dac_read_search",
        "--ambient-caps=+dac_read_search",
    ]
