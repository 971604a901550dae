"""oha loads a real service, and its summary is converted to a LoadSummary."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from servers import Handler, running_server
from showdown.contract.contract import load_contract
from showdown.generators import oha as oha_generator
from showdown.generators.latencies import decoded, percentile_ms
from showdown.generators.load import Load, Loading
from showdown.generators.measurement import LoadSummary
from showdown.generators.oha import OhaGenerator, counted, find_oha
from showdown.generators.timetable import Entry
from showdown_contract.errors import ShowdownError
from showdown_stack.tiers import Tiers

KINDS, SCENARIOS = load_contract().kinds, load_contract().scenarios.scenarios


@pytest.fixture
def oha() -> OhaGenerator:
    try:
        return find_oha(KINDS)
    except ShowdownError as error:
        pytest.skip(str(error))


@pytest.fixture
def wrong_url() -> Iterator[str]:
    """A service that answers every request with an empty object."""

    class Wrong(Handler):
        def respond(self) -> None:
            self.answer(b"{}")

    with running_server(Wrong) as url:
        yield url


def a_load(scenario: str, files: Path) -> Load:
    return Load({scenario: SCENARIOS[scenario]}, 4, size=2_000, files=files)


def entries(url: str, scenario: str, number: int = 1) -> list[Entry]:
    now = time.time() + 0.1
    starts = [now + 2 * index for index in range(number)]
    return [Entry(start, start, start + 1, start + 1, start + 1.5, url, scenario, 4, "seed") for start in starts]


def gone_through(loading: Loading, timetable: list[Entry]) -> LoadSummary:
    """What it saw of a timetable, asked as a run does."""
    with loading:
        loading.wait_until_ready()
        loading.follow(timetable)
        for index, entry in enumerate(timetable):
            loading.begin(index)
            assert loading.process is not None
            while time.time() < entry.left_at:
                loading.check()
                time.sleep(0.05)
        return loading.summary()


@pytest.mark.parametrize("scenario", ["healthz", "recipe-detail", "recipe-list", "note-create"])
def test_it_loads_a_service(starlette: Tiers, oha: OhaGenerator, tmp_path: Path, scenario: str) -> None:
    loading = oha.start(a_load(scenario, tmp_path / "block"))
    seen = gone_through(loading, entries(starlette.url, scenario, number=2)).entries
    assert len(seen) == 2
    for each in seen:
        assert each.requests > 0
        assert (each.errors, each.failures) == (0, {})
        assert each.measured_seconds >= 1
        assert decoded(each.histogram).total_count == each.requests
    assert set(oha.versions()) == {"oha"}


def test_wrong_bodies_are_found_by_samples(
    oha: OhaGenerator, wrong_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(oha_generator, "CHECK_SECONDS", 0)
    loading = oha.start(a_load("recipe-detail", tmp_path / "block"))
    (seen,) = gone_through(loading, entries(wrong_url, "recipe-detail")).entries
    assert set(seen.failures) == {"sampled: wrong body"}
    assert seen.errors == min(seen.requests, seen.failures["sampled: wrong body"]) > 0


REPORT = {
    "summary": {"total": 2.0, "slowest": 0.5},
    "statusCodeDistribution": {"200": 90, "503": 7},
    "errorDistribution": {"connection closed": 3},
    "latencyPercentiles": {"p10": 0.001, "p50": 0.002, "p90": 0.003, "p95": 0.004, "p99": 0.1, "p99.9": None},
}


def test_its_report_is_what_was_counted() -> None:
    seen = counted(REPORT, 200, ["wrong body"])
    assert (seen.requests, seen.errors, seen.requests_per_second) == (100, 11, 44.5)
    assert seen.failures == {"status 503": 7, "connection closed": 3, "sampled: wrong body": 1}
    histogram = decoded(seen.histogram)
    assert histogram.total_count == 89
    told = {50: 2.0, 90: 3.0, 95: 4.0, 99: 100.0, 100: 500.0}
    assert {p: percentile_ms(histogram, p) for p in told} == pytest.approx(told, rel=1e-3)


def test_a_report_without_an_answer_is_no_speed() -> None:
    nothing = dict.fromkeys(["p50", "p90", "p95", "p99"])
    seen = counted(
        REPORT
        | {"statusCodeDistribution": {}, "latencyPercentiles": nothing, "summary": {"total": 2.0, "slowest": None}},
        200,
        [],
    )
    assert (seen.requests, seen.errors, seen.requests_per_second) == (3, 3, 0)
    assert decoded(seen.histogram).total_count == 0


def left(tmp_path: Path, script: str) -> Callable[[], LoadSummary]:
    """What a program in oha's place has left."""
    program = tmp_path / "oha"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    loading = OhaGenerator(program, KINDS).start(a_load("healthz", tmp_path / "block"))
    return lambda: gone_through(loading, entries("http://127.0.0.1:1", "healthz"))


def test_one_that_left_no_report_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ShowdownError, match=r"oha ended without a summary: see .*block-oha-0\.log"):
        left(tmp_path, "true")()


def test_one_that_left_another_form_of_report_is_an_error(tmp_path: Path) -> None:
    script = 'while [ "$1" != --output ]; do shift; done; echo "{}" > "$2"'
    with pytest.raises(ShowdownError, match="oha's summary is not as this version knows it: KeyError"):
        left(tmp_path, script)()


def test_it_cannot_mix() -> None:
    with pytest.raises(ShowdownError, match="use locust"):
        OhaGenerator(Path("oha"), KINDS).require("mixed", SCENARIOS["mixed"], 2_000)


def test_where_it_is_not_installed_it_is_said_what_to_type(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(ShowdownError, match="type `cargo install oha --locked`"):
        find_oha(KINDS)
    # The folder where cargo installs programs is not always on PATH.
    program = tmp_path / ".cargo" / "bin" / "oha"
    program.parent.mkdir(parents=True)
    program.touch(mode=0o755)
    assert find_oha(KINDS).program == program
