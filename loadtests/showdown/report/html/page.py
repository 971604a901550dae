"""Puts the page together."""

from collections.abc import Iterator
from dataclasses import dataclass

from jinja2 import Environment, PackageLoader, StrictUndefined

from showdown.report.columns import ANSWER_WITH_ALL, OTHERS, columns
from showdown.report.doubts import CONSEQUENCES, Doubt, doubts_of, doubts_of_run
from showdown.report.findings import told
from showdown.report.html import budget, latency, scripts, slopes, steps, table, throughput, timeline
from showdown.report.html.answer import sentence
from showdown.report.html.drawing import Drawn
from showdown.report.html.table import Table
from showdown.report.notes import notes
from showdown.report.place import where
from showdown.report.reading import reading
from showdown.report.setting import confidence_percent, how, own_versions
from showdown.report.summary import Summary

TEMPLATES = Environment(
    loader=PackageLoader("showdown.report.html", ""),
    # Names, descriptions and commands may be from somebody else's results.
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


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
    sources = ["page.js", *(["live.js"] if version is not None else [])]
    needed = [scripts.vega(), *map(scripts.own, sources)]
    return TEMPLATES.get_template("page.html.jinja").render(
        summary=summary,
        run=summary.run,
        sections=[_section(summary, scenario) for scenario in summary.rows],
        doubts=doubts_of_run(summary.judgement),
        consequences=CONSEQUENCES,
        notes=notes(summary.run),
        reading=reading(summary),
        how=how(summary.run),
        where=where(summary.run),
        own_versions=own_versions(summary.run),
        results=results,
        version=version,
        style=scripts.text("page.css"),
        scripts=[script.source for script in needed],
        policy=_policy([script.allowed for script in needed], live=version is not None),
    )


def waiting(reason: str, version: str) -> str:
    """The page of a run that has no results yet."""
    script = scripts.own("live.js")
    return TEMPLATES.get_template("waiting.html.jinja").render(
        reason=reason,
        version=version,
        style=scripts.text("page.css"),
        script=script.source,
        policy=_policy([script.allowed], live=True),
    )


def _policy(allowed: list[str], *, live: bool) -> str:
    """What a browser may do: nothing leaves the page, and only these scripts run, whatever a name contains."""
    rules = {
        "default-src": "'none'",
        "script-src": " ".join(allowed),
        "style-src": "'unsafe-inline'",
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
        **({"connect-src": "'self'"} if live else {}),
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())


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
    if (explained := summary.explained(scenario)) and run.chain:
        yield from steps.drawn(run.chain, explained, rows)
    found = (
        budget.drawn(rows, scenario),
        latency.drawn(rows, scenario),
        timeline.drawn(run, rows, scenario),
        slopes.drawn(rows, scenario),
    )
    yield from filter(None, found)
