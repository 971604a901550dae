"""An objective is kept when 99% of what was due was answered rightly and in time."""

import pytest
from made_up_runs import made_up_slice
from showdown.generators.latencies import encoded, new_histogram, record
from showdown.generators.measurement import Arrivals
from showdown.measure.objective import Objective, parsed_objective
from showdown.measure.results import Slice
from showdown_contract.errors import ShowdownError


def slice_of(*latencies: tuple[float, int], due: int) -> Slice:
    """One with so many answers after so many milliseconds each."""
    histogram = new_histogram()
    for milliseconds, times in latencies:
        record(histogram, milliseconds, times)
    changes = {"histogram": encoded(histogram), "arrivals": Arrivals(due=due)}
    return made_up_slice("a", 1, 1, 100.0, 100.0).model_copy(update=changes)


@pytest.mark.parametrize(
    ("slice_", "is_kept"),
    [
        (slice_of((10.0, 990), (90.0, 10), due=1000), True),
        (slice_of((10.0, 989), (90.0, 11), due=1000), False),
        # What has no right answer is too late.
        (slice_of((10.0, 990), due=1000), True),
        (slice_of((10.0, 989), due=1000), False),
        (slice_of((10.0, 985), (90.0, 5), due=1000), False),
        (slice_of(due=1000), False),
        (slice_of(due=0), False),
    ],
)
def test_an_objective_is_of_all_that_was_due(slice_: Slice, is_kept: bool) -> None:
    assert Objective(50).is_kept(slice_) == is_kept


def test_just_in_time_is_in_time() -> None:
    assert Objective(50).is_kept(slice_of((49.9, 100), due=100))
    assert not Objective(50).is_kept(slice_of((50.2, 100), due=100))


@pytest.mark.parametrize(("text", "milliseconds"), [("50ms", 50.0), ("0.2s", 200.0), (" 7.5ms ", 7.5)])
def test_what_was_asked_for_is_read(text: str, milliseconds: float) -> None:
    assert parsed_objective(text) == Objective(milliseconds)


@pytest.mark.parametrize("text", ["", "50", "ms", "-1ms", "1e3ms", "nan", "50 ms", "5m"])
def test_what_is_no_latency_is_told(text: str) -> None:
    with pytest.raises(ShowdownError, match=r"is no latency: say 50ms, or 0\.2s"):
        parsed_objective(text)


@pytest.mark.parametrize("text", ["0ms", "60s"])
def test_what_nobody_can_mean_is_told(text: str) -> None:
    with pytest.raises(ShowdownError, match=f"--p99 {text} is out of bounds: from 0.1ms to 5000ms"):
        parsed_objective(text)
