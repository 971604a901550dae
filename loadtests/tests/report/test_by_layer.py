"""Where the CPU time of services goes, by layer: a table in report.md."""

import pytest
from made_up_runs import SCENARIO, made_up_run, made_up_sampled
from showdown.measure.results import Run
from showdown.report import by_layer
from showdown.report.markdown import report
from showdown.report.summary import summarize


@pytest.fixture
def sampled() -> Run:
    run = made_up_run({"slow": 1000.0, "fast": 2000.0})
    run.sampled = [
        made_up_sampled("slow", {"kernel": 250.0, "HTTP": 1.0, "driver": 649.0, "other": 100.0}),
        made_up_sampled("fast", {"kernel": 250.0, "JSON": 250.0}),
    ]
    return run


def flat(text: str) -> str:
    return " ".join(text.split())


def test_each_layer_has_its_share_of_a_variants_cpu_time(sampled: Run) -> None:
    found = by_layer.of_scenario(sampled, SCENARIO)
    layers = by_layer.layers_of(found)
    assert layers == ["kernel", "HTTP", "driver", "JSON", "other"]
    assert {each.variant: by_layer.cells(each, layers) for each in found} == {
        "fast": ["500", "50%", "–", "–", "50%", "–", "800", "× 1.20"],
        "slow": ["1,000", "25%", "< 1%", "65%", "–", "10%", "800", "× 1.20"],
    }


def test_the_report_says_how_it_was_sampled_and_leads_to_the_flame_graphs(sampled: Run) -> None:
    text = flat(report(summarize(sampled)))
    assert "| [fast](profiles/recipe-detail/fast.svg) | 500 | 50% |" in text
    assert "sampled by py-spy, 199 times a second" in text
    assert "by the kernel's own account" in text
    assert "perf sees" not in text


def test_perf_is_read_in_another_way(sampled: Run) -> None:
    sampled.sampled = [each.model_copy(update={"profiler": "perf", "kernel_share": None}) for each in sampled.sampled]
    text = flat(report(summarize(sampled)))
    assert "perf sees no functions of Python" in text
    assert "own account" not in text


def test_where_nothing_was_sampled_nothing_is_said() -> None:
    assert "by layer" not in report(summarize(made_up_run({"slow": 1000.0})))
