"""A step changes the service's layers, where both of its variants were sampled."""

import pytest
from made_up_chains import made_up_chain_run
from made_up_runs import SCENARIO, made_up_sampled
from showdown.explain.explanation import LayerChange
from showdown.explain.layer_changes import layer_changes
from showdown.measure.results import Run


@pytest.fixture
def run() -> Run:
    """The driver takes a third of what it did; c was not sampled."""
    run = made_up_chain_run({"a": 100.0, "b": 200.0, "c": 300.0})
    run.sampled = [
        made_up_sampled("a", {"kernel": 100.0, "driver": 300.0}),
        made_up_sampled("b", {"driver": 100.0, "JSON": 20.0}),
    ]
    return run


def changes(run: Run, step: int, scenario: str = SCENARIO) -> list[LayerChange]:
    assert run.chain
    return layer_changes(run, scenario, run.chain.steps[step])


def test_each_layer_has_its_time_before_and_after(run: Run) -> None:
    assert [(each.layer, each.before_us_per_request, each.after_us_per_request) for each in changes(run, 0)] == [
        ("kernel", 100.0, 0.0),
        ("driver", 300.0, 100.0),
        ("JSON", 0.0, 20.0),
    ]


def test_where_one_of_the_two_was_not_sampled_nothing_is_said(run: Run) -> None:
    assert changes(run, 1) == []
    assert changes(run, 0, "healthz") == []


def test_what_two_profilers_have_seen_is_not_compared(run: Run) -> None:
    run.sampled[0].profiler = "perf"
    assert changes(run, 0) == []
