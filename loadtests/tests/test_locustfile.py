"""The locustfile works with plain Locust, in one process or more, and finds wrong answers."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hostile import BEHAVIOURS, serving
from servers import Handler, running_server
from showdown.generators.latencies import decoded
from showdown.generators.locust import LOCUSTFILE
from showdown.generators.measurement import Counted, LoadSummary
from showdown_contract import people
from showdown_contract.seed import undo_writes
from showdown_stack.health import Health
from showdown_stack.ports import free_port
from showdown_stack.tiers import Tiers

USERS = 5
Eventually = Callable[[Callable[[], object]], None]


@dataclass
class WrongService:
    """A service that answers everything with 200 and an empty object, and records its requests."""

    url: str = ""
    asked: list[tuple[str, str]] = field(default_factory=list)
    """Path and cookie."""


@contextmanager
def running_wrong_service() -> Iterator[WrongService]:
    service = WrongService()

    class Wrong(Handler):
        def respond(self) -> None:
            service.asked.append((self.path, self.headers["Cookie"]))
            self.answer(b"{}")

    with running_server(Wrong) as service.url:
        yield service


def command(url: str, users: int, *options: str | Path) -> list[str | Path]:
    load = ["-H", url, "-u", str(users), "-r", str(users)]
    return [sys.executable, "-m", "locust", "-f", LOCUSTFILE, "--headless", *load, *options]


def locust(url: str, *options: str | Path, seconds: float = 2) -> subprocess.CompletedProcess[str]:
    timed = command(url, USERS, "-t", f"{seconds}s", *options)
    return subprocess.run(timed, capture_output=True, text=True, check=False)


def first_asked(service: WrongService, eventually: Eventually, seed: str) -> list[tuple[str, str]]:
    """The first requests of a single user."""
    service.asked.clear()
    options = ("--size", "50", "--seed", seed, "--scenario", "mixed", "--only-summary")
    with subprocess.Popen(
        command(service.url, 1, *options), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as one:
        eventually(lambda: len(service.asked) >= 20)
        one.terminate()
    return service.asked[:20]


def summary(path: Path) -> Counted:
    (counted,) = LoadSummary.model_validate_json(path.read_bytes()).entries
    return counted


@pytest.mark.parametrize(("scenario", "processes"), [("healthz", ()), ("mixed", ()), ("mixed", ("--processes", "2"))])
def test_a_right_service_has_no_failures(
    starlette: Tiers, tmp_path: Path, scenario: str, processes: tuple[str, ...]
) -> None:
    assert starlette.haproxy is not None, "haproxy counts what Locust sends: install it"
    # Remove what other tests have written.
    undo_writes(starlette.postgres.owner_dsn)
    before = starlette.haproxy.totals().responses
    port = str(free_port())
    # Ports of its own, because other tests also run several processes.
    ports = ("--master-bind-port", port, "--master-port", port) if processes else ()
    options = (*processes, *ports, "--scenario", scenario, "--summary", tmp_path / "summary.json")
    # The run time includes the start of the workers, which is slow on a busy machine.
    result = locust(starlette.url, *options, seconds=8 if processes else 2)
    assert result.returncode == 0, result.stdout + result.stderr
    counted = starlette.haproxy.totals().responses - before
    seen = summary(tmp_path / "summary.json")
    assert (seen.errors, seen.failures) == (0, {})
    assert seen.requests > 0
    assert seen.measured_seconds > 0
    # At the end, each user of any process may have been stopped between a request and its count.
    assert counted - USERS <= seen.total_requests <= counted
    assert (undo_writes(starlette.postgres.owner_dsn) > 0) == (scenario == "mixed")


def test_where_the_look_up_is_random_any_recipe_of_the_users_is_right(starlette: Tiers, tmp_path: Path) -> None:
    options = ("--scenario", "recipe-detail", "--lookup", "random", "--summary", tmp_path / "summary.json")
    result = locust(starlette.url, *options)
    assert result.returncode == 0, result.stdout + result.stderr
    seen = summary(tmp_path / "summary.json")
    assert seen.requests > 0
    assert seen.failures == {}


def test_the_warm_up_does_not_count(starlette: Tiers, tmp_path: Path) -> None:
    options = ("--scenario", "healthz", "--warm-up", "0.5", "--measure", "1", "--summary", tmp_path / "summary.json")
    result = locust(starlette.url, *options, seconds=4)
    assert result.returncode == 0, result.stdout + result.stderr
    seen = summary(tmp_path / "summary.json")
    assert seen.measured_seconds == pytest.approx(1)
    assert 0 < seen.requests < seen.total_requests


@pytest.mark.parametrize("processes", [(), ("--processes", "2")])
def test_at_a_rate_requests_are_sent_when_they_are_due(
    starlette: Tiers, tmp_path: Path, processes: tuple[str, ...]
) -> None:
    port = str(free_port())
    ports = ("--master-bind-port", port, "--master-port", port) if processes else ()
    timed = ("--rate", "50", "--arrivals", "constant", "--warm-up", "1", "--measure", "2")
    file = tmp_path / "summary.json"
    result = locust(starlette.url, *processes, *ports, *timed, "--scenario", "healthz", "--summary", file, seconds=6)
    assert result.returncode == 0, result.stdout + result.stderr
    seen = summary(file)
    assert seen.arrivals is not None
    # The first of each process is due when that one starts.
    assert seen.arrivals.due == pytest.approx(100, abs=2)
    assert seen.requests == seen.arrivals.sent == seen.arrivals.due
    assert (seen.errors, seen.arrivals.unsent, seen.arrivals.unanswered) == (0, 0, 0)


def test_at_a_rate_a_frozen_service_is_seen_by_all_who_would_have_asked(tmp_path: Path) -> None:
    file = tmp_path / "summary.json"
    environment = {**os.environ, "HOST": "127.0.0.1", "PORT": str(port := free_port())}
    url = f"http://127.0.0.1:{port}"
    null = [sys.executable, "-m", "showdown.generators.null_service", "50", "by-id"]
    with subprocess.Popen(null, env=environment) as service:
        try:
            health = Health(url, "/healthz")
            while not health.ready():
                time.sleep(0.1)
            rated = command(url, USERS, "-t", "9s", "--scenario", "healthz", "--size", "50", "--rate", "100")
            with subprocess.Popen([*rated, "--summary", file], stderr=subprocess.PIPE, text=True) as loading:
                assert loading.stderr is not None
                assert any("All users spawned" in line for line in loading.stderr)
                time.sleep(2)
                service.send_signal(signal.SIGSTOP)
                time.sleep(2)
                service.send_signal(signal.SIGCONT)
                _, said = loading.communicate()
        finally:
            service.terminate()
    seen = summary(file)
    assert seen.arrivals is not None
    assert seen.arrivals.waited >= 2 * 100 - USERS - 5
    histogram = decoded(seen.histogram)
    # Of about 900 requests some 200 were due while it was frozen.
    assert histogram.get_value_at_percentile(99) >= 1_500_000
    assert "had to wait for a free user" in said


def test_preparing_a_large_number_of_answers_takes_nothing_of_the_run_time(starlette: Tiers, tmp_path: Path) -> None:
    # 20,000 documents take seconds to make, on any machine.
    options = ("--scenario", "healthz", "--size", "20000", "--summary", tmp_path / "summary.json")
    result = locust(starlette.url, *options, seconds=4)
    assert result.returncode == 0, result.stdout + result.stderr
    assert summary(tmp_path / "summary.json").measured_seconds > 3


@dataclass(frozen=True)
class WrongRun:
    exit_code: int
    asked: list[tuple[str, str]]
    seen: Counted


@pytest.fixture(scope="module", params=["healthz", "mixed"])
def wrong_run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> WrongRun:
    """Locust's result for a service whose answers are all wrong."""
    file = tmp_path_factory.mktemp("wrong") / "summary.json"
    with running_wrong_service() as service:
        result = locust(service.url, "--scenario", request.param, "--size", "50", "--summary", file)
    return WrongRun(result.returncode, service.asked, summary(file))


