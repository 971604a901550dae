"""Errors give one clear line and the right exit code."""

import signal

import psycopg
import pytest
import typer
from showdown.console import DOUBTFUL, explained, fail
from showdown_contract.errors import ShowdownError


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (ShowdownError("no such variant"), "showdown: no such variant\n"),
        (ShowdownError("port 1 is taken"), "showdown: port 1 is taken\n"),
        (psycopg.OperationalError("server closed\n"), "showdown: Postgres: server closed\n"),
        (ShowdownError("[bold] and [/]"), "showdown: [bold] and [/]\n"),
    ],
)
def test_an_error_is_a_line_and_code_1(error: Exception, line: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit) as ended, explained():
        raise error
    assert ended.value.exit_code == 1
    assert capsys.readouterr() == ("", line)


def test_another_code_can_be_asked_for() -> None:
    with pytest.raises(typer.Exit) as ended:
        fail("not to be published", DOUBTFUL)
    assert ended.value.exit_code == 3


def test_a_long_line_is_not_broken(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit):
        fail("x" * 500)
    assert capsys.readouterr().err == f"showdown: {'x' * 500}\n"


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_is_code_130(by: signal.Signals, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit) as ended, explained():
        signal.raise_signal(by)
    assert ended.value.exit_code == 130
    assert "interrupted; everything that was started has been stopped" in capsys.readouterr().err


def test_a_fault_of_our_own_is_not_hidden() -> None:
    with pytest.raises(ZeroDivisionError), explained():
        _ = 1 / 0
