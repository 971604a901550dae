"""Two runs are compared variant by variant, with intervals; what was not to differ is told."""

import math

import pytest
from made_up_runs import made_up_run
from scipy import stats
from showdown.judge.comparisons import SERVICE_CPU, THROUGHPUT
from showdown.judge.differences import Difference, circumstances, differences, generators_disagree, obstacles, quotient
from showdown.judge.intervals import estimate
from showdown.measure.results import Run

SPEEDS = {"slow": 1000.0, "fast": 2000.0, "faster": 3000.0}


def changed(run: Run, **factors: float) -> Run:
    """The same run with some variants so many times as fast; slices get noise of their own."""
    run = run.model_copy(deep=True)
    for number, each in enumerate(run.slices):
        each.requests_per_second *= factors.get(each.variant, 1.0) * (1 + 0.01 * math.sin(number))
    return run


def found(first: Run, second: Run, variant: str, *, to_baseline: bool = True) -> Difference:
    return next(
        one
        for one in differences(first, second)
        if (one.variant, one.measure, one.to_baseline) == (variant, THROUGHPUT, to_baseline)
    )


def test_what_has_become_slower_is_found() -> None:
    first = made_up_run(SPEEDS)
    second = changed(first, fast=0.85)
    slower = found(first, second, "fast")
    assert slower.ratio.value == pytest.approx(0.85, rel=0.03)
    assert (slower.established, slower.is_better, slower.inside) == (True, False, False)
    same = found(first, second, "faster")
    assert (same.established, same.inside) == (False, True)


def test_a_slower_machine_is_not_a_slower_variant() -> None:
    first = made_up_run(SPEEDS)
    second = changed(first, slow=0.8, fast=0.8, faster=0.8)
    assert found(first, second, "fast", to_baseline=False).established
    assert not found(first, second, "fast").established


def test_less_cpu_is_better() -> None:
    first = made_up_run(SPEEDS)
    second = first.model_copy(deep=True)
    for each in second.slices:
        if each.variant == "fast":
            each.tiers["service"].cpu_us_per_request = (each.tiers["service"].cpu_us_per_request or 0) * 0.7
    cheaper = next(
        one
        for one in differences(first, second)
        if one.variant == "fast" and one.measure is SERVICE_CPU and one.to_baseline
    )
    assert (cheaper.established, cheaper.is_better) == (True, True)


def test_generators_that_see_another_cost_of_a_service_disagree() -> None:
    first = made_up_run(SPEEDS)
    second = first.model_copy(deep=True)
    for each in second.slices:
        service = each.tiers["service"]
        factor = {"slow": 1.04, "fast": 1.07, "faster": 0.94}[each.variant]
        service.cpu_us_per_request = (service.cpu_us_per_request or 0) * factor
    assert generators_disagree(first, second, differences(first, second)) == []
    second.generator = "oha"
    found = generators_disagree(first, second, differences(first, second))
    assert {one.variant for one in found} == {"fast", "faster"}


def test_an_interval_is_welchs() -> None:
    before, after = [0.0, 0.1, 0.2, 0.05], [0.3, 0.5, 0.45]
    first, second = estimate(before), estimate(after)
    assert first
    assert second
    welch = stats.ttest_ind(after, before, equal_var=False)
    ratio = quotient(first, second)
    assert ratio.p_value == pytest.approx(welch.pvalue)
    assert [math.log(end) for end in ratio.interval] == pytest.approx([*welch.confidence_interval()])


def test_equal_numbers_do_not_differ() -> None:
    same = estimate([0.1, 0.1])
    assert same
    assert quotient(same, same).p_value == 1.0


def test_only_what_both_have_is_compared() -> None:
    first, second = made_up_run(SPEEDS), made_up_run({"slow": 1000.0, "new": 2000.0})
    assert {one.variant for one in differences(first, second)} == {"slow"}


def test_with_other_baselines_ratios_are_not_compared() -> None:
    first, second = made_up_run(SPEEDS), made_up_run(dict(reversed(SPEEDS.items())))
    assert {one.to_baseline for one in differences(first, second)} == {False}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"size": 9}, "the data set differs: 2,000 recipes, and 9 recipes"),
        ({"contract": "other 0"}, "the contract differs: recipes 0123456789abcdef, and other 0"),
    ],
)
def test_what_was_not_to_differ_is_told(change: dict[str, object], words: str) -> None:
    run = made_up_run(SPEEDS)
    assert obstacles(run, run) == []
    assert obstacles(run, run.model_copy(update=change)) == [words]


@pytest.mark.parametrize("change", [{"cpu": "Xeon"}, {"cores": 8}, {"memory_mib": 8192}, {"system": "Linux 7"}])
def test_another_machine_is_told(change: dict[str, object]) -> None:
    run = made_up_run(SPEEDS)
    (told,) = obstacles(run, run.model_copy(update={"machine": run.machine.model_copy(update=change)}))
    assert told.startswith("the machine differs: 4 cores of EPYC, 4 GiB, Linux 6.1 x86_64, kvm, and ")


def test_a_run_that_was_stopped_by_its_intervals_makes_those_of_differences_wider() -> None:
    plain, stopped = made_up_run(SPEEDS), made_up_run(SPEEDS)
    stopped.until_half_width = 0.03
    for one, other in zip(differences(plain, plain), differences(plain, stopped), strict=True):
        assert (one.ratio.confidence, other.ratio.confidence) == (0.95, 0.975)
        assert other.ratio.half_width > one.ratio.half_width


def test_what_neighbours_took_is_no_other_machine() -> None:
    run = made_up_run(SPEEDS)
    machine = run.machine.model_copy(update={"steal_percent": 9.0, "memory_mib": run.machine.memory_mib - 3})
    assert obstacles(run, run.model_copy(update={"machine": machine})) == []


def test_circumstances_that_may_be_the_question_are_told() -> None:
    run = made_up_run(SPEEDS)
    assert circumstances(run, run) == []
    other = run.model_copy(deep=True)
    other.commit, other.haproxy = "fedcba", False
    other.versions["python"] = "3.12.1"
    other.variants["fast"].workers = 4
    other.variant_versions = {"fast": {"go": "1.22"}}
    assert circumstances(run, other) == [
        "commit: 0123456789ab, and fedcba",
        "haproxy: yes, and no",
        "python: 3.11.7, and 3.12.1",
        "versions of fast: {}, and {'go': '1.22'}",
        "workers of fast: 2, and 4",
    ]
