"""What a run calls "no difference"."""

from made_up_runs import SCENARIO, made_up_run
from showdown.judge.comparisons import THROUGHPUT, compare
from showdown.judge.equality import Equality, equality
from showdown.measure.results import Run


def of(run: Run) -> Equality | None:
    return equality(compare(run, SCENARIO, 1, THROUGHPUT), run.twin)


def test_a_variant_is_its_twins_equal() -> None:
    found = of(made_up_run({"a": 100.0, "b": 200.0}, twin_of="b"))

    assert found is not None
    assert (found.of, found.twin) == ("b", "b-twin")
    assert not found.called_different
    # 2% of noise, in six blocks of two slices.
    assert 0.01 < found.no_difference < found.smallest_found < 0.06


def test_twins_may_be_called_different() -> None:
    run = made_up_run({"a": 100.0, "b": 200.0}, twin_of="b")
    for one in run.slices:
        if one.variant == "b-twin":
            one.requests_per_second *= 1.1

    found = of(run)

    assert found is not None
    assert found.called_different


def test_a_run_without_a_twin_says_nothing() -> None:
    assert of(made_up_run({"a": 100.0, "b": 200.0})) is None
    assert of(made_up_run({"a": 100.0, "b": 200.0}, blocks=1, twin_of="b")) is None
