"""A Git repository whose one commit is the checkout's work tree: what test hosts are given."""

import os
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from showdown_contract.files import CHECKOUT

# A commit needs an author and a time. If they are always the same, the same tree has the same commit.
AUTHOR = {
    f"GIT_{who}_{field}": value
    for who in ("AUTHOR", "COMMITTER")
    for field, value in (("NAME", "lab"), ("EMAIL", "lab@localhost"), ("DATE", "2000-01-01T00:00:00Z"))
}


@dataclass(frozen=True)
class Repository:
    """A bare repository and its one commit."""

    folder: Path
    revision: str

    def environment(self) -> dict[str, str]:
        """With it git takes the checkout for a work tree of this repository."""
        return {"GIT_DIR": str(self.folder), "GIT_WORK_TREE": str(CHECKOUT)}


def work_tree_as_repository(folder: Path) -> Repository:
    """Commit the work tree, untracked files included, into a new bare repository.

    The checkout itself is not written to: neither its index nor its objects.
    """
    _git("init", "--quiet", "--bare", "--initial-branch=main", str(folder))
    with tempfile.TemporaryDirectory() as scratch:
        environment = AUTHOR | {
            "GIT_DIR": str(folder),
            "GIT_WORK_TREE": str(CHECKOUT),
            "GIT_INDEX_FILE": f"{scratch}/index",
        }
        _git("add", "--all", ".", **environment)
        tree = _git("write-tree", **environment)
        revision = _git("commit-tree", "-m", "the work tree", tree, **environment)
    _git("update-ref", "refs/heads/main", revision, GIT_DIR=str(folder))
    # As a checkout's index, by which git sees that no file differs from the commit.
    _git("read-tree", revision, GIT_DIR=str(folder))
    return Repository(folder, revision)


def _git(*arguments: str, **environment: str) -> str:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    result = subprocess.run(
        ["git", *arguments], cwd=CHECKOUT, env=clean | environment, capture_output=True, text=True, check=True
    )
    return result.stdout.strip()
