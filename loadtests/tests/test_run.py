"""`showdown run` from end to end, with real services, and what an interrupted run leaves."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import psutil
import psycopg
import pytest
from jsonschema import Draft202012Validator
from showdown.measure.results import SCHEMA, Run, read_run
from showdown_contract.seed import seed

Showdown = Callable[..., subprocess.CompletedProcess[str]]
Eventually = Callable[[Callable[[], object]], None]
Mentioning = Callable[[Path], list[str]]


@dataclass(frozen=True)
class Finished:
    """A finished run."""

    folder: Path
    process: subprocess.CompletedProcess[str]

    @property
    def run(self) -> Run:
        return read_run(self.folder)


@pytest.fixture(scope="module")
def finished(showdown: Showdown, seeded_state: Path, tmp_path_factory: pytest.TempPathFactory) -> Finished:
    assert seeded_state.exists()
    folder = tmp_path_factory.mktemp("finished") / "run"
    process = showdown("run", "--profile", "smoke", "--variants", "starlette,axum", "--out", folder)
    assert process.returncode == 0, process.stdout + process.stderr
    return Finished(folder, process)


def test_a_run_is_complete(finished: Finished) -> None:
    run = finished.run
    assert run.finished_at is not None
    assert sorted(result.variant for result in run.results) == ["axum", "starlette"]
    assert [ceiling.name for ceiling in run.ceilings] == ["pgbench"]
    assert run.faults == []
    assert run.command.startswith("showdown run --profile smoke")


def test_its_results_obey_the_committed_schema(finished: Finished) -> None:
    document: Any = json.loads((finished.folder / "results.json").read_bytes())
    assert list(Draft202012Validator(json.loads(SCHEMA.read_text())).iter_errors(document)) == []


def test_every_answer_was_right_and_each_took_one_statement_over_as_many_connections(finished: Finished) -> None:
    for result in finished.run.results:
        assert result.requests > 0
        assert (result.errors, result.failures) == (0, {})
        assert result.work is not None
        # Requests in flight at the end have had their statement but were not counted.
        assert 1 <= result.work.statements_per_request < 1.2
        assert 1 <= result.work.rows_per_request < 1.2
        assert result.work.peak_connections == 20


def test_every_tier_was_watched(finished: Finished) -> None:
    tiers = {"generator", "service", "postgres"} | ({"haproxy"} if shutil.which("haproxy", path=programs()) else set())
    for result in finished.run.results:
        assert set(result.tiers) == tiers
        for tier in result.tiers.values():
            assert tier.cpu_us_per_request is not None
            assert tier.cpu_us_per_request > 0
            assert tier.peak_rss_mib > 0
            assert tier.peak_fds
        assert (result.proxy is not None) == ("haproxy" in tiers)
        if result.proxy:
            assert result.proxy.responses >= result.requests
            assert (result.proxy.server_errors, result.proxy.connection_errors) == (0, 0)


def test_people_get_a_table_a_report_and_a_chart(finished: Finished) -> None:
    report = finished.folder / "report.md"
    assert finished.process.stdout.rstrip().endswith(str(report))
    for name in ("starlette", "axum", "pgbench"):
        assert name in finished.process.stdout
        assert f"\n| {name} " in report.read_text()
    assert ET.parse(finished.folder / "recipe-detail.svg").getroot().tag.endswith("svg")  # noqa: S314 - our own
    assert {path.name for path in (finished.folder / "logs").iterdir()} >= {"postgres.log", "starlette.log", "axum.log"}


def test_nothing_is_left_of_it(finished: Finished, seeded_state: Path, mentioning: Mentioning) -> None:
    assert mentioning(seeded_state) == []
    assert mentioning(finished.folder) == []


def test_a_folder_with_results_is_not_written_to(finished: Finished, showdown: Showdown) -> None:
    before = (finished.folder / "results.json").read_bytes()
    again = showdown("run", "--profile", "smoke", "--variants", "starlette", "--out", finished.folder)
    assert again.returncode == 1
    assert f"showdown: {finished.folder} is not empty" in again.stderr
    assert (finished.folder / "results.json").read_bytes() == before


@pytest.mark.usefixtures("seeded_state")
def test_what_was_written_is_undone_even_in_the_users_own_database(
    showdown: Showdown, empty_database: str, tmp_path: Path
) -> None:
    seed(empty_database, 200)
    with psycopg.connect(empty_database, autocommit=True) as connection:
        connection.execute("CREATE EXTENSION pg_stat_statements")
        count = "SELECT count(*), max(id), (SELECT last_value FROM notes_id_seq) FROM notes"
        before = connection.execute(count).fetchone()
        options = ["--dsn", empty_database, "--recipes", "200", "--out", tmp_path / "run"]
        process = showdown(
            "run", "--profile", "smoke", "--variants", "starlette", "--scenarios", "note-create", *options
        )
        assert process.returncode == 0, process.stdout + process.stderr
        assert connection.execute(count).fetchone() == before
    (result,) = read_run(tmp_path / "run").results
    assert result.requests > 0
    assert result.errors == 0
    assert result.work is not None
    assert 1 <= result.work.statements_per_request < 1.2
    # The user's own Postgres is not watched.
    assert "postgres" not in result.tiers


@dataclass
class UnderWay:
    """A run that is measuring its second turn."""

    process: subprocess.Popen[str]
    folder: Path
    children: list[psutil.Process] = field(default_factory=list)

    def child(self, word: str) -> psutil.Process:
        """The process with this word in its command line."""
        return next(child for child in self.children if child.is_running() and word in " ".join(child.cmdline()))

    def nothing_runs(self) -> bool:
        return not any(map(running, self.children))


@pytest.fixture
def start_run(own_state: Path, tmp_path: Path, eventually: Eventually) -> Callable[..., Any]:
    """Starts a run and returns it when this many turns are over and the load of the next is running."""
    assert own_state.exists()

    @contextmanager
    def start(turns_over: int) -> Iterator[UnderWay]:
        folder = tmp_path / "run"
        command: list[str | Path] = [
            Path(sys.executable).parent / "showdown", "run", "--profile", "smoke", "--variants", "starlette",
            "--scenarios", "recipe-detail,healthz", "--out", folder,
        ]  # fmt: skip
        pipe = subprocess.PIPE
        with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, start_new_session=True) as process:
            under_way = UnderWay(process, folder)
            try:
                eventually(lambda: process.poll() is not None or is_loading(under_way, turns_over))
                assert process.poll() is None, process.communicate()
                yield under_way
            finally:
                process.kill()

    return start


def is_loading(under_way: UnderWay, turns_over: int) -> bool:
    try:
        over = len(read_run(under_way.folder).results) + len(read_run(under_way.folder).ceilings)
    except Exception:  # noqa: BLE001 - nothing is written yet
        over = 0
    if over < turns_over:
        return False
    under_way.children = psutil.Process(under_way.process.pid).children(recursive=True)
    return any(running(child) and {"locust", "--no-vacuum"} & set(child.cmdline()) for child in under_way.children)


def running(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def programs() -> str:
    return os.pathsep.join([os.environ["PATH"], "/usr/local/sbin", "/usr/sbin", "/sbin"])


def test_without_postgres_it_ends_and_keeps_the_rounds_that_are_over(
    start_run: Callable[..., Any], own_state: Path, mentioning: Mentioning, eventually: Eventually
) -> None:
    with start_run(turns_over=1) as under_way:
        under_way.child("-D").kill()
        output, errors = under_way.process.communicate()
    assert under_way.process.returncode == 1
    assert "showdown: Postgres ended in mid-run (exit code -9)." in errors
    assert "Traceback" not in errors
    run = read_run(under_way.folder)
    assert len(run.results) + len(run.ceilings) == 1
    assert run.finished_at is None
    assert str(under_way.folder / "report.md") in output
    assert "the run was stopped before its end" in (under_way.folder / "report.md").read_text()
    eventually(under_way.nothing_runs)
    assert mentioning(own_state) == mentioning(under_way.folder) == []


def test_ctrl_c_stops_everything_and_keeps_the_rounds_that_are_over(
    start_run: Callable[..., Any], own_state: Path, mentioning: Mentioning
) -> None:
    with start_run(turns_over=1) as under_way:
        under_way.process.send_signal(signal.SIGINT)
        output, errors = under_way.process.communicate()
    assert under_way.process.returncode == 130
    assert "showdown: interrupted; everything that was started has been stopped" in errors
    assert "Traceback" not in errors
    run = read_run(under_way.folder)
    assert len(run.results) + len(run.ceilings) == 1
    assert str(under_way.folder / "report.md") in output
    assert under_way.nothing_runs()
    assert mentioning(own_state) == mentioning(under_way.folder) == []


@pytest.mark.skipif(
    sys.platform != "linux" or shutil.which("setpriv") is None, reason="needs Linux and setpriv: nothing else tells"
)
def test_no_server_outlives_a_run_that_is_killed(
    start_run: Callable[..., Any], own_state: Path, mentioning: Mentioning, eventually: Eventually
) -> None:
    with start_run(turns_over=0) as under_way:
        assert len(under_way.children) >= 4
        under_way.process.kill()
        under_way.process.communicate()
    eventually(under_way.nothing_runs)
    assert mentioning(own_state) == mentioning(under_way.folder) == []
