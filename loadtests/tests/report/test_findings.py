"""What a table says is said in sentences, too."""

from made_up_runs import SCENARIO, made_up_run
from showdown.measure.rates import Rate
from showdown.report.findings import answer, findings, not_distinguishable
from showdown.report.summary import Summary, summarize


def starting_with(summary: Summary, words: str) -> list[str]:
    return [sentence for sentence in findings(summary, SCENARIO) if sentence.startswith(words)]


def test_equal_variants_are_not_distinguishable() -> None:
    summary = summarize(made_up_run({"slow": 1000.0, "one": 2000.0, "other": 2000.0, "same": 2000.0}))
    alike, cpu = starting_with(summary, "Not distinguishable")
    assert alike.startswith("Not distinguishable in req/s: ")
    assert cpu.startswith("Not distinguishable in service CPU a request: ")
    assert all(name in alike for name in ("one", "other", "same"))
    assert "slow" not in alike


def test_where_all_differ_there_is_nothing_of_it() -> None:
    assert starting_with(summarize(made_up_run({"slow": 1000.0, "fast": 2000.0})), "Not distinguishable") == []


def test_groups_are_as_large_as_they_can_be() -> None:
    # Each is like the next, and unlike the one after it.
    summary = summarize(made_up_run({"a": 1000.0, "b": 1030.0, "c": 1060.0}, blocks=4, spread=0.03))
    (standing, _) = summary.judgement.standings
    found = not_distinguishable(["c", "b", "a"], standing)
    ranks = standing.ranks
    for group in found:
        for name in group:
            assert {*group} - {name} <= {*ranks[name].not_distinguishable}
    pairs = {frozenset({name, other}) for name in ranks for other in ranks[name].not_distinguishable}
    assert pairs == {frozenset({one, other}) for group in found for one in group for other in group if one != other}


def test_a_twin_says_what_is_no_difference() -> None:
    summary = summarize(made_up_run({"slow": 1000.0, "fast": 2000.0}, twin_of="fast"))
    (told,) = starting_with(summary, "A/A")
    equality = summary.judgement.standings[0].equality
    assert equality
    assert told.startswith("A/A: fast-twin, which is fast once more, had ")
    assert f"calls ±{equality.no_difference:.1%} and ±" in told
    assert f"a difference of {equality.smallest_found:.1%} and " in told


def test_the_answer_is_what_the_fastest_gains() -> None:
    told = answer(summarize(made_up_run({"slow": 1000.0, "fast": 2000.0})), SCENARIO, 1)
    assert told
    assert told.startswith("Most: fast has 2.0")
    assert "× the req/s of slow, at 0.4" in told or "× the req/s of slow, at 0.5" in told


def test_at_a_rate_the_answer_is_what_the_cheapest_spends() -> None:
    run = made_up_run({"dear": 1000.0, "cheap": 2000.0})
    run.rate = Rate(requests_per_second=100)
    told = answer(summarize(run), SCENARIO, 1)
    assert told
    assert told.startswith(("Least: cheap has 0.50", "Least: cheap has 0.49"))
    assert told.endswith(" × the service CPU a request of dear.")


def test_an_answer_of_two_names_both() -> None:
    told = answer(summarize(made_up_run({"slow": 1000.0, "one": 2000.0, "other": 2000.0})), SCENARIO, 1)
    assert told
    assert "(not distinguishable from " in told


def test_a_baseline_that_is_the_fastest_is_no_answer() -> None:
    assert answer(summarize(made_up_run({"fast": 2000.0, "slow": 1000.0})), SCENARIO, 1) is None
