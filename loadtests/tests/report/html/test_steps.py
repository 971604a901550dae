"""A chain is a waterfall, whose numbers are those of report.md."""

import json

from made_up_chains import made_up_chain_both_ways, made_up_chain_run
from made_up_runs import SCENARIO, made_up_sampled
from showdown.measure.results import Run
from showdown.report.html.drawing import Drawn
from showdown.report.html.steps import drawn
from showdown.report.summary import summarize


def charts_of(run: Run) -> list[Drawn]:
    summary = summarize(run)
    ((chain, explained),) = summary.explained(SCENARIO)
    return drawn(chain, explained, summary.rows[SCENARIO])


def test_a_bar_for_each_step_with_its_factor() -> None:
    (chart,) = charts_of(made_up_chain_run({"a": 100.0, "b": 200.0, "c": 200.0}))
    assert [line[0] for line in chart.numbers.lines] == ["a", "to b", "to c", "all together"]
    text = json.dumps(chart.panels, ensure_ascii=False)
    assert '"to b: 2.' in text or '"to b: 1.9' in text
    assert '"to c: ≈ ' in text


def test_what_depends_on_the_order_is_a_table() -> None:
    _, order = charts_of(made_up_chain_both_ways(interaction=2.0))
    assert order.panels == []
    assert list(order.numbers.headings) == ["step", "× req/s in the chain", "from the other end", "interaction"]


def test_what_steps_change_by_layer_is_a_table() -> None:
    run = made_up_chain_run({"a": 100.0, "b": 200.0})
    run.sampled = [made_up_sampled("a", {"driver": 100.0}), made_up_sampled("b", {"driver": 40.0})]
    _, layers = charts_of(run)
    assert layers.panels == []
    assert layers.numbers.lines == [["to b", "100 → 40", "driver −60"]]


def test_after_one_block_no_factor_is_known() -> None:
    (chart,) = charts_of(made_up_chain_run({"a": 100.0, "b": 200.0}, blocks=1))
    assert '"to b: –"' in json.dumps(chart.panels, ensure_ascii=False)
