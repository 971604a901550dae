"""Results say what was measured: each variant reports the versions of its parts."""

import subprocess
import sys
from pathlib import Path

import pytest
from showdown.contenders.variants import Variant
from showdown.contenders.versions import common_and_own, described_commit, output_of, variant_versions
from showdown.contract.contract import load_contract


def variant(folder: Path | None = None, *distributions: str, **versions: list[str]) -> Variant:
    entry = {
        "description": "", "command": ["x"], "workers": 1, "pool": 1,
        "distributions": [*distributions], "versions": versions,
    }  # fmt: skip
    return Variant.model_validate(entry, context={"folder": folder} if folder else None)


def told(one: Variant) -> dict[str, str]:
    return variant_versions({"one": one})["one"]


def test_the_checkouts_variants_tell_all_of_theirs() -> None:
    versions = variant_versions(load_contract().variants.variants)
    assert {"starlette", "asyncpg", "uvloop"} <= set(versions["starlette"])
    assert {"django", "psycopg"} <= set(versions["django"])
    assert [name for name, parts in versions.items() if not parts] == []


def test_a_distribution_is_one_of_this_python() -> None:
    assert set(told(variant(None, "pytest", "no-such-thing")).items()) == {
        ("pytest", pytest.__version__),
        ("no-such-thing", "unknown"),
    }


@pytest.mark.parametrize(
    ("said", "version"),
    [
        ("rustc 1.90.0 (1159e78c4 2025-09-14)", "1.90.0"),
        ("go version go1.26.0 linux/amd64", "1.26.0"),
        ("4f2a91c0b7de-dirty", "4f2a91c0b7de-dirty"),
        ("the second line\nis not read", "the second line"),
    ],
)
def test_of_what_a_command_says_the_number_is_kept(said: str, version: str) -> None:
    assert told(variant(None, mine=[sys.executable, "-c", f"print({said!r})"])) == {"mine": version}


@pytest.mark.parametrize("command", [["no-such-program"], ["false"], ["true"]])
def test_a_command_that_does_not_tell_costs_no_run(command: list[str]) -> None:
    assert told(variant(None, mine=command)) == {"mine": "unknown"}


def test_somebodys_own_has_a_commit_of_its_own(tmp_path: Path) -> None:
    assert told(variant(tmp_path)) == {"commit": "unknown"}
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
    own = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
    subprocess.run(
        ["git", "-C", tmp_path, *own, "commit", "--quiet", "--no-gpg-sign", "--allow-empty", "--message", "First"],
        check=True,
    )
    assert told(variant(tmp_path)) == {"commit": described_commit(tmp_path)}
    assert len(described_commit(tmp_path) or "") == 12


def test_what_differs_between_variants_is_told_apart() -> None:
    by_variant = {"one": {"rust": "1.90", "orjson": "3"}, "two": {"rust": "1.91"}, "three": {}}
    assert common_and_own(by_variant) == ({"orjson": "3"}, {"one": {"rust": "1.90"}, "two": {"rust": "1.91"}})


def test_a_tool_that_is_not_there_or_fails_tells_nothing() -> None:
    assert output_of(["no-such-program"]) is None
    assert output_of(["false"]) is None
    assert output_of(["true"]) is None
    assert output_of(["echo", "kvm"]) == "kvm"
