"""The command as a whole."""

import pytest
import typer
from bench import __main__ as command
from bench import check, contenders


def test_unequal_output_ends_it_before_anything_is_timed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(check, "records", lambda count: [None] * count)
    monkeypatch.setattr(contenders, "CONTENDERS", {"right": lambda _: b"[]", "wrong": lambda _: b"{}"})
    monkeypatch.setattr(command, "measure", lambda *_: pytest.fail("it was timed"))
    with pytest.raises(typer.Exit) as ended:
        command.main(quick=True)
    assert ended.value.exit_code == 1
    assert "wrong gives b'{}' where right gives b'[]'; nothing was timed" in capsys.readouterr().err


def test_without_a_database_it_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    with pytest.raises(typer.Exit) as ended:
        command.main()
    assert ended.value.exit_code == 1
    assert "DATABASE_URL is not set: run this after `showdown up --database-only --`" in capsys.readouterr().err
