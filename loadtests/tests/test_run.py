"""`showdown run` from end to end, with real services, and what an interrupted run leaves."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
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
from showdown.generators.timetable import TIMETABLE
from showdown.measure.results import SCHEMA, Run, read_run
from showdown.report.exports.document import Document
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
    assert Counter(slice_.variant for slice_ in run.slices) == {"starlette": 2, "starlette-twin": 2, "axum": 2}
    assert [(ceiling.name, ceiling.lap) for ceiling in run.ceilings] == [("pgbench", 2)]
    assert run.finished_blocks == 1
    assert run.faults == []
    assert run.command.startswith("showdown run --profile smoke")


def test_its_results_obey_the_committed_schema(finished: Finished) -> None:
    document: Any = json.loads((finished.folder / "results.json").read_bytes())
    assert list(Draft202012Validator(json.loads(SCHEMA.read_text())).iter_errors(document)) == []


def test_every_answer_was_right_and_each_took_one_statement(finished: Finished) -> None:
    for slice_ in finished.run.slices:
        assert slice_.requests > 0
        assert (slice_.errors, slice_.failures) == (0, {})
        # Where the machine is busy with other things, nobody may have had the time to count.
        if slice_.work:
            assert slice_.work.statements_per_request == pytest.approx(1, abs=0.2)
            assert slice_.work.rows_per_request == pytest.approx(1, abs=0.2)
            assert 1 <= slice_.work.peak_connections <= 20
    assert any(slice_.work for slice_ in finished.run.slices)


def test_every_tier_was_watched(finished: Finished) -> None:
    tiers = {"generator", "service", "postgres"} | ({"haproxy"} if shutil.which("haproxy", path=programs()) else set())
    for result in finished.run.slices:
        assert set(result.tiers) == tiers
        for tier in result.tiers.values():
            assert tier.cpu_us_per_request is not None
            assert tier.cpu_us_per_request > 0
            assert tier.peak_rss_mib > 0
        assert result.tiers["service"].peak_fds
        assert (result.proxy is not None) == ("haproxy" in tiers)
        if result.proxy:
            assert result.proxy.responses >= result.requests
            assert (result.proxy.server_errors, result.proxy.connection_errors) == (0, 0)


def test_people_get_a_table_a_report_and_a_chart(finished: Finished) -> None:
    report = finished.folder / "report.md"
    assert finished.process.stdout.rstrip().endswith(str(report))
    for name in ("starlette", "axum", "pgbench"):
        assert name in finished.process.stdout
        # In italics where it has no rank, as in a run of one block.
        assert f"\n| {name} " in report.read_text().replace("*", "")
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
        options = ["--dsn", empty_database, "--size", "200", "--out", tmp_path / "run"]
        process = showdown(
            "run", "--profile", "smoke", "--variants", "starlette", "--scenarios", "note-create", "--no-twin", *options,
            "--json", "--quiet",
        )  # fmt: skip
        assert process.returncode == 0, process.stdout + process.stderr
        assert process.stderr == ""
        document = Document.model_validate_json(process.stdout)
        assert [(row.variant, row.scenario) for row in document.rows] == [("starlette", "note-create")]
        assert connection.execute(count).fetchone() == before
    first, second = read_run(tmp_path / "run").slices
    for result in (first, second):
        assert result.requests > 0
        assert result.errors == 0
        assert result.work is None or result.work.statements_per_request == pytest.approx(1, abs=0.2)
        # A Postgres of somebody else's is not ours to watch.
        assert "postgres" not in result.tiers


@dataclass
class UnderWay:
    """A run that measures."""

    process: subprocess.Popen[str]
    folder: Path
    children: list[psutil.Process] = field(default_factory=list)

    def child(self, word: str) -> psutil.Process:
        """The process with this word in its command line."""
        return next(child for child in self.children if child.is_running() and word in " ".join(child.cmdline()))

    def nothing_runs(self) -> bool:
        return not any(map(running, self.children))

    def is_in(self, slice_: int) -> bool:
        """Whether the slice of that number is under way (0: the warm-up), or a later one."""
        try:
            timetable = TIMETABLE.validate_json((self.folder / "blocks" / "1-timetable.json").read_bytes())
        except OSError:
            return False
        self.children = psutil.Process(self.process.pid).children(recursive=True)
        return time.time() > timetable[slice_].counted_from


@pytest.fixture
def start_run(own_state: Path, tmp_path: Path, eventually: Eventually) -> Callable[..., Any]:
    """Starts a run and gives it back when a slice is under way."""
    assert own_state.exists()

    @contextmanager
    def start(slice_: int) -> Iterator[UnderWay]:
        folder = tmp_path / "run"
        command: list[str | Path] = [
            Path(sys.executable).parent / "showdown", "run", "--profile", "smoke", "--variants", "starlette",
            "--no-twin", "--out", folder,
        ]  # fmt: skip
        pipe = subprocess.PIPE
        with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, start_new_session=True) as process:
            under_way = UnderWay(process, folder)
            try:
                eventually(lambda: process.poll() is not None or under_way.is_in(slice_))
                assert process.poll() is None, process.communicate()
                yield under_way
            finally:
                process.kill()

    return start


def running(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def programs() -> str:
    return os.pathsep.join([os.environ["PATH"], "/usr/local/sbin", "/usr/sbin", "/sbin"])


def test_without_postgres_it_ends_and_keeps_the_laps_that_are_over(
    start_run: Callable[..., Any], own_state: Path, mentioning: Mentioning, eventually: Eventually
) -> None:
    with start_run(2) as under_way:
        under_way.child("-D").kill()
        output, errors = under_way.process.communicate()
    assert under_way.process.returncode == 1
    assert "showdown: Postgres ended in mid-run (exit code -9)." in errors
    assert "Traceback" not in errors
    run = read_run(under_way.folder)
    assert [slice_.lap for slice_ in run.slices] == [1]
    assert (run.finished_blocks, run.finished_at) == (0, None)
    assert str(under_way.folder / "report.md") in output
    assert "the run was stopped before its end" in (under_way.folder / "report.md").read_text()
    eventually(under_way.nothing_runs)
    assert mentioning(own_state) == mentioning(under_way.folder) == []


@pytest.mark.parametrize(("how", "slice_", "laps"), [(signal.SIGINT, 2, [1]), (signal.SIGTERM, 0, [])])
def test_ctrl_c_stops_everything_and_keeps_the_laps_that_are_over_and_the_run_can_be_resumed(  # noqa: PLR0917
    start_run: Callable[..., Any],
    own_state: Path,
    mentioning: Mentioning,
    showdown: Showdown,
    how: signal.Signals,
    slice_: int,
    laps: list[int],
) -> None:
    with start_run(slice_) as under_way:
        under_way.process.send_signal(how)
        output, errors = under_way.process.communicate()
    assert under_way.process.returncode == 130
    assert "showdown: interrupted; everything that was started has been stopped" in errors
    assert f"the run is not finished: go on with showdown run --resume {under_way.folder}" in errors
    assert "Traceback" not in errors
    run = read_run(under_way.folder)
    assert [slice_.lap for slice_ in run.slices] == laps
    assert (str(under_way.folder / "report.md") in output) == bool(laps)
    assert under_way.nothing_runs()
    assert mentioning(own_state) == mentioning(under_way.folder) == []

    again = showdown("run", "--resume", under_way.folder)
    assert again.returncode == 0, again.stdout + again.stderr
    whole = read_run(under_way.folder)
    assert [slice_.lap for slice_ in whole.slices] == [1, 2]
    assert whole.started_at == run.started_at
    assert whole.finished_at is not None
    finished = showdown("run", "--resume", under_way.folder)
    assert finished.stderr == (
        f"showdown: {under_way.folder} is finished, nothing is missing: showdown report {under_way.folder} shows it\n"
    )


@pytest.mark.skipif(
    sys.platform != "linux" or shutil.which("setpriv") is None, reason="needs Linux and setpriv: nothing else tells"
)
def test_no_server_outlives_a_run_that_is_killed(
    start_run: Callable[..., Any], own_state: Path, mentioning: Mentioning, eventually: Eventually
) -> None:
    with start_run(0) as under_way:
        assert len(under_way.children) >= 4
        under_way.process.kill()
        under_way.process.communicate()
    eventually(under_way.nothing_runs)
    assert mentioning(own_state) == mentioning(under_way.folder) == []
