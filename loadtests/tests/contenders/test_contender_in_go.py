"""A contender needs one entry and no Python: one in Go, in a folder of its own, obeys the contract.

It gets there by the commands of the page about it.
"""

import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from documents import blocks, lines
from showdown_contract.files import CHECKOUT

PAGE = CHECKOUT / "docs/add-your-own.md"
EXAMPLE = CHECKOUT / "docs/contender-in-go"
DOWNLOAD_SECONDS = 120


@pytest.fixture
def home(reachable_folder: Path) -> Path:
    """The home of a reader who has taken a copy: the example's files and the contract's queries."""
    if shutil.which("go") is None:
        pytest.skip("Go is not installed")
    for line in lines(PAGE):
        if line.startswith("cp "):
            environment = {**os.environ, "HOME": str(reachable_folder)}
            subprocess.run(["bash", "-c", line], cwd=CHECKOUT, env=environment, check=True)
    folder = reachable_folder / "my-contender"
    try:
        fetched = subprocess.run(
            ["go", "mod", "download"], cwd=folder, capture_output=True, text=True, check=False, timeout=DOWNLOAD_SECONDS
        )
    except subprocess.TimeoutExpired:
        pytest.skip(f"pgx was not fetched within {DOWNLOAD_SECONDS} s")
    if fetched.returncode != 0:
        pytest.skip(f"pgx cannot be fetched: {fetched.stderr.strip()[-200:]}")
    return reachable_folder


# The first time, Go compiles its standard library too.
@pytest.mark.timeout(900)
@pytest.mark.usefixtures("seeded_state")
def test_it_answers_every_golden_case(home: Path, showdown: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    command = next(line for line in lines(PAGE) if line.startswith("showdown verify "))
    _, *arguments = shlex.split(command.replace("~", str(home)))
    result = showdown(*arguments, timeout=800)
    assert result.returncode == 0, result.stdout + result.stderr
    assert result.stdout == "go  every golden case is answered as the contract says\n"


def test_the_page_shows_the_entry_of_the_example() -> None:
    (shown,) = blocks(PAGE, "toml")
    assert shown in (EXAMPLE / "variants.toml").read_text()


def test_the_functions_that_the_page_names_are_there() -> None:
    source = "".join(file.read_text() for file in EXAMPLE.glob("*.go"))
    places = [line.split("|")[2] for line in PAGE.read_text().splitlines() if line.startswith("| ")]
    named = [name for place in places for name in re.findall(r"`(\w+)`", place)]
    assert named
    assert [name for name in named if not re.search(rf"^func .*\b{name}\(", source, re.MULTILINE)] == []
