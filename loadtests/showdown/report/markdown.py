"""A run's result as Markdown: report.md, and the part of the README between two markers."""

import re
import textwrap
from pathlib import Path

from showdown_contract.markdown import spliced, table

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
    """report.md: how the run was measured, the tables, the notes, and how to read them."""
    run = summary.run
    measured = f"Measured {run.started_at} at commit {_code(run.commit)} on {_where(run)}, with {_versions(run)}."
    fence = _fence(run.command, 3)
    command = f"{fence}console\n$ {run.command}\n{fence}"
    parts = ["# Showdown", f"{_how(run)} {measured}", command, tables(summary, charts=""), _reading(run)]
    return "\n\n".join(parts) + "\n"


def tables(summary: Summary, charts: str) -> str:
    """A table and a chart for each scenario, and the notes. `charts`: the charts' folder, as a link."""
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
    """Replace the text between the markers by the tables and the command that made them.

    `charts`: the charts' folder as the file links to it. Raises ShowdownError if there are no markers.
    """
    text = read_bounded(readme, MOST_README_BYTES).decode()
    run = summary.run
    made_by = f"{_code(run.command)} at commit {_code(run.commit)}, on {_where(run)}:"
    text = spliced(text, BEGIN, END, f"{made_by}\n\n{tables(summary, charts)}", readme)
    # Follow a link and write its target, as an editor would.
    readme = readme.resolve()
    replace_file(readme, text, mode_of=readme)


def _table(run: Run, rows: list[Row]) -> str:
    shown = all_columns(run)
    rows_of_cells = [[row.name, *(column.cell(row) for column in shown)] for row in rows]
    return table(["variant", *(column.heading for column in shown)], rows_of_cells)


def _how(run: Run) -> str:
    return (
        f"{setting(run)}: {_data_set(run)}rounds interleaved, {run.profile.measure_seconds} s each after "
        f"{run.profile.warm_up_seconds} s of warm-up."
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
    """The machines of a tier's hosts, described once if all are alike: a provider does not always give the same CPU."""
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
    """Escape text from outside, so that it makes no link, image, code or HTML."""
    return SPECIAL.sub(r"\\\g<0>", text.replace("\n", " "))


def _code(text: str) -> str:
    """Any text as inline code."""
    fence = _fence(text, 1)
    pad = " " if "`" in text else ""
    return f"{fence}{pad}{text.replace('-->', '-- >')}{pad}{fence}"


def _fence(text: str, least: int) -> str:
    """More backticks than any run of them in the text."""
    return "`" * max(least, max(map(len, BACKTICKS.findall(text)), default=0) + 1)


def _bullet(text: str) -> str:
    return textwrap.fill(text, READING_WIDTH, initial_indent="- ", subsequent_indent="  ")


MEDIANS = (
    "Every figure is the median over the rounds; peaks are the highest of all rounds. Ratios are taken within a round."
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
    """Empty if the data set has only one size."""
    return f"{run.recipes:,} recipes, " if run.recipes else ""
