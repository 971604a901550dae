"""A verdict is a sentence: what was seen of which row, and what to do."""

from made_up_runs import SCENARIO, made_up_run
from showdown.judge.judgement import judge
from showdown.judge.verdicts.verdict import Consequence
from showdown.measure.results import Run
from showdown.report.doubts import Doubt, doubts_of, doubts_of_run


def failing(run: Run, variant: str, errors: int) -> None:
    for each in run.slices:
        if each.variant == variant:
            each.errors, each.failures = errors, {"status 503": errors}


def test_a_row_that_is_not_ranked_says_why_and_what_to_do() -> None:
    run = made_up_run({"slow": 1000.0, "fast": 2000.0})
    failing(run, "fast", 100)
    (doubt,) = [doubt for doubt in doubts_of(judge(run), SCENARIO) if doubt.label == "errors"]
    assert (doubt.consequence, doubt.names) == (Consequence.UNRANKED, ("fast",))
    assert doubt.sentence().startswith("errors (not ranked) – fast: 1,200 of ")
    assert doubt.sentence().endswith(". Look for the cause in the service's log, in the run's folder.")


def test_rows_with_the_same_doubt_share_a_sentence() -> None:
    run = made_up_run({"slow": 1000.0, "fast": 2000.0, "faster": 3000.0})
    for name in ("slow", "fast", "faster"):
        failing(run, name, 100)
    (doubt,) = [doubt for doubt in doubts_of(judge(run), SCENARIO) if doubt.label == "errors"]
    assert doubt.names == ("slow", "fast", "faster")
    assert doubt.sentence().count("failed") == 3
    assert doubt.sentence(most=1).count("failed") == 1
    assert "; and so for fast and faster. " in doubt.sentence(most=1)


def test_a_doubt_about_the_machine_is_about_the_run() -> None:
    run = made_up_run({"slow": 1000.0, "fast": 2000.0})
    run.machine.steal_percent = 3.0
    assert [doubt.label for doubt in doubts_of_run(judge(run))] == ["steal"]
    assert "steal" not in {doubt.label for doubt in doubts_of(judge(run), SCENARIO)}
    (doubt,) = doubts_of_run(judge(run))
    assert doubt.sentence().startswith("steal – the host took 3.0% of the CPU time away. Trust ratios more")


def test_a_row_is_named_with_its_hosts() -> None:
    run = made_up_run({"slow": 1000.0, "fast": 2000.0})
    run.service_hosts = [2]
    for each in run.slices:
        each.service_hosts = 2
    failing(run, "fast", 100)
    (doubt,) = [doubt for doubt in doubts_of(judge(run), SCENARIO) if doubt.label == "errors"]
    assert doubt.names == ("fast, 2 hosts",)


def test_numbers_that_are_not_shown_are_called_that() -> None:
    doubt = Doubt("wrong bodies", Consequence.REFUSED, ("fast",), ("3 were wrong",), "verify it")
    assert doubt.sentence() == "wrong bodies (numbers not shown) – fast: 3 were wrong. Verify it."
