"""A run's page is served to this machine, and follows the results."""

from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

from showdown.measure.results import Run, write_run
from showdown.report.html.live import watching


def ask(url: str, path: str, host: str | None = None, method: str = "GET") -> tuple[int, str]:
    place = urlsplit(url).netloc
    with closing(HTTPConnection(place, timeout=60)) as connection:
        connection.request(method, path, headers={"Host": host or place})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()


def test_it_waits_for_results_and_then_shows_them(run: Run, tmp_path: Path) -> None:
    with watching(tmp_path, None) as url:
        assert ask(url, "/version") == (200, "none")
        assert "Waiting for the first results." in ask(url, "/")[1]
        write_run(run, tmp_path)
        status, text = ask(url, "/")
        _, version = ask(url, "/version")
    assert status == 200
    assert f'data-version="{version}"' in text
    assert "Requests per second" in text


def test_newer_results_have_another_version(run: Run, tmp_path: Path) -> None:
    write_run(run, tmp_path)
    with watching(tmp_path, None) as url:
        _, before = ask(url, "/version")
        run.notes = ["more is known"]
        write_run(run, tmp_path)
        assert ask(url, "/version")[1] != before
        assert "more is known" in ask(url, "/")[1]


def test_results_that_cannot_be_read_are_explained(tmp_path: Path) -> None:
    (tmp_path / "results.json").write_text("{<b>")
    with watching(tmp_path, None) as url:
        status, text = ask(url, "/")
    assert status == 200
    assert "is not a result of this version of showdown" in text
    assert "<b>" not in text


def test_no_other_file_is_served(run: Run, tmp_path: Path) -> None:
    write_run(run, tmp_path)
    with watching(tmp_path, None) as url:
        for path in ("/results.json", "/../results.json", "/?x"):
            assert ask(url, path)[0] == 404
        assert ask(url, "/", method="POST")[0] == 501


def test_another_name_that_leads_here_is_refused(run: Run, tmp_path: Path) -> None:
    write_run(run, tmp_path)
    with watching(tmp_path, None) as url:
        assert ask(url, "/", host="attacker.example")[0] == 421
