"""What is true of made-up variants over latency is found: which bound binds, and where two change places."""

import pytest
from made_up_latency import LATENCIES, made_up_latency_run, throughput
from made_up_runs import SCENARIO
from showdown.explain.explanation import OverLatency
from showdown.explain.factors import explain
from showdown.judge.judgement import judge
from showdown.measure.results import Run

# What it can do at most, and its round trips for a request.
RUST, CACHED, LAST = (760.0, 19.0), (1200.0, 10.0), (3000.0, 1.0)
PYTHON, REPAIRED = (600.0, 10.0), (2000.0, 1.0)


@pytest.fixture
def run() -> Run:
    return made_up_latency_run({"rust": RUST, "cached": CACHED, "last": LAST}, {"python": PYTHON, "repaired": REPAIRED})


def found(run: Run) -> OverLatency:
    explanation = explain(judge(run))
    assert explanation is not None
    (over,) = explanation.over_latency
    return over


def equal_at(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Where the first falls behind the second."""

    def of(variant: tuple[float, float], ms: float) -> float:
        speed, trips = variant
        return throughput(speed, trips * ms / 1000)

    hundredths = range(10, 800)
    return next(ms / 100 for ms in hundredths if of(one, ms / 100) < of(other, ms / 100))


def test_a_run_without_latency_has_nothing_to_say_of_it(run: Run) -> None:
    run.latency_ms = {}
    explanation = explain(judge(run))
    assert explanation is not None
    assert explanation.over_latency == []


def test_both_chains_are_explained_at_each_latency(run: Run) -> None:
    explanation = explain(judge(run))
    assert explanation is not None
    assert explanation.beside is not None
    assert len(explanation.scenarios) == len(explanation.beside.scenarios) == len(LATENCIES)
    assert [each.step.name for each in explanation.beside.scenarios[0].steps] == ["to repaired"]


def test_the_model_says_what_binds_and_is_right(run: Run) -> None:
    over = found(run)
    assert over.scenario == SCENARIO
    of_rust = {each.latency_ms: each for each in over.modelled if each.variant == "rust"}
    assert [of_rust[latency].binds for latency in LATENCIES] == [
        "CPU",
        "CPU",
        "round trips",
        "round trips",
        "round trips",
    ]
    for each in over.modelled:
        assert each.requests_per_second.value == pytest.approx(each.model_requests_per_second, rel=0.05)
        assert each.connections == 20
    assert of_rust[4.0].round_trips_per_request == pytest.approx(19, rel=0.01)
    assert of_rust[4.0].cpu_ms_per_request == pytest.approx(1000 / 760)


def test_no_more_connections_are_used_than_there_are_users_or_places_in_haproxy(run: Run) -> None:
    for variant in run.variants.values():
        variant.pool = 40
    assert {each.connections for each in found(run).modelled} == {25}
    run.haproxy = False
    assert {each.connections for each in found(run).modelled} == {40}
    run.profile.users = 8
    assert {each.connections for each in found(run).modelled} == {8}


def test_all_tiers_of_a_machine_share_its_cores(run: Run) -> None:
    run.machine.cores = 1
    of_last = next(each for each in found(run).modelled if (each.variant, each.latency_ms) == ("last", 0))
    # 667 µs of the service, 200 of Postgres, 30 of the generator.
    assert of_last.cpu_ms_per_request == pytest.approx(0.897, abs=0.001)


def test_what_was_not_measured_at_a_latency_has_no_model_there(run: Run) -> None:
    run.slices = [each for each in run.slices if (each.variant, run.latency_ms[each.scenario]) != ("rust", 0)]
    over = found(run)
    assert [each.latency_ms for each in over.modelled if each.variant == "rust"] == [1, 2, 4, 8]
    # Where it changes places is still known, if it does so between the others.
    assert [place.variant for place in over.places] == ["rust", "cached", "last"]


def test_each_variant_is_beside_the_other_start(run: Run) -> None:
    over = found(run)
    assert over.beside == "python"
    assert [(place.variant, place.step) for place in over.places] == [
        ("rust", None), ("cached", "to cached"), ("last", "to last"),
    ]  # fmt: skip
    rust, cached, last = over.places
    assert rust.crossing is not None
    assert rust.crossing.latency_ms == pytest.approx(equal_at(RUST, PYTHON), abs=0.1)
    assert last.crossing is None
    assert dict(last.ratios)[8.0] is not None
    # Cached, the two have as many round trips: equal where these bind, and so no difference is established.
    equal = dict(cached.ratios)[8.0]
    assert equal is not None
    assert equal.value == pytest.approx(1, abs=0.05)


def test_a_chain_alone_has_a_model_and_no_places(run: Run) -> None:
    run.beside = None
    over = found(run)
    assert (over.beside, over.places) == (None, [])
    assert {each.variant for each in over.modelled} == {"rust", "cached", "last"}


def test_numbers_that_are_refused_are_left_out(run: Run) -> None:
    for each in run.slices:
        if each.variant == "rust" and run.latency_ms[each.scenario] == 8:
            each.errors, each.failures = 1, {"wrong body": 1}
    over = found(run)
    assert {each.latency_ms for each in over.modelled if each.variant == "rust"} == {0, 1, 2, 4}
    assert [latency for latency, _ in over.places[0].ratios] == [0, 1, 2, 4]
