"""The page says what report.md says, and what others have written is only text in it."""

import json
import re
from collections.abc import Callable
from html import unescape

import pytest
from made_up_chains import made_up_chain_both_ways
from made_up_runs import made_up_run
from showdown.generators.latencies import encoded, new_histogram
from showdown.measure.rates import Rate
from showdown.measure.results import Run
from showdown.report.html.page import page, waiting
from showdown.report.notes import notes
from showdown.report.prices import load_prices
from showdown.report.reading import reading
from showdown.report.setting import commands
from showdown.report.summary import summarize

HOSTILE = "</script><script>window.hacked = 1</script><img src=x onerror='window.hacked = 1'>{{ 7 * 7 }}"


def words(text: str) -> str:
    """What is written in the page, without its scripts and styles."""
    without = re.sub(r"<(script|style)\b.*?</\1>", " ", text, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]*>", "", without)).split())


def test_it_says_what_report_md_says(run: Run) -> None:
    summary = summarize(run)
    text = words(page(summary))
    for sentence in [*reading(summary), *notes(run)]:
        assert " ".join(sentence.split()) in text
    assert " ".join(commands(run)) in text
    for variant in run.variants.values():
        assert f"{variant.description}; {variant.workers} worker(s), a pool of {variant.pool}" in text
    assert "2 cores of EPYC" in text
    assert "postgres 15.18" in text


def test_it_stands_alone(run: Run) -> None:
    made = page(summarize(run), results="results.json")
    markup = re.sub(r"<script>.*?</script>", "", made, flags=re.DOTALL)
    assert {*re.findall(r'(?:src|href)="([^"#][^"]*)"', markup)} == {"results.json"}
    assert "default-src 'none'" in unescape(made)
    assert "connect-src" not in made


def test_texts_of_others_are_only_text(run: Run) -> None:
    run.variants["fast"].description = HOSTILE
    run.variants["fast"].note = HOSTILE
    run.command = run.commit = HOSTILE
    run.notes = [HOSTILE]
    run.versions[HOSTILE] = HOSTILE
    run.machine.cpu = HOSTILE
    made = page(summarize(run))
    assert made.count("window.hacked") == made.count("&lt;script&gt;window.hacked") * 2
    assert words(made).count("{{ 7 * 7 }}") >= 6
    assert made.count("<script>") == 2


def test_names_of_steps_are_data_for_the_charts_too() -> None:
    run = made_up_chain_both_ways(interaction=2.0)
    assert run.chain
    run.chain.steps[0].name = run.chain.description = HOSTILE
    made = page(summarize(run))
    documents = re.findall(r'<script type="application/json">(.*?)</script>', made, re.DOTALL)
    assert len(documents) == made.count('class="chart"') > 3
    assert any(HOSTILE in json.dumps(json.loads(document)) for document in documents)


def test_each_chart_has_a_sentence_and_a_link_to_its_numbers(run: Run) -> None:
    made = page(summarize(run))
    assert '<div class="chart" role="img" aria-label=""' not in made
    links = re.findall(r'class="to-numbers" href="#([^"]+)"', made)
    assert len(links) == made.count("<figure")
    assert all(f'<details id="{link}">' in made for link in links)


def test_every_scenario_has_a_section_and_its_answer_on_top(run: Run) -> None:
    run.profile.scenarios = ["recipe-detail", "recipe-list"]
    run.slices += [one.model_copy(update={"scenario": "recipe-list"}) for one in run.slices]
    made = page(summarize(run))
    assert re.findall(r'<section id="([^"]+)"', made) == ["scenario-recipe-detail", "scenario-recipe-list"]
    assert '<a href="#scenario-recipe-list">' in made


def test_doubts_come_with_their_advice() -> None:
    run = made_up_run({"slow": 1000.0, "fast": 2000.0})
    for each in run.slices:
        if each.variant == "fast":
            each.errors, each.failures = 100, {"status 503": 100}
    text = words(page(summarize(run)))
    assert "not ranked" in text
    assert "Advice: " in text


@pytest.mark.parametrize("blocks", [0, 1])
def test_a_run_that_goes_on_says_how_far_it_is(run: Run, blocks: int) -> None:
    run.finished_at, run.finished_blocks = None, blocks
    run.slices = [one for one in run.slices if one.block <= blocks]
    run.ceilings = [one for one in run.ceilings if one.block <= blocks]
    text = words(page(summarize(run), version="1"))
    assert f"Not finished: {blocks} of 3 block(s) measured so far." in text
    assert ("Nothing is measured yet." in text) == (blocks == 0)


def at_a_rate(run: Run) -> None:
    run.rate = Rate(requests_per_second=100, pattern="constant")


def refused(run: Run) -> None:
    for each in run.slices:
        each.errors, each.failures = 1, {"wrong body": 1}


def without_answers(run: Run) -> None:
    for each in run.slices:
        each.requests, each.requests_per_second, each.histogram = 0, 0.0, encoded(new_histogram())


def without_optional_tiers(run: Run) -> None:
    for each in run.slices:
        each.tiers = {name: usage for name, usage in each.tiers.items() if name in {"generator", "service"}}
        each.work = each.proxy = each.upstream = None


@pytest.mark.parametrize("changed", [at_a_rate, refused, without_answers, without_optional_tiers])
def test_whatever_a_run_lacks_it_has_a_page(grown: Run, changed: Callable[[Run], None]) -> None:
    changed(grown)
    made = page(summarize(grown, load_prices()))
    assert "fast, 2 hosts" in words(made)


def test_how_many_blocks_a_run_will_have_is_not_told_where_nobody_knows(run: Run) -> None:
    run.finished_at, run.finished_blocks, run.until_half_width = None, 2, 0.03
    assert "Not finished: 2 block(s) measured so far." in words(page(summarize(run)))


def test_why_a_page_waits_is_only_text_too() -> None:
    assert "<img" not in waiting(HOSTILE, "none")
