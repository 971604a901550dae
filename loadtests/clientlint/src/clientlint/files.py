"""Which files are checked."""

import os
from collections.abc import Iterable, Iterator
from fnmatch import fnmatch
from pathlib import Path

from clientlint.errors import ClientlintError

SUFFIXES = (".py", ".pyw")
# Folders whose code is somebody else's.
FOREIGN = frozenset({"__pycache__", "node_modules", "build", "dist"})


def python_files(paths: Iterable[Path], root: Path, exclude: Iterable[str]) -> Iterator[Path]:
    """The files of these paths, in order, each once. Excluded ones are left out even if they are named."""
    patterns = list(exclude)
    seen: set[Path] = set()
    for path in paths:
        if not path.exists():
            raise ClientlintError(f"{path} does not exist")
        for file in _walk(path) if path.is_dir() else [path]:
            if file not in seen and not is_excluded(inner_path(file, root, path), patterns):
                seen.add(file)
                yield file


def inner_path(file: Path, root: Path, named: Path) -> Path:
    """The path from the folder of the configuration on. If the file is not below it: from the one that was named on."""
    absolute = Path.cwd() / file
    if absolute.is_relative_to(root):
        return absolute.relative_to(root)
    return file.relative_to(named) if named.is_dir() else Path(file.name)


def is_excluded(path: Path, patterns: Iterable[str]) -> bool:
    """A pattern without / is for the name of a file or a folder, one with / for the whole path or its beginning."""
    whole = path.as_posix()
    for pattern in patterns:
        if "/" not in pattern:
            if any(fnmatch(part, pattern) for part in path.parts):
                return True
        elif fnmatch(whole, pattern.rstrip("/")) or fnmatch(whole, f"{pattern.rstrip('/')}/*"):
            return True
    return False


def _walk(folder: Path) -> Iterator[Path]:
    """Python files below a folder. Links to folders are not followed, so a circle of links ends."""
    for parent, folders, files in os.walk(folder):
        folders[:] = sorted(
            name
            for name in folders
            if not (name.startswith(".") or name in FOREIGN or _is_environment(Path(parent, name)))
        )
        yield from (Path(parent, name) for name in sorted(files) if name.endswith(SUFFIXES))


def _is_environment(folder: Path) -> bool:
    return (folder / "pyvenv.cfg").is_file()
