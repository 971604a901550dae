"""A variant's program is brought up to date, found, or said to be missing."""

import sys
from pathlib import Path

import pytest
from showdown.contenders.build import build, resolved_command, service_environment
from showdown.contenders.variants import Variant
from showdown_contract.errors import ShowdownError
from showdown_stack.privilege import CHECKOUT


def variant(*command: str, build: list[str] | None = None) -> Variant:
    return Variant(description="", command=[*command], build=build, workers=1, pool=1)


def test_a_build_runs_in_the_checkout_once_for_all_who_share_it(tmp_path: Path) -> None:
    log = tmp_path / "log"
    shared = variant("x", build=["sh", "-c", f"pwd >> {log}"])
    build({"one": shared, "two": shared, "three": variant("x")})
    assert log.read_text() == f"{CHECKOUT}\n"


def test_a_build_that_fails_shows_what_it_said(tmp_path: Path) -> None:
    broken = variant("x", build=["sh", "-c", "echo error: no such crate >&2; exit 101"])
    with pytest.raises(ShowdownError, match=r"variant mine does not build \(sh -c .*\):\nerror: no such crate$"):
        build({"mine": broken})
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("tool", "advice"), [("cargo", r"install Rust \(https://rustup.rs\)"), ("zig", "install zig")])
def test_a_missing_build_tool_is_told_with_what_to_do(
    tool: str, advice: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    message = f"variant mine is built with {tool}, which is not there: {advice}, or leave it out with --variants"
    with pytest.raises(ShowdownError, match=message):
        build({"mine": variant("x", build=[tool, "build"])})


def test_a_program_beside_this_python_comes_first() -> None:
    folder = Path(sys.executable).parent
    assert resolved_command("mine", variant("gunicorn", "app")) == [str(folder / "gunicorn"), "app"]
    assert service_environment()["PATH"].startswith(f"{folder}:")


def test_a_path_is_one_in_the_checkout() -> None:
    assert resolved_command("mine", variant("contract/schema.sql")) == [str(CHECKOUT / "contract/schema.sql")]


@pytest.mark.parametrize("program", ["no-such-program", "rust_service/no-such-program"])
def test_a_program_that_is_not_there_is_named(program: str) -> None:
    with pytest.raises(ShowdownError, match=f"variant mine: its program {program} is not there"):
        resolved_command("mine", variant(program))


def test_a_service_inherits_nothing_but_a_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POOL_SIZE", "1")
    assert set(service_environment()) == {"PATH", "PYTHONDONTWRITEBYTECODE", "LANG"}
