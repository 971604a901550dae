"""One sentence says what is gained, or why that cannot be said."""

from made_up_runs import SCENARIO, made_up_run
from showdown.measure.rates import Rate
from showdown.report.html.answer import sentence
from showdown.report.summary import summarize


def test_what_the_best_gains() -> None:
    told = sentence(summarize(made_up_run({"slow": 1000.0, "fast": 2000.0})), SCENARIO)
    assert told.startswith("Most: fast has 2.")
    assert "× the req/s of slow" in told


def test_the_baseline_may_be_the_best() -> None:
    told = sentence(summarize(made_up_run({"fast": 2000.0, "slow": 1000.0})), SCENARIO)
    assert told == "No variant is established to be faster than fast, with which the others are compared."


def test_at_a_rate_it_is_about_cost() -> None:
    run = made_up_run({"cheap": 2000.0, "dear": 1000.0})
    run.rate = Rate(requests_per_second=100, pattern="constant")
    assert "established to be cheaper than cheap" in sentence(summarize(run), SCENARIO)


def test_without_ranks_the_verdicts_come_first() -> None:
    run = made_up_run({"slow": 1000.0, "fast": 2000.0})
    run.machine.swapped_mib = 1000.0
    assert sentence(summarize(run), SCENARIO) == "No variant has a rank: the verdicts say why, and what to do."


def test_after_one_block_nobody_knows_by_how_much() -> None:
    told = sentence(summarize(made_up_run({"slow": 1000.0, "fast": 2000.0}, blocks=1)), SCENARIO)
    assert told
    assert "[" not in told
