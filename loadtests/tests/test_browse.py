"""`showdown report --open` and `--watch`: a browser is asked for, and Ctrl-C ends the server."""

import signal
import subprocess
import sys
import webbrowser
from pathlib import Path
from urllib.request import ProxyHandler, build_opener

import pytest
from showdown.browse import follow, open_page
from showdown.cli import app
from showdown.measure.results import Run, write_run
from showdown_contract.errors import ShowdownError
from typer.testing import CliRunner


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What a browser was asked to show."""
    urls: list[str] = []

    def note(url: str) -> bool:
        urls.append(url)
        return True

    monkeypatch.setattr(webbrowser, "open", note)
    return urls


def test_the_page_is_opened_after_it_is_written(opened: list[str], run: Run, tmp_path: Path) -> None:
    write_run(run, tmp_path)
    result = CliRunner().invoke(app, ["report", str(tmp_path), "--open"])
    assert result.exit_code == 0
    assert opened == [(tmp_path / "report.html").as_uri()]
    assert (tmp_path / "report.html").exists()


def test_where_no_browser_is_the_page_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(webbrowser, "open", lambda _: False)
    open_page("file:///a")
    assert "no browser was found: open file:///a yourself" in " ".join(capsys.readouterr().err.split())


def test_a_comparison_is_opened_where_it_was_written(opened: list[str], run: Run, tmp_path: Path) -> None:
    write_run(run, tmp_path)
    both, page = [str(tmp_path), str(tmp_path)], tmp_path / "comparison.html"
    refused = CliRunner().invoke(app, ["compare", *both, "--open"])
    assert refused.exit_code == 1
    assert "say where to write it with --html" in refused.output
    assert CliRunner().invoke(app, ["compare", *both, "--open", "--html", str(page)]).exit_code == 0
    assert opened == [page.as_uri()]
    assert page.exists()


def test_a_run_is_followed_until_ctrl_c(run: Run, tmp_path: Path) -> None:
    write_run(run, tmp_path)
    program = str(Path(sys.executable).parent / "showdown")
    command, pipe = [program, "report", str(tmp_path), "--watch"], subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, env={"PYTHONUNBUFFERED": "1"}) as process:
        try:
            assert process.stdout
            url, _, told = process.stdout.readline().partition(" ")
            assert told == f"follows {tmp_path}. Ctrl-C ends it.\n"
            with build_opener(ProxyHandler({})).open(f"{url}version", timeout=60) as answer:
                assert answer.read() != b"none"
            process.send_signal(signal.SIGINT)
            _, errors = process.communicate(timeout=60)
        finally:
            process.kill()
    assert process.returncode == 130
    assert "Traceback" not in errors
    # It only reads.
    assert {path.name for path in tmp_path.iterdir()} == {"results.json"}


def test_what_only_a_terminal_shows_does_not_go_with_it(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["report", str(tmp_path), "--watch", "--wide", "--strict"])
    assert result.exit_code == 1
    assert "--watch does not go with --wide, --strict: leave it out" in result.output


def test_what_is_no_folder_is_refused(opened: list[str], tmp_path: Path) -> None:
    with pytest.raises(ShowdownError, match=r"/none is no folder: name the folder of a run"):
        follow(tmp_path / "none", None, opened=True)
    assert opened == []
