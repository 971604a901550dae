"""Packages from PyPI: fetched at a pinned version, unpacked but not installed, and checked."""

import csv
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from clientlint.config import Config
from clientlint.files import python_files
from clientlint.finding import Unchecked
from clientlint.linter import Linter

JUDGED = Path(__file__).with_name("packages.csv")
# Wheels: pip unpacks them without running their code, which it would for a source distribution.
DOWNLOAD = [
    sys.executable,
    "-m",
    "pip",
    "download",
    "--quiet",
    "--no-deps",
    "--only-binary=:all:",
    "--disable-pip-version-check",
]


@dataclass(frozen=True, order=True)
class Package:
    name: str
    version: str

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


@dataclass(frozen=True, order=True)
class Judged:
    """A finding, and what a person who read the code says about it."""

    package: Package
    file: str
    line: int
    code: str
    right: bool
    why: str

    @property
    def place(self) -> tuple[str, int, str]:
        return self.file, self.line, self.code


def judged(path: Path = JUDGED) -> list[Judged]:
    with path.open(encoding="utf-8", newline="") as file:
        return [
            Judged(
                Package(row["package"], row["version"]),
                row["file"],
                int(row["line"]),
                row["code"],
                row["right"] == "yes",
                row["why"],
            )
            for row in csv.DictReader(file)
        ]


def fetched(package: Package, cache: Path) -> Path:
    """The folder with a package's code, which is never part of this repository."""
    folder = cache / f"{package.name}-{package.version}"
    if not folder.is_dir():
        wheels = cache / "wheels"
        subprocess.run([*DOWNLOAD, "--dest", str(wheels), f"{package.name}=={package.version}"], check=True)
        name = package.name.replace("-", "_").lower()
        wheel = next(
            path for path in wheels.glob("*.whl") if path.name.lower().startswith(f"{name}-{package.version}-")
        )
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(folder, [name for name in archive.namelist() if name.endswith(".py")])
    return folder


def found(folder: Path) -> Iterator[tuple[str, int, str]]:
    """The places of all findings in a folder, by the path inside it."""
    config = Config(folder)
    for checked in Linter(config).check(python_files([folder], config.root, config.exclude)):
        if not isinstance(checked, Unchecked):
            yield from ((one.path.relative_to(folder).as_posix(), one.line, one.code) for one in checked.findings)
