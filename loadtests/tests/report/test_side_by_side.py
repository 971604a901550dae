"""Two runs side by side: a row for each variant, and what is established."""

from io import StringIO

from made_up_runs import made_up_run
from rich.console import Console
from showdown.judge.differences import differences
from showdown.measure.results import Run
from showdown.report.side_by_side import disagreements, inside, show_differences


def slower(run: Run, variant: str, factor: float) -> Run:
    run = run.model_copy(deep=True)
    for each in run.slices:
        if each.variant == variant:
            each.requests_per_second *= factor
    return run


def shown(first: Run, second: Run, *circumstances: str, width: int = 100) -> str:
    output = StringIO()
    show_differences(first, differences(first, second), circumstances, Console(file=output, width=width))
    return output.getvalue()


def cells(text: str, name: str) -> list[str]:
    return next(line for line in text.splitlines() if line.split()[:1] == [name]).split()


def test_a_slower_variant_is_called_that() -> None:
    first = made_up_run({"slow": 1000.0, "fast": 2000.0, "starlette-rowjson-twin": 3000.0})
    text = shown(first, slower(first, "fast", 0.8))
    assert cells(text, "fast")[-1] == "slower"
    assert cells(text, "fast")[3] == "0.800"
    assert cells(text, "starlette-rowjson-twin")[-1] == "nothing"
    assert max(map(len, text.splitlines())) <= 100


def test_a_narrow_terminal_shows_the_ratios_and_cuts_nothing() -> None:
    first = made_up_run({"slow": 1000.0, "fast": 2000.0, "starlette-rowjson-twin": 3000.0})
    text = shown(first, slower(first, "fast", 0.8), width=80)
    assert cells(text, "fast")[1] == "0.800"
    assert cells(text, "fast")[-1] == "slower"
    assert "established" in text
    assert max(map(len, text.splitlines())) <= 80
    assert "…" not in text


def test_a_baseline_that_differs_may_be_the_machine() -> None:
    first = made_up_run({"slow": 1000.0, "fast": 2000.0})
    text = shown(first, slower(first, "slow", 0.8))
    assert " ".join(cells(text, "slow")).endswith("slower, or the machine")
    # And then the other has become faster beside it.
    assert cells(text, "fast")[-1] == "faster"


def test_circumstances_follow() -> None:
    first = made_up_run({"slow": 1000.0, "fast": 2000.0})
    assert "• not the same in both – commit: a, and b" in shown(first, first, "commit: a, and b")


def test_what_is_reproduced_is_counted_and_what_is_not_is_told() -> None:
    first = made_up_run({"slow": 1000.0, "fast": 2000.0})
    count, *outside = inside(first, differences(first, slower(first, "fast", 0.8)))
    # Two of six figures are of fast's throughput.
    assert count.startswith("4 of 6 figures lie in the first run's intervals; ")
    speed, ratio = outside
    assert speed.startswith("fast, recipe-detail, req/s: 1,6")
    assert ratio.startswith("fast, recipe-detail, req/s, × baseline: 1.6")
    assert ratio.endswith("; that they differ is established")


def test_the_same_run_lies_in_its_own_intervals() -> None:
    first = made_up_run({"slow": 1000.0, "fast": 2000.0})
    (count,) = inside(first, differences(first, first))
    assert count.startswith("6 of 6 figures")


def test_generators_that_disagree_are_a_doubt_about_both() -> None:
    first = made_up_run({"slow": 1000.0, "fast": 2000.0})
    second = first.model_copy(deep=True, update={"generator": "oha"})
    for each in second.slices:
        if each.variant == "fast":
            each.tiers["service"].cpu_us_per_request = (each.tiers["service"].cpu_us_per_request or 0) * 1.2
    (told,) = disagreements(first, second, differences(first, second))
    assert "generators disagree – fast, recipe-detail: with oha the service has 1.20 [1.18–1.22] × the CPU" in told
