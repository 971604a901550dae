"""The command: what is asked for wrongly ends in one clear message, a non-zero code and no traceback."""

import os
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from local_stack.ports import LOOPBACK
from showdown.report.markdown import BEGIN, END
from showdown.results import Run, write_run

Showdown = Callable[..., subprocess.CompletedProcess[str]]


def test_list_shows_all_there_is(showdown: Showdown) -> None:
    result = showdown("list")
    assert result.returncode == 0
    lines = result.stdout.splitlines()
    assert [line for line in lines if not line.startswith(" ")] == ["variants", "scenarios", "profiles"]
    assert "  axum            Rust as well as it goes: one cached statement" in lines
    assert any(line.startswith("  recipe-detail ") for line in lines)
    assert any(line.startswith("  smoke ") for line in lines)


@pytest.mark.parametrize("command", ["list", "verify", "up", "run", "report"])
def test_every_command_explains_itself(showdown: Showdown, command: str) -> None:
    assert command in showdown("--help").stdout
    result = showdown(command, "--help")
    assert result.returncode == 0
    assert f"showdown {command}" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run", "--variants", "axun"], "there is no variant 'axun': did you mean axum? there are django-2022,"),
        (["verify", "--variants", "axun"], "there is no variant 'axun': did you mean axum?"),
        (["up", "--variant", "axun"], "there is no variant 'axun': did you mean axum?"),
        (["run", "--scenarios", "recipes"], "there is no scenario 'recipes': "),
        (["run", "--profile", "tiny"], "there is no profile 'tiny': there are smoke, quick, full"),
        (["run", "--variants", ","], "no variant is named: there are django-2022,"),
        (["run", "--out", "/proc/showdown"], "cannot write to /proc/showdown"),
        (["report", "/"], "/results.json: No such file or directory: name the folder of a run"),
    ],
)
def test_what_is_not_there_is_explained(showdown: Showdown, arguments: list[str], message: str) -> None:
    result = showdown(*arguments)
    assert result.returncode == 1
    assert result.stderr.startswith(f"showdown: {message}")
    assert result.stdout == ""
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run", "--recipes", "0"], "Invalid value for '--recipes'"),
        (["up", "--port", "70000"], "Invalid value for '--port'"),
        (["run", "--generator", "wrk"], "Invalid value for '--generator'"),
        (["run", "--fast"], "No such option: --fast"),
        (["fly"], "No such command 'fly'"),
    ],
)
def test_what_cannot_be_meant_is_a_usage_error(showdown: Showdown, arguments: list[str], message: str) -> None:
    result = showdown(*arguments, env={**os.environ, "NO_COLOR": "1", "COLUMNS": "200"})
    assert result.returncode == 2
    assert message in result.stderr
    assert "Traceback" not in result.stderr


def test_a_run_that_was_broken_off_while_it_wrote_is_no_run(showdown: Showdown, tmp_path: Path) -> None:
    (tmp_path / "results.json").write_text('{"schema_version": 1')
    result = showdown("report", tmp_path)
    assert result.returncode == 1
    assert result.stderr.startswith(f"showdown: {tmp_path}/results.json is not a result of this version of showdown")


def test_a_missing_build_tool_is_told_before_anything_starts(
    showdown: Showdown, empty_state: Path, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    result = showdown("run", "--variants", "axum", "--out", out, env={**os.environ, "PATH": str(tmp_path)})
    assert result.returncode == 1
    assert "variant axum is built with cargo, which is not there: install Rust (https://rustup.rs)" in result.stderr
    assert not list(empty_state.iterdir())


@pytest.mark.usefixtures("seeded_state")
def test_a_port_in_use_is_named(showdown: Showdown) -> None:
    with socket.create_server((LOOPBACK, 0)) as server:
        port = server.getsockname()[1]
        result = showdown("up", "--port", str(port))
    assert result.returncode == 1
    assert f"showdown: port {port} on 127.0.0.1 cannot be used (Address already in use)" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_report_is_shown_and_written_again(showdown: Showdown, run: Run, tmp_path: Path) -> None:
    write_run(run, tmp_path)
    result = showdown("report", tmp_path)
    assert result.returncode == 0, result.stderr
    assert result.stdout.rstrip().endswith(str(tmp_path / "report.md"))
    assert "pgbench" in result.stdout
    assert {path.name for path in tmp_path.iterdir()} == {"results.json", "report.md", "recipe-detail.svg"}


def test_a_report_goes_between_a_readmes_markers(showdown: Showdown, run: Run, tmp_path: Path) -> None:
    folder, readme = tmp_path / "run", tmp_path / "README.md"
    folder.mkdir()
    write_run(run, folder)
    readme.write_text("no markers\n")
    result = showdown("report", folder, "--readme", readme)
    assert result.returncode == 1
    assert f"showdown: {readme} has no lines {BEGIN} and {END}" in result.stderr

    readme.write_text(f"{BEGIN}\n{END}\n")
    assert showdown("report", folder, "--readme", readme).returncode == 0
    assert "| pgbench" in readme.read_text()


@pytest.mark.usefixtures("seeded_state")
def test_verify_says_of_each_variant_that_it_obeys(showdown: Showdown) -> None:
    result = showdown("verify", "--variants", "starlette,django")
    assert result.returncode == 0, result.stdout + result.stderr
    assert result.stdout.splitlines() == [
        f"{name:<16}every golden case is byte-identical" for name in ("starlette", "django")
    ]
