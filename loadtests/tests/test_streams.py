"""What a terminal gets, and what a pipe: colours only where they are wanted, and results apart from the rest."""

import fcntl
import json
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
import typer
from hostile import HEALTHY, says, serving
from jsonschema import Draft202012Validator
from made_up_runs import made_up_run
from showdown import verification
from showdown.cli import app
from showdown.contract.contract import load_contract
from showdown.measure.results import FILE, write_run
from showdown.report.exports.comparison import ComparedRuns
from showdown.report.exports.document import json_schema
from showdown.report.exports.forms import EXPORTS, ExportName
from showdown.report.listing import Listing
from showdown.report.prices import load_prices
from showdown.report.summary import summarize
from showdown.verification import Verification, verify_url
from typer.testing import CliRunner, Result

Showdown = Callable[..., subprocess.CompletedProcess[str]]
CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
SHOWDOWN = Path(sys.executable).parent / "showdown"
# Foreground and background, of any kind. Bold and dim are no colours.
COLOUR = re.compile(r"\x1b\[(?:[0-9;]*;)?(?:3[0-8]|4[0-8]|9[0-7]|10[0-7])[0-9;]*m")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run's."""
    folder = tmp_path_factory.mktemp("run")
    run = made_up_run({"slow": 1000.0, "fast": 2000.0})
    run.machine.swapped_mib = 1000.0
    write_run(run, folder)
    return folder


def in_terminal(*arguments: str | Path, columns: int = 100, **environment: str) -> str:
    """What a terminal of that width is sent, by a command that succeeds or fails."""
    ours, its = pty.openpty()
    fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    variables = {
        name: value for name, value in os.environ.items() if name not in {"NO_COLOR", "COLUMNS", "FORCE_COLOR"}
    }
    with subprocess.Popen(
        [SHOWDOWN, *arguments],
        stdin=its,
        stdout=its,
        stderr=its,
        env={**variables, "TERM": "xterm-256color", **environment},
    ) as process:
        os.close(its)
        said = b""
        # The end of a terminal is an error on Linux.
        with suppress(OSError):
            while more := os.read(ours, 65536):
                said += more
        process.wait()
    os.close(ours)
    return said.decode()


def test_a_table_without_colours_is_no_wider_than_the_terminal(folder: Path) -> None:
    said = in_terminal("report", folder, columns=80, NO_COLOR="1")
    assert not COLOUR.search(said)
    text = CONTROL.sub("", said)
    assert "fast" in text
    assert max(len(line) for line in text.splitlines() if not line.startswith("/")) <= 80


@pytest.mark.parametrize("arguments", [["--help"], ["run", "--variants", "axun"]])
def test_no_color_is_obeyed_by_help_and_errors(arguments: list[str]) -> None:
    assert not COLOUR.search(in_terminal(*arguments, NO_COLOR="1"))


def test_without_it_an_error_is_red() -> None:
    assert COLOUR.search(in_terminal("run", "--variants", "axun"))


def test_a_dumb_terminal_is_like_a_pipe(folder: Path) -> None:
    assert "\x1b" not in in_terminal("report", folder, TERM="dumb")


def test_a_pipe_gets_nothing_but_text_and_an_export_is_utf_8_whatever_the_encoding(
    showdown: Showdown, folder: Path
) -> None:
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    result = showdown("report", folder, "--export", "markdown", env=environment, encoding="utf-8")
    assert "× baseline" in result.stdout
    assert "\x1b" not in result.stdout + result.stderr


def call(*arguments: str | Path) -> Result:
    """In this process, which is faster."""
    return CliRunner().invoke(app, [str(each) for each in arguments])


def test_a_report_as_json_is_one_document_and_the_rest_is_on_stderr(folder: Path) -> None:
    result = call("report", folder, "--json")
    assert result.exit_code == 0
    assert list(Draft202012Validator(json_schema()).iter_errors(json.loads(result.stdout))) == []
    assert result.stderr.split() == [str(folder / name) for name in ("report.html", "report.md")]


def test_with_strict_the_document_is_still_whole(folder: Path) -> None:
    result = call("report", folder, "--json", "--strict")
    assert result.exit_code == 3
    assert json.loads(result.stdout)["verdicts"][0]["label"] == "swap"


@pytest.mark.parametrize("name", EXPORTS)
def test_an_export_is_all_that_is_written(tmp_path: Path, name: ExportName) -> None:
    run = made_up_run({"slow": 1000.0, "fast": 2000.0})
    write_run(run, tmp_path)
    result = call("report", tmp_path, "--export", name)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == EXPORTS[name](summarize(run, load_prices()))
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--json", "--wide"], "--json does not go with --wide: leave it out"),
        (["--export", "csv", "--json"], "--export csv does not go with --json: leave it out"),
        (["--export", "csv", "--readme", "x"], "--export csv does not go with --readme: leave it out"),
    ],
)
def test_two_forms_at_once_are_refused(folder: Path, arguments: list[str], message: str) -> None:
    result = call("report", folder, *arguments)
    assert (result.exit_code, result.stdout, result.stderr) == (1, "", f"showdown: {message}\n")


def test_a_comparison_as_json_is_one_document(folder: Path) -> None:
    result = call("compare", folder, folder, "--json", "--fail-if-worse")
    assert (result.exit_code, result.stderr) == (0, "")
    compared = ComparedRuns.model_validate_json(result.stdout)
    assert {one.ratio.value for one in compared.differences} == {1.0}


def test_a_list_as_json_is_one_document() -> None:
    result = call("list", "--json")
    assert (result.exit_code, result.stderr) == (0, "")
    assert Listing.model_validate_json(result.stdout).profiles["smoke"].blocks == 1


def test_a_cost_as_json_is_one_document(stand_in: Callable[[str, str], None]) -> None:
    item = {"name": "service", "count": 3, "size": "s-2vcpu-4gb-intel", "usd_per_month": 84}
    cost = json.dumps(json.dumps({"items": [item], "usd_per_month": 84, "usd_per_hour": 0.125}))
    stand_in("terraform", f"echo '{cost}'")
    result = call("cloud-cost", "--json")
    assert (result.exit_code, result.stderr) == (0, "")
    assert json.loads(result.stdout)["items"][0]["count"] == 3


def test_of_a_failure_stdout_has_nothing(tmp_path: Path) -> None:
    result = call("report", tmp_path, "--json")
    assert (result.exit_code, result.stdout) == (1, "")


def test_what_verify_finds_is_one_document(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(verification, "differences", lambda *_: ["GET /x: another body"])
    contract = load_contract()
    with serving(says(HEALTHY)) as url, pytest.raises(typer.Exit) as ended:
        verify_url(contract, url, 10, as_json=True)
    said = capsys.readouterr()
    assert ended.value.exit_code == 1
    (one,) = Verification.model_validate_json(said.out).services
    assert (one.service, one.faults, one.reason) == (url, ["GET /x: another body"], None)
    assert said.err == f"showdown: {url} breaks the contract recipes\n"
