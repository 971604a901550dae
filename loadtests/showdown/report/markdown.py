"""A run's result as Markdown: report.md, and the tables for other documents."""

import re
import textwrap
from collections.abc import Iterable

from showdown_contract.markdown import table

from showdown.measure.results import Run
from showdown.report.columns import ANSWER_WITH_ALL, OTHERS, columns
from showdown.report.doubts import MOST_SEEN, doubts_of, doubts_of_run
from showdown.report.figures import full
from showdown.report.findings import told
from showdown.report.metrics import METRICS
from showdown.report.notes import notes
from showdown.report.over_time import is_long
from showdown.report.price_note import price_note
from showdown.report.setting import confidence_percent, listed, setting
from showdown.report.summary import Row, Summary
from showdown.report.waterfall import waterfall
from showdown.stacks.records import Host, Machine, TierName

SPECIAL, BACKTICKS = re.compile(r"[\\`<>\[\]|]"), re.compile("`+")
READING_WIDTH = 116


def report(summary: Summary) -> str:
    """report.md: how the run was measured, the tables, the notes, and how to read them."""
    run = summary.run
    measured = f"Measured {run.started_at} at commit {code(run.commit)} on {_where(run)}, with {_versions(run)}."
    fence = _fence(run.command, 3)
    command = f"{fence}console\n$ {run.command}\n{fence}"
    parts = ["# Showdown", f"{_how(run)} {measured}", command, tables(summary, charts="", everything=True)]
    if run.variant_versions:
        parts.append(_own_versions(run))
    return "\n\n".join([*parts, reading(summary)]) + "\n"


def tables(summary: Summary, charts: str, *, everything: bool = False) -> str:
    """A table and a chart for each scenario, and what a reader has to know.

    `charts`: their folder, as a link. `everything`: all columns there are, and what was seen of every row.
    """
    run, judgement, most_seen = summary.run, summary.judgement, None if everything else MOST_SEEN
    parts: list[str] = []
    for scenario, rows in summary.rows.items():
        if (explained := summary.explained(scenario)) and run.chain:
            parts.append(f"**{scenario}**, {plain(run.chain.description)}")
            parts += [_escaped(*shown) for shown in waterfall(run.chain, explained, rows)]
            parts.append(f"![{scenario}: the steps of {run.chain.name}]({charts}{scenario}-steps.svg)")
        parts += [f"**{scenario}**, × baseline: × {run.compared_with}", _answer(rows)]
        parts.append(f"![{scenario}: requests per second]({charts}{scenario}.svg)")
        if len(run.service_hosts) > 1:
            parts.append(f"![{scenario}: requests per second and dollar]({charts}{scenario}-per-usd.svg)")
        if is_long(run):
            parts.append(f"![{scenario}: over time]({charts}{scenario}-over-time.svg)")
        doubts = [doubt.sentence(most_seen) for doubt in doubts_of(judgement, scenario)]
        if said := [*told(summary, scenario), *doubts]:
            parts.append(_bullets(said))
        if everything:
            parts.append(table(["variant", *(column.heading for column in columns(rows, OTHERS))], _others(rows)))
    if of_all := [*(doubt.sentence(most_seen) for doubt in doubts_of_run(judgement)), *notes(run)]:
        parts.append(_bullets(of_all))
    return "\n\n".join(parts)


def _escaped(headings: list[str], lines: list[list[str]]) -> str:
    """Of a chain: its names are texts from outside, and its figures are not."""
    return table(headings, [[plain(name), plain(knob), *figures] for name, knob, *figures in lines])


def made_by(run: Run) -> str:
    """The command, the commit and the machine."""
    return f"{code(run.command)} at commit {code(run.commit)}, on {_where(run)}"


def _answer(rows: list[Row]) -> str:
    shown = columns(rows, ANSWER_WITH_ALL)
    headings = ["variant", "rank", *(column.heading for column in shown), "verdict"]
    return table(
        headings,
        [[name_shown(row), row.rank_text, *(column.cell(row, full) for column in shown), row.verdict] for row in rows],
    )


def _others(rows: list[Row]) -> list[list[str]]:
    return [[name_shown(row), *(column.cell(row, full) for column in columns(rows, OTHERS))] for row in rows]


def name_shown(row: Row) -> str:
    """In italics if the row is doubtful: Markdown has no other way to set it back."""
    return f"*{row.name}*" if row.is_doubtful else row.name


def _bullets(sentences: Iterable[str]) -> str:
    return "\n".join(f"- {plain(sentence)}" for sentence in sentences)


def _how(run: Run) -> str:
    return (
        f"{setting(run)} of {run.profile.slice_seconds:g} s: {_data_set(run)}all variants up at once and measured in "
        f"turn, started anew for each of {run.profile.blocks} block(s), with {run.profile.warm_up_seconds:g} s of "
        "warm-up each."
    )


