"""The page of a run."""

from collections.abc import Iterator
from dataclasses import dataclass

from showdown.report.columns import ANSWER_WITH_ALL, OTHERS, columns
from showdown.report.doubts import CONSEQUENCES, Doubt, doubts_of, doubts_of_run
from showdown.report.findings import told
from showdown.report.html import budget, per_dollar, percentiles, slopes, steps, table, throughput, timeline, trips
from showdown.report.html.answer import sentence
from showdown.report.html.drawing import Drawn
from showdown.report.html.frame import rendered
from showdown.report.html.table import Table
from showdown.report.notes import notes
from showdown.report.place import where
from showdown.report.reading import reading
from showdown.report.setting import commands, confidence_percent, how, own_versions
from showdown.report.summary import Summary


@dataclass(frozen=True)
class Section:
    """All of one scenario."""

    scenario: str
    answer: str
    chart: Drawn | None
    """Of the answer."""
    table: Table
    others: Table
    said: list[str]
    doubts: list[Doubt]
    charts: list[Drawn]


def page(summary: Summary, *, results: str | None = None, version: str | None = None) -> str:
    """The whole page.

    `results`: the file with all figures, as a link. `version`: of the results, where a server tells of newer ones.
    """
    return rendered(
        "page.html.jinja",
        charts=True,
        version=version,
        run=summary.run,
        sections=[_section(summary, scenario) for scenario in summary.rows],
        doubts=doubts_of_run(summary.judgement),
        consequences=CONSEQUENCES,
        notes=notes(summary.run),
        reading=reading(summary),
        how=how(summary.run),
        commands=commands(summary.run),
        where=where(summary.run),
        own_versions=own_versions(summary.run),
        results=results,
    )


def waiting(reason: str, version: str) -> str:
    """The page of a run that has no results yet."""
    return rendered("waiting.html.jinja", charts=False, version=version, reason=reason)


def _section(summary: Summary, scenario: str) -> Section:
    rows, said = summary.rows[scenario], sentence(summary, scenario)
    return Section(
        scenario=scenario,
        answer=said,
        chart=throughput.drawn(rows, scenario, confidence_percent(summary.run)),
        table=table.answer(summary, scenario, columns(rows, ANSWER_WITH_ALL)),
        others=table.others(summary, scenario, columns(rows, OTHERS)),
        said=[each for each in told(summary, scenario) if each != said],
        doubts=doubts_of(summary.judgement, scenario),
        charts=list(_charts(summary, scenario)),
    )


def _charts(summary: Summary, scenario: str) -> Iterator[Drawn]:
    run, rows = summary.run, summary.rows[scenario]
    for chain, explained in summary.explained(scenario):
        yield from steps.drawn(chain, explained, rows)
    # Each latency is a scenario of its own: what is said of all of them stands once.
    if summary.explanation and scenario == next(iter(summary.rows)):
        for over in summary.explanation.over_latency:
            yield from trips.drawn(over)
    found = (
        budget.drawn(rows, scenario),
        per_dollar.drawn(summary, scenario),
        percentiles.drawn(rows, scenario),
        timeline.drawn(run, rows, scenario),
        slopes.drawn(rows, scenario),
    )
    yield from filter(None, found)
