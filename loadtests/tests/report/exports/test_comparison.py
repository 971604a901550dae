"""Two runs as one JSON document."""

from made_up_runs import made_up_run
from showdown.judge.differences import differences
from showdown.report.exports.comparison import ComparedRuns, compared_runs


def compared() -> ComparedRuns:
    first, second = made_up_run({"slow": 1000.0, "fast": 2000.0}), made_up_run({"slow": 1000.0, "fast": 1500.0})
    return compared_runs(first, second, differences(first, second))


def test_a_difference_says_whether_it_is_established_and_better() -> None:
    (of_fast,) = [
        one
        for one in compared().differences
        if (one.variant, one.measure, one.to_baseline) == ("fast", "requests_per_second", True)
    ]
    assert (of_fast.is_established, of_fast.is_better, of_fast.is_inside) == (True, False, False)
    assert of_fast.ratio.low
    assert of_fast.ratio.high
    assert of_fast.ratio.low < 0.75 < of_fast.ratio.high


def test_what_else_is_not_the_same_is_told() -> None:
    first, second = made_up_run({"slow": 1000.0, "fast": 2000.0}), made_up_run({"slow": 1000.0, "fast": 2000.0})
    second.commit, second.size = "fedcba", 9
    told = compared_runs(first, second, differences(first, second)).not_the_same
    assert any(one.startswith("the data set differs: ") for one in told)
    assert "commit: 0123456789ab, and fedcba" in told