def _where(run: Run) -> str:
    """The machine, or the hosts of a cloud stack."""
    if not run.hosts:
        return _described(run.machine)
    tiers = dict.fromkeys(host.tier for host in run.hosts)
    hosts = {tier: [host for host in run.hosts if host.tier == tier] for tier in tiers}
    return "; ".join(_hosts(tier, of_tier) for tier, of_tier in hosts.items())


def _hosts(tier: TierName, hosts: list[Host]) -> str:
    first = hosts[0]
    price = f"{first.usd_per_month:,.0f} USD/month each"
    return f"{len(hosts)} × {plain(first.size)} for {tier} ({', '.join([price, *_machines(hosts)])})"


def _machines(hosts: list[Host]) -> list[str]:
    """The hosts of a tier, described once if they are alike: a provider may give different ones."""
    machines: dict[str, list[str]] = {}
    for host in hosts:
        if host.machine:
            machines.setdefault(_described(host.machine), []).append(host.name)
    if len(machines) == 1:
        return list(machines)
    return [f"{plain(listed(names))}: {machine}" for machine, names in machines.items()]


def _described(machine: Machine) -> str:
    virtual = f", virtual ({machine.virtual})" if machine.virtual else ""
    memory_gib = f"{machine.memory_mib / 1024:.0f}"
    return plain(f"{machine.cores} cores of {machine.cpu}{virtual}, {memory_gib} GiB, {machine.system}")


def _versions(run: Run) -> str:
    return plain(", ".join(f"{name} {version}" for name, version in run.versions.items()))


def _own_versions(run: Run) -> str:
    """Of each variant, what it does not share with the others."""
    lines = [
        f"{name}: {', '.join(f'{part} {version}' for part, version in versions.items())}"
        for name, versions in run.variant_versions.items()
    ]
    return f"Versions of their own:\n\n{_bullets(lines)}"


def plain(text: str) -> str:
    """Escape text from outside, so that it makes no link, image, code or HTML."""
    return SPECIAL.sub(r"\\\g<0>", text.replace("\n", " "))


def code(text: str) -> str:
    """Mark text as code, even if it holds backticks."""
    fence = _fence(text, 1)
    pad = " " if "`" in text else ""
    return f"{fence}{pad}{text.replace('-->', '-- >')}{pad}{fence}"


def _fence(text: str, least: int) -> str:
    """A fence: more backticks than stand together anywhere in the text."""
    return "`" * max(least, max(map(len, BACKTICKS.findall(text)), default=0) + 1)


def _bullet(text: str) -> str:
    return textwrap.fill(text, READING_WIDTH, initial_indent="- ", subsequent_indent="  ")


INTERVALS = (
    "A figure with an interval is the geometric mean over the blocks, and the interval, of {confidence}, is of the "
    "blocks, too. In a terminal ±3% is how far it reaches up; down it reaches a little less far. Percentiles of "
    "latency are of all slices together; peaks are the highest of all slices; other figures are medians over the "
    "slices."
)
RANKS = (
    "A rank is by {measure}. 2–4: one variant is established to be {better}, none of the next two to be {worse} "
    "({confidence}, corrected for the number of comparisons). A variant with a grave doubt, its verdict, has none. The "
    "A/A row is one variant measured twice: ±3% there is what this run calls no difference."
)
CEILING = (
    "pgbench runs the same single statement, prepared, over as many connections as the variants have at most, by the "
    "services' way to Postgres and without a service: the ceiling."
)
UNTIL = (
    "Blocks were added until all intervals were narrow enough, which they sometimes are by chance: intervals of "
    "{confidence} hold in 95% of such runs."
)
UPSTREAM = (
    "Calls and handshakes are the upstream's own counts, over all requests that the service was sent in the same time. "
    "A handshake is a new connection with TLS; one that resumes a session costs less, and counts as well."
)
ONE_MACHINE = """\
- Everything ran on one machine and competed for its cores: the tiers' CPU per request is what carries over."""
HOSTS = """\
- Each tier ran on hosts of its own; its CPU and memory are summed over them. Users grow with the service's hosts.
- pgbench's ratio is to the baseline on the most hosts."""


def reading(summary: Summary) -> str:
    """How to read each figure."""
    run, confidence = summary.run, confidence_percent(summary.run)
    at_a_rate = run.rate is not None
    words = {"better": "cheaper", "worse": "dearer"} if at_a_rate else {"better": "faster", "worse": "slower"}
    told = [
        INTERVALS.format(confidence=confidence),
        *([] if run.until_half_width is None else [UNTIL.format(confidence=confidence)]),
        RANKS.format(measure=summary.judgement.ranked_by.title, confidence=confidence, **words),
        *filter(None, ((at_a_rate and metric.note_at_a_rate) or metric.note for metric in METRICS)),
        *([UPSTREAM] if any(each.upstream for each in run.slices) else []),
        CEILING,
        *([cost] if (cost := price_note(summary)) else []),
    ]
    return "\n".join(["## How to read it\n", *map(_bullet, told), HOSTS if run.hosts else ONE_MACHINE])


def _data_set(run: Run) -> str:
    """Empty if the data set has only one size."""
    return f"{run.size:,} recipes, " if run.size else ""
