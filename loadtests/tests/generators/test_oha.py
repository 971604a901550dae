"""oha loads a real service, and its summary is converted to a LoadSummary."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from servers import Handler, running_server
from showdown.contract.contract import load_contract
from showdown.generators import oha as oha_generator
from showdown.generators.load import Load
from showdown.generators.measurement import LoadSummary
from showdown.generators.oha import OhaGenerator, find_oha
from showdown.requests.scenarios import Profile
from showdown_contract.errors import ShowdownError
from showdown_stack.tiers import Tiers

KINDS, SCENARIOS = load_contract().kinds, load_contract().scenarios.scenarios
PROFILE = Profile(description="", scenarios=["x"], rounds=1, users=4, warm_up_seconds=1, measure_seconds=1)
Eventually = Callable[[Callable[[], object]], None]


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


def a_load(url: str, scenario: str, files: Path) -> Load:
    return Load(url, scenario, SCENARIOS[scenario], PROFILE, recipes=2_000, seed=1, files=files)


@pytest.mark.parametrize("scenario", ["healthz", "recipe-detail", "recipe-list", "note-create"])
def test_it_loads_a_service(
    starlette: Tiers, oha: OhaGenerator, tmp_path: Path, eventually: Eventually, scenario: str
) -> None:
    load = a_load(starlette.url, scenario, tmp_path / "round")
    oha.prepare(load)
    with oha.start(load) as process:
        eventually(lambda: not process.running)
    assert process.exit_code == 0, process.log_tail()
    seen = oha.summary(load)
    assert seen.requests > 0
    assert (seen.errors, seen.failures) == (0, {})
    assert seen.measured_seconds >= PROFILE.measure_seconds
    assert seen.requests_per_second == seen.requests / seen.measured_seconds
    assert 0 < seen.latency_ms.p50 <= seen.latency_ms.p99 <= seen.latency_ms.max
    assert set(oha.versions()) == {"oha"}


@pytest.mark.usefixtures("wrong_url")
def test_wrong_bodies_are_found_by_samples(
    oha: OhaGenerator, wrong_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(oha_generator, "CHECK_SECONDS", 0)
    load = a_load(wrong_url, "recipe-detail", tmp_path / "round")
    with oha.start(load) as process:
        while process.running:
            oha.check(load)
    seen = oha.summary(load)
    assert set(seen.failures) == {"sampled: wrong body"}
    assert seen.errors == min(seen.requests, seen.failures["sampled: wrong body"]) > 0


def test_samples_are_not_asked_for_more_often_than_twice_a_second(
    oha: OhaGenerator, wrong_url: str, tmp_path: Path
) -> None:
    load = a_load(wrong_url, "healthz", tmp_path / "round")
    with oha.start(load) as process:
        oha.check(load)
        process.stop()
    assert oha._wrong == []


REPORT = {
    "summary": {"total": 2.0, "slowest": 0.5},
    "statusCodeDistribution": {"200": 90, "503": 7},
    "errorDistribution": {"connection closed": 3},
    "latencyPercentiles": {"p10": 0.001, "p50": 0.002, "p90": 0.003, "p95": 0.004, "p99": 0.1, "p99.9": None},
}


def summary_of(report: dict[str, object], folder: Path) -> LoadSummary:
    load = a_load("http://127.0.0.1:1", "healthz", folder / "round")
    load.file(".json").write_text(json.dumps(report))
    return OhaGenerator(Path("oha"), KINDS).summary(load)


def test_its_report_becomes_a_summary(tmp_path: Path) -> None:
    seen = summary_of(REPORT, tmp_path)
    assert (seen.requests, seen.errors, seen.requests_per_second) == (100, 10, 45.0)
    assert seen.failures == {"status 503": 7, "connection closed": 3}
    expected = {"p50": 2.0, "p90": 3.0, "p95": 4.0, "p99": 100.0, "max": 500.0}
    assert seen.latency_ms.model_dump() == pytest.approx(expected)


def test_a_report_without_an_answer_is_no_speed(tmp_path: Path) -> None:
    nothing = dict.fromkeys(["p50", "p90", "p95", "p99"])
    seen = summary_of(
        REPORT
        | {"statusCodeDistribution": {}, "latencyPercentiles": nothing, "summary": {"total": 2.0, "slowest": None}},
        tmp_path,
    )
    assert (seen.requests, seen.errors, seen.requests_per_second) == (3, 3, 0)
    assert seen.latency_ms.max == 0


def test_one_that_left_no_report_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ShowdownError, match=r"oha ended without a summary: see .*round\.log"):
        OhaGenerator(Path("oha"), KINDS).summary(a_load("http://127.0.0.1:1", "healthz", tmp_path / "round"))


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
