"""The steps of a chain, as a table and in sentences."""

import re
from io import StringIO
from xml.etree import ElementTree as ET

from made_up_chains import made_up_alternatives, made_up_chain_both_ways, made_up_chain_run
from made_up_runs import made_up_sampled
from rich.console import Console
from showdown.measure.results import Run
from showdown.report.chart import CEILING_COLOUR, LOSS_COLOUR, VARIANT_COLOUR, steps_chart
from showdown.report.markdown import report
from showdown.report.summary import summarize
from showdown.report.terminal import show

SPEEDS = {"a": 100.0, "b": 400.0, "c": 400.0, "d": 600.0, "e": 480.0}


def shown(run: Run, width: int = 140) -> str:
    output = StringIO()
    show(summarize(run), Console(file=output, width=width))
    return output.getvalue()


def flat(text: str) -> str:
    return " ".join(text.split())


def test_the_terminal_shows_a_line_for_each_step_and_one_for_the_whole() -> None:
    lines = [line.strip() for line in shown(made_up_chain_run(SPEEDS)).splitlines()]
    first = next(number for number, line in enumerate(lines) if line.startswith("a "))
    assert [line.split("  ")[0] for line in lines[first : first + 6]] == [
        "a",
        "to b",
        "to c",
        "to d",
        "to e",
        "all together",
    ]
    assert re.match(r"to b +\d+ +[34]\.\d\d ±[\d.]+% +[34]\.\d\d ±", lines[first + 1])
    assert "no difference" in lines[first + 2]
    assert lines[first + 1].endswith("ok")


def test_a_sentence_says_what_the_whole_is_made_of() -> None:
    told = flat(shown(made_up_chain_run(SPEEDS, spread=0.001)))
    assert re.search(
        r"Of the 4\.\d\d \[4\.\d+–4\.\d+\] × in req/s, [34]\.\d\d × come from to b, 1\.\d\d × from to d and "
        r"0\.\d+ × from to e\. No difference was found for to c\. All steps multiply to 4\.\d\d ×, inside the interval "
        r"of the whole\.",
        told,
    ), told
    assert re.search(r"Of the ÷ 4\.\d\d \[.+?\] in service CPU a request, ÷ [34]\.\d\d come from to b", told)
    assert "No difference was found in Postgres CPU a request: neither of a step, nor of all together." in told


def test_nothing_is_wider_than_the_terminal() -> None:
    assert max(map(len, shown(made_up_chain_run(SPEEDS), 80).splitlines())) <= 80


def test_a_narrow_terminal_breaks_names_and_no_figures() -> None:
    run = made_up_chain_run({"a": 100.0, "b": 400.0, "c": 400.0})
    assert run.chain
    run.chain.steps[0].name = "one statement for each of ten tables"
    lines = shown(run, 80).splitlines()
    first = next(number for number, line in enumerate(lines) if line.strip().startswith("one statement"))
    assert re.search(r"\d+ +[34]\.\d\d +±[\d.]+% +[34]\.\d\d +±[\d.]+% +no difference +ok", lines[first])
    # The rest of its name, and nothing else.
    assert re.fullmatch("[a-z ]+", lines[first + 1].strip())


def sampled_chain() -> Run:
    """The step to b takes time away from two layers, and the one to c changes none by 5%."""
    run = made_up_chain_run({"a": 100.0, "b": 200.0, "c": 202.0, "d": 300.0})
    run.sampled = [
        made_up_sampled("a", {"kernel": 100.0, "driver": 1300.0, "JSON": 10.0}),
        made_up_sampled("b", {"kernel": 0.0, "driver": 200.0, "JSON": 200.0}),
        made_up_sampled("c", {"driver": 202.0, "JSON": 190.0}),
    ]
    return run


def test_a_step_is_shown_with_the_layers_that_it_changes() -> None:
    lines = shown(sampled_chain(), 80).splitlines()
    assert max(map(len, lines)) <= 80
    heading = next(number for number, line in enumerate(lines) if "by layer" in line)
    b, c, *others = [line.strip() for line in lines[heading + 2 : heading + 5]]
    assert re.fullmatch(r"to b +1,410 → 400 +driver −1,100, JSON \+190, kernel −100", b)
    assert re.fullmatch(r"to c +400 → 392 +–", c)
    # d was not sampled.
    assert others == [""]


def test_the_report_has_the_layers_of_steps_and_names_of_others_are_only_text() -> None:
    run = sampled_chain()
    run.sampled[0].layers_us_per_request["[x](y)"] = 500.0
    assert "| to b | 1,910 → 400 | driver −1,100, \\[x\\](y) −500, JSON +190, kernel −100 |" in re.sub(
        " +", " ", report(summarize(run))
    )


def test_one_block_gives_levels_alone() -> None:
    text = shown(made_up_chain_run(SPEEDS, blocks=1))
    assert "to b " in text
    assert "come from" not in text
    assert "all together" not in text


def test_interaction_is_told_where_there_is_some() -> None:
    told = flat(shown(made_up_chain_both_ways(interaction=1.5)))
    assert re.search(
        r"In req/s it depends on the order: b is \d\.\d+ \[.+\] in the chain and [23]\.\d+ \[.+\] from", told
    )
    assert "from the other end" not in shown(made_up_chain_both_ways(interaction=1.5, blocks=1))
    assert "In req/s it depends on the order" not in flat(shown(made_up_chain_both_ways(interaction=1.0)))


def test_alternatives_are_told_with_what_they_take_the_place_of() -> None:
    text = shown(made_up_alternatives({"a": 100.0, "b": 200.0, "c": 300.0, "d": 100.0}))
    assert "to c, after a" in text
    assert "all together" not in text
    assert re.search(r"In req/s: to c [23]\.\d+ × and to b [12]\.\d+ ×; no difference was found for to d\.", flat(text))
    assert "all together" not in report(summarize(made_up_alternatives({"a": 100.0, "b": 200.0, "c": 300.0})))


def test_the_report_has_the_steps_with_their_knobs_and_a_chart() -> None:
    text = report(summarize(made_up_chain_run(SPEEDS)))
    assert "**recipe-detail**, why?" in text
    assert re.search(r"\| to c +\| PLAN +\| +\d+ \| [\d.]+ \[[\d.]+–[\d.]+\]: no difference found +\|", text)
    assert "![recipe-detail: the steps of made-up](recipe-detail-steps.svg)" in text


def test_a_step_of_somebody_elses_results_makes_no_link() -> None:
    run = made_up_chain_run(SPEEDS)
    assert run.chain is not None
    run.chain.steps[0].name = "[here](https://example.org)"
    text = report(summarize(run))
    assert r"\[here\](https://example.org)" in text
    assert "[here](" not in text


def test_a_chart_has_a_bar_for_each_step() -> None:
    ((_, explained),) = summarize(made_up_chain_run(SPEEDS, spread=0.001)).explained("recipe-detail")
    picture = steps_chart(explained)
    texts = {element.text for element in ET.fromstring(picture).iter("{http://www.w3.org/2000/svg}text")}  # noqa: S314
    assert {"to b", "to c", "to d", "to e"} <= texts
    assert any(text and re.fullmatch(r"[34]\.\d\d \[.+–.+\]", text) for text in texts)
    assert any(text and text.endswith(": no difference found") for text in texts)
    for colour in (CEILING_COLOUR, LOSS_COLOUR, VARIANT_COLOUR):
        assert colour in picture