def test_every_wrong_answer_is_a_failure(wrong_run: WrongRun) -> None:
    kinds = {path.split("?")[0].rpartition("/")[2] for path, _ in wrong_run.asked}
    # 200 is the wrong status for a new note.
    assert set(wrong_run.seen.failures) == ({"wrong body", "status 200"} if "notes" in kinds else {"wrong body"})
    assert wrong_run.seen.errors == wrong_run.seen.requests > 0
    assert wrong_run.seen.requests_per_second == 0
    assert wrong_run.exit_code == 1


@pytest.mark.parametrize(
    ("behaviour", "failure"),
    [
        ("garbage", "no answer: Expected HTTP/, RTSP/ or ICE/"),
        ("not-utf-8", "status 500"),
        ("bad-encoding", "wrong body"),
        ("elsewhere", "status 302"),
        ("endless-body", "no whole answer: an answer of more than 1048576 bytes"),
        ("endless-headers", "no answer: an answer of more than 1048576 bytes"),
        ("endless-header", "no answer: an answer of more than 1048576 bytes"),
    ],
)
def test_an_answer_that_breaks_clients_is_a_failure_like_others(tmp_path: Path, behaviour: str, failure: str) -> None:
    with serving(BEHAVIOURS[behaviour]) as url:
        locust(url, "--scenario", "healthz", "--size", "50", "--summary", tmp_path / "summary.json")
    seen = summary(tmp_path / "summary.json")
    assert failure in seen.failures
    assert seen.errors == seen.requests == seen.total_requests > 0


