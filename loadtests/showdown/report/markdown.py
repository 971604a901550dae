"""A run's result as Markdown: report.md, and the part of the README between two markers."""

import re
import textwrap
from pathlib import Path

from showdown_contract.errors import ShowdownError

from showdown.files import read_bounded, replace_file
from showdown.measure.results import Run
from showdown.report.columns import all_columns
from showdown.report.metrics import METRICS
from showdown.report.notes import notes
from showdown.report.setting import listed, setting
from showdown.report.summary import Row, Summary
from showdown.stacks.records import Host, Machine, TierName

MOST_README_BYTES = 2**24
SPECIAL, BACKTICKS = re.compile(r"[\\`<>\[\]|]"), re.compile("`+")
READING_WIDTH = 116
BEGIN, END = "<!-- begin of showdown's report -->", "<!-- end of showdown's report -->"


def report(summary: Summary) -> str:
    """report.md: how it was measured, the tables, the doubts, how to read them."""
    run = summary.run
    measured = f"Measured {run.started_at} at commit {_code(run.commit)} on {_where(run)}, with {_versions(run)}."
    fence = _fence(run.command, 3)
    command = f"{fence}console\n$ {run.command}\n{fence}"
    parts = ["# Showdown", f"{_how(run)} {measured}", command, tables(summary, charts=""), _reading(run)]
    return "\n\n".join(parts) + "\n"


def tables(summary: Summary, charts: str) -> str:
    """A table and a chart for each scenario, and what a reader has to know. `charts`: their folder, as a link."""
    run = summary.run
    parts: list[str] = []
    for scenario, rows in summary.rows.items():
        chart = f"![{scenario}: requests per second]({charts}{scenario}.svg)"
        parts += [f"**{scenario}**", _table(run, rows), chart]
        if len(run.service_hosts) > 1:
            parts.append(f"![{scenario}: requests per second and dollar]({charts}{scenario}-per-usd.svg)")
    if doubts := notes(summary):
        parts.append("\n".join(f"- {plain(note)}" for note in doubts))
    return "\n\n".join(parts)


def splice(readme: Path, summary: Summary, charts: str) -> None:
    """Replace what stands between the markers by the tables and the command that made them.

    `charts`: the charts' folder as the file links to it. Raises ShowdownError where there are no markers.
    """
    text = read_bounded(readme, MOST_README_BYTES).decode()
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ShowdownError(f"{readme} has no lines {BEGIN} and {END}: add them where the table belongs")
    run = summary.run
    made_by = f"{_code(run.command)} at commit {_code(run.commit)}, on {_where(run)}:"
    # What a link names is what is written, as an editor would.
    readme = readme.resolve()
    text = f"{before}{BEGIN}\n{made_by}\n\n{tables(summary, charts)}\n{END}{after}"
    replace_file(readme, text, mode_of=readme)


def _table(run: Run, rows: list[Row]) -> str:
    shown = all_columns(run)
    cells = [["variant", *(column.heading for column in shown)]]
    cells += [[row.name, *(column.cell(row) for column in shown)] for row in rows]
    widths = [max(len(row[i]) for row in cells) for i in range(len(cells[0]))]
    aligned = [" | ".join(_aligned(row, widths)) for row in cells]
    rule = "|".join(["-" * (widths[0] + 2), *("-" * (width + 1) + ":" for width in widths[1:])])
    return "\n".join([f"| {aligned[0]} |", f"|{rule}|", *(f"| {line} |" for line in aligned[1:])])


def _aligned(cells: list[str], widths: list[int]) -> list[str]:
    return [cells[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(cells[1:], widths[1:], strict=True))]


def _how(run: Run) -> str:
    return (
        f"{setting(run)} of {run.profile.slice_seconds:g} s: {_data_set(run)}all variants up at once and measured in "
        f"turn, started anew for each of {run.profile.blocks} block(s), with {run.profile.warm_up_seconds:g} s of "
        "warm-up each."
    )


def _where(run: Run) -> str:
    """The machine, or the hosts of a cloud."""
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
    """What the hosts of a tier are, once where all are alike; the provider gives what it has."""
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


def plain(text: str) -> str:
    """Text of somebody's, which is to make no link, picture, code or HTML of its own."""
    return SPECIAL.sub(r"\\\g<0>", text.replace("\n", " "))


def _code(text: str) -> str:
    """As code, whatever it holds."""
    fence = _fence(text, 1)
    pad = " " if "`" in text else ""
    return f"{fence}{pad}{text.replace('-->', '-- >')}{pad}{fence}"


def _fence(text: str, least: int) -> str:
    """More of these than stand together anywhere in the text."""
    return "`" * max(least, max(map(len, BACKTICKS.findall(text)), default=0) + 1)


def _bullet(text: str) -> str:
    return textwrap.fill(text, READING_WIDTH, initial_indent="- ", subsequent_indent="  ")


MEDIANS = (
    "Every figure is the median over the slices, and percentiles of latency are of all slices together; peaks are the "
    "highest of all slices. Ratios are of slices side by side."
)
CEILING = (
    "pgbench runs the same single statement, prepared, over as many connections as the variants have at most, by the "
    "services' way to Postgres and without a service: the ceiling."
)
READING = "\n".join(
    ["## How to read it\n", *map(_bullet, [MEDIANS, *(metric.note for metric in METRICS if metric.note), CEILING]), ""]
)
ONE_MACHINE = """\
- Everything ran on one machine and competed for its cores: the tiers' CPU per request is what carries over."""
HOSTS = """\
- Each tier ran on hosts of its own; its CPU and memory are summed over them. USD a month are those of haproxy,
  Postgres and the service's hosts, not of the generator's. Users grow with the service's hosts.
- pgbench's ratio is to the baseline on the most hosts."""


def _reading(run: Run) -> str:
    return READING + (HOSTS if run.hosts else ONE_MACHINE)


def _data_set(run: Run) -> str:
    """Nothing where another contract's has but one size."""
    return f"{run.recipes:,} recipes, " if run.recipes else ""
