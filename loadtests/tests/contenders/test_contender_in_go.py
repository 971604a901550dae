"""A contender needs one entry and no Python: one in Go, in a folder of its own, obeys the contract."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from showdown_contract.files import CHECKOUT, QUERIES

EXAMPLE = CHECKOUT / "docs/contender-in-go"
DOWNLOAD_SECONDS = 120


@pytest.fixture
def contender(reachable_folder: Path) -> Path:
    """A user's copy of the example: its files and the contract's queries, outside the checkout."""
    if shutil.which("go") is None:
        pytest.skip("Go is not installed")
    folder = reachable_folder / "contender"
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns("server", "queries"))
    shutil.copytree(QUERIES, folder / "queries")
    try:
        fetched = subprocess.run(
            ["go", "mod", "download"], cwd=folder, capture_output=True, text=True, check=False, timeout=DOWNLOAD_SECONDS
        )
    except subprocess.TimeoutExpired:
        pytest.skip(f"pgx was not fetched within {DOWNLOAD_SECONDS} s")
    if fetched.returncode != 0:
        pytest.skip(f"pgx cannot be fetched: {fetched.stderr.strip()[-200:]}")
    return folder / "variants.toml"


# The first time, Go compiles its standard library too.
@pytest.mark.timeout(900)
@pytest.mark.usefixtures("seeded_state")
def test_it_answers_every_golden_case(
    contender: Path, showdown: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    result = showdown("verify", "--variants-file", contender, timeout=800)
    assert result.returncode == 0, result.stdout + result.stderr
    assert result.stdout == "go  every golden case is answered as the contract says\n"
