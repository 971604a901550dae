"""Errors give one clear line and the right exit code."""

import signal
from io import StringIO
from pathlib import Path

import psycopg
import pytest
import typer
from rich.console import Console
from showdown import console
from showdown.console import DOUBTFUL, doing, explained, fail, notice, say_at_the_end, show_result, write
from showdown.files import write_result
from showdown.measure.capacity_results import Look
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


def test_quiet_leaves_errors_only(capsys: pytest.CaptureFixture[str]) -> None:
    with explained(quiet=True):
        notice("haproxy is missing")
        with doing("building axum") as say:
            say("still building axum")
    with pytest.raises(typer.Exit), explained(quiet=True):
        raise ShowdownError("it does not build")
    assert capsys.readouterr() == ("", "showdown: it does not build\n")
    with explained():
        notice("haproxy is missing")
    assert capsys.readouterr().err == "showdown: haproxy is missing\n"


def fail_expensively() -> None:
    say_at_the_end("the hosts cost money")
    raise ShowdownError("no such variant")


@pytest.mark.parametrize("quiet", [True, False])
def test_what_has_to_be_read_is_said_last_however_it_ends(capsys: pytest.CaptureFixture[str], *, quiet: bool) -> None:
    with explained(quiet=quiet):
        say_at_the_end("the hosts cost money")
    assert capsys.readouterr().err == "showdown: the hosts cost money\n"
    with pytest.raises(typer.Exit), explained(quiet=quiet):
        fail_expensively()
    assert capsys.readouterr().err == "showdown: no such variant\nshowdown: the hosts cost money\n"
    with explained(quiet=quiet):
        """Another command has nothing to say."""
    assert capsys.readouterr().err == ""


def test_in_a_pipe_what_is_done_is_lines_and_not_many_of_them(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with doing("looking for [the] answer") as say:
        for rate in range(100):
            say(f"at {rate} req/s")
    assert capsys.readouterr() == ("", "showdown: looking for [the] answer\nshowdown: at 0 req/s\n")
    monkeypatch.setattr(console, "LINE_SECONDS", 0.0)
    with doing() as say:
        say("one")
        say("two")
    assert capsys.readouterr().err == "showdown: one\nshowdown: two\n"


def test_in_a_terminal_it_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = StringIO()
    monkeypatch.setattr(console, "notices", Console(file=terminal, force_terminal=True, width=80))
    with doing("building [axum]") as say:
        say("building [django]")
    assert "building [django]" in terminal.getvalue()
    # The last thing that it does is to erase the line.
    assert terminal.getvalue().rstrip().endswith("\x1b[2K")


def test_what_programs_read_is_utf_8(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    write("× 1.5\n")
    assert capfdbinary.readouterr().out == "× 1.5\n".encode()


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_is_code_130(by: signal.Signals, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit) as ended, explained():
        signal.raise_signal(by)
    assert ended.value.exit_code == 130
    assert "interrupted; everything that was started has been stopped" in capsys.readouterr().err


def test_a_fault_of_our_own_is_not_hidden() -> None:
    with pytest.raises(ZeroDivisionError), explained():
        _ = 1 / 0


@pytest.mark.parametrize("as_json", [False, True])
def test_what_was_found_is_shown_and_then_where_it_is(
    as_json: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = Look(requests_per_second=1.0, p99_ms=2.0, is_kept=True)
    place = tmp_path / "found.json"
    show_result(
        found,
        lambda found, console: console.print(f"{found.p99_ms:g} ms"),
        [lambda found, folder: write_result(folder / place.name, found.model_dump_json())],
        tmp_path,
        as_json=as_json,
    )
    said = capsys.readouterr()
    if as_json:
        # A program reads it: there is nothing else.
        assert Look.model_validate_json(said.out) == found
        assert said.err == f"\n{place}\n"
    else:
        assert (said.out, said.err) == (f"2 ms\n\n{place}\n", "")
    assert place.exists()
