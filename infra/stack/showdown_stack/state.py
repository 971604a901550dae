"""The folder in which the stack keeps its files between runs, and the lock that gives it one owner at a time."""

import os
import stat
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from showdown_contract.errors import ShowdownError

from showdown_stack.lock import LockedError, locked


def state_folder() -> Path:
    """$SHOWDOWN_STATE, else a cache folder: the user's, or for root one that unprivileged servers can reach."""
    if chosen := os.environ.get("SHOWDOWN_STATE"):
        return Path(chosen).absolute()
    if os.geteuid() == 0:
        return Path("/var/cache/showdown")
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache").absolute() / "showdown"


@contextmanager
def locked_state() -> Iterator[Path]:
    """Lock the state folder, which is made if need be. Raises ShowdownError if another process has it."""
    # Resolved, for root must not trust a link that somebody else can change.
    folder = state_folder().resolve()
    with ExitStack() as resources:
        try:
            if os.geteuid() == 0:
                # Servers, which are not root, must be able to read what root writes here.
                os.umask(0o022)
            folder.mkdir(mode=0o755, parents=True, exist_ok=True)
            require_ours(folder)
            resources.enter_context(locked(folder / "lock", str(os.getpid())))
        except OSError as error:
            raise ShowdownError(
                f"cannot write to {folder} ({error.strerror}): set SHOWDOWN_STATE to a folder of yours"
            ) from None
        except LockedError as error:
            raise ShowdownError(
                f"another showdown (process {error.holder or 'unknown'}) uses the stack in {folder}: "
                "wait for it, stop it, or set SHOWDOWN_STATE to another folder"
            ) from None
        yield folder


def require_ours(folder: Path) -> None:
    """Raise ShowdownError if other users can replace what we write by a file or link of theirs.

    For root, every folder above it is looked at too.
    """
    ways = (folder, *folder.parents) if os.geteuid() == 0 else (folder,)
    for way in ways:
        owner = way.stat().st_uid
        if owner not in {0, os.geteuid()}:
            problem = f"{way} belongs to another user ({owner})"
        elif _is_open(way, folder, stat.S_IWGRP | stat.S_IWOTH):
            problem = f"others may write to {way} (type 'chmod go-w {way}')"
        else:
            continue
        raise ShowdownError(f"{problem}, and could change what showdown keeps: set SHOWDOWN_STATE to a folder of yours")


def require_closed_to_servers(folder: Path) -> None:
    """Raise ShowdownError if a server, which is not root, can replace what root writes there by a link."""
    for way in (folder, *folder.parents) if os.geteuid() == 0 else ():
        if _is_open(way, folder, stat.S_IWOTH):
            raise ShowdownError(
                f"anybody may write to {way}, contenders too: "
                f"choose another folder with --out, or type 'chmod o-w {way}'"
            )


def _is_open(way: Path, folder: Path, bits: int) -> bool:
    """Whether `way`, the folder or one above it, lets other users change what is in the folder."""
    mode = way.stat().st_mode
    # In a sticky folder such as /tmp, nobody can rename other users' files, but everybody can make new ones.
    return bool(mode & bits) and (way == folder or not mode & stat.S_ISVTX)
