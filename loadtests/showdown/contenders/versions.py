"""What a variant is made of: the versions that its entry says how to tell, and the commit of somebody's own."""

import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from showdown_contract.files import CHECKOUT
from showdown_stack.text import printable

from showdown.contenders.start import find_program, service_environment
from showdown.contenders.variants import Variant

SECONDS = 10.0
MOST_CHARACTERS = 200
UNKNOWN = "unknown"
# Most programs say it among other words: "rustc 1.90.0 (1159e78c4 2025-09-14)".
_NUMBER = re.compile(r"\d+\.\d+\S*")


def variant_versions(variants: Mapping[str, Variant]) -> dict[str, dict[str, str]]:
    """By variant. A part whose version cannot be found is "unknown"."""
    return {name: _versions(variant) for name, variant in variants.items()}


def common_and_own(by_variant: Mapping[str, Mapping[str, str]]) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
    """The versions that all variants share, and for each variant those that differ."""
    told: dict[str, set[str]] = {}
    for versions in by_variant.values():
        for part, text in versions.items():
            told.setdefault(part, set()).add(text)
    common = {part: min(texts) for part, texts in told.items() if len(texts) == 1 and part != "commit"}
    own = {
        name: {part: text for part, text in versions.items() if part not in common}
        for name, versions in by_variant.items()
    }
    return common, {name: versions for name, versions in own.items() if versions}


def is_installed(variant: Variant) -> bool:
    """Whether the Python packages that it runs on are there."""
    return all(_distribution(name) != UNKNOWN for name in variant.distributions)


def described_commit(folder: Path) -> str | None:
    """The commit of a folder's repository, marked where files differ from it; None where there is none."""
    # Never a tag's name: hosts have none.
    command = ("git", "-C", str(folder), "describe", "--always", "--exclude=*", "--dirty", "--abbrev=12")
    return output_of(command, folder)


def _versions(variant: Variant) -> dict[str, str]:
    versions = {name: _distribution(name) for name in variant.distributions}
    versions |= {name: _told(variant, command) for name, command in variant.versions.items()}
    if variant.folder != CHECKOUT:
        versions.setdefault("commit", described_commit(variant.folder) or UNKNOWN)
    return versions


def _distribution(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return UNKNOWN


def _told(variant: Variant, command: list[str]) -> str:
    program, *arguments = command
    environment = {**os.environ, "PATH": service_environment()["PATH"], **variant.environment}
    found = find_program(program, variant, environment["PATH"])
    said = output_of([found, *arguments], variant.folder, environment) if found else None
    if said is None:
        return UNKNOWN
    line = printable(said.splitlines()[0][:MOST_CHARACTERS], keep="")
    number = _NUMBER.search(line)
    return number[0] if number else line


def output_of(
    command: Sequence[str], folder: Path | None = None, environment: Mapping[str, str] | None = None
) -> str | None:
    """What a command prints; None where it fails, prints nothing or is not done in time."""
    try:
        result = subprocess.run(
            command, cwd=folder, env=environment, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, errors="replace", check=True, timeout=SECONDS,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return None
    return result.stdout.strip() or None