@pytest.mark.parametrize("behaviour", ["dripping-body", "dripping-headers", "silent"])
def test_answers_that_never_end_do_not_keep_it_from_its_end(tmp_path: Path, behaviour: str) -> None:
    with serving(BEHAVIOURS[behaviour]) as url:
        locust(url, "--scenario", "healthz", "--size", "50", "--summary", tmp_path / "summary.json")
    assert summary(tmp_path / "summary.json").requests == 0


def test_many_users_read_and_write_many_recipes_but_never_the_same(wrong_run: WrongRun) -> None:
    recipes = [path.split("/")[4:] for path, _ in wrong_run.asked if path.startswith("/api/v1/recipes/")]
    read = {int(rest[0]) - people.FIRST_ID for rest in recipes if len(rest) == 1}
    written = {int(rest[0]) - people.FIRST_ID for rest in recipes if rest[1:] == ["notes"]}
    if not recipes:
        assert {path for path, _ in wrong_run.asked} == {"/healthz"}
        return
    assert len(read) > 10
    assert len({cookie for _, cookie in wrong_run.asked}) > 10
    assert written
    assert all(map(people.is_written, written))
    assert not any(map(people.is_written, read))


def test_the_same_is_asked_for_the_same_seed(eventually: Eventually) -> None:
    with running_wrong_service() as service:
        first, again, other = (first_asked(service, eventually, seed) for seed in ("1", "1", "2"))
    assert first == again
    assert first != other


def test_an_unknown_scenario_is_refused() -> None:
    result = locust("http://127.0.0.1:1", "--scenario", "mixd")
    assert result.returncode == 2
    assert "invalid choice: 'mixd' (choose from 'healthz', 'recipe-detail'" in result.stderr


@pytest.mark.parametrize("processes", [(), ("--processes", "2")])
@pytest.mark.parametrize("host", ["nonsense", "ftp://127.0.0.1", "http://"])
def test_a_host_that_is_no_address_is_told_in_a_line(host: str, processes: tuple[str, ...]) -> None:
    result = locust(host, "--scenario", "healthz", "--size", "50", *processes)
    assert result.returncode == 2
    *_, last = result.stderr.splitlines()
    assert last.endswith(f"error: argument -H/--host: {host!r} is no address of a server: say http://HOST:PORT")
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("processes", [(), ("--processes", "2")])
def test_without_a_host_nothing_starts(processes: tuple[str, ...]) -> None:
    asked: list[str | Path] = [sys.executable, "-m", "locust", "-f", LOCUSTFILE, "--headless", "-t", "2s", *processes]
    result = subprocess.run(asked, capture_output=True, text=True, check=False)
    assert result.returncode == 2
    assert result.stderr.endswith("error: the following arguments are required: -H/--host\n")


# Whose code breaks now and then.
BREAKING = """
from locustfile import *
from showdown.requests.kind import Kind

def right(body):
    raise KeyError("no such dish")

healthz = chosen.kinds["healthz"]
def drawn(random, seeded):
    if random.random() < 0.1:
        raise ValueError("no number")
    return healthz.of_any_user(random, seeded)._replace(right=right)

object.__setattr__(chosen, "kinds", {**chosen.kinds, "healthz": Kind("healthz", drawn, healthz.of_one_user)})
"""


def test_what_breaks_in_a_user_is_an_error_and_logged_once(starlette: Tiers, tmp_path: Path) -> None:
    breaking, file = tmp_path / "breaking.py", tmp_path / "summary.json"
    breaking.write_text(BREAKING)
    asked = command(starlette.url, USERS, "-t", "2s", "--scenario", "healthz", "--size", "50", "--summary", file)
    # Instead of the locustfile, which it imports.
    asked[asked.index(LOCUSTFILE)] = breaking
    environment = {**os.environ, "PYTHONPATH": str(LOCUSTFILE.parent)}
    result = subprocess.run(asked, capture_output=True, text=True, check=False, env=environment)
    seen = summary(file)
    assert set(seen.failures) == {"KeyError: 'no such dish'", "ValueError: no number"}
    assert seen.errors == seen.requests > 100
    assert result.returncode == 1
    assert result.stderr.count("Traceback") == 2


def test_a_contract_that_is_not_there_is_told_in_a_line() -> None:
    result = locust("http://127.0.0.1:1", "--contract", "/nowhere")
    assert result.returncode == 1
    assert "locust: /nowhere/contract.toml: No such file or directory" in result.stderr
    assert "Traceback" not in result.stderr
