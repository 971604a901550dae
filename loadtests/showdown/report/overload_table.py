"""What `showdown overload` has found: in the terminal, and as overload.md."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table
from showdown_contract.markdown import table

from showdown.files import write_result
from showdown.judge.overload_verdict import doubts, name, verdict, was_offered
from showdown.measure.overload_results import Overload, OverloadOf, Step
from showdown.report.figures import UNKNOWN, milliseconds, percent, whole, wrapped
from showdown.report.markdown import code, plain
from showdown.report.place import where
from showdown.report.setting import versions
from showdown.report.terminal import bullets

MARKDOWN = "overload.md"
COLUMNS: Mapping[str, Callable[[Step], str]] = {
    "load": name,
    "asked/s": lambda of: UNKNOWN if of.asked_requests_per_second is None else whole(of.asked_requests_per_second),
    "offered/s": lambda of: whole(of.offered_requests_per_second),
    "right/s": lambda of: whole(of.right_requests_per_second),
    "refused": lambda of: percent(of.refused_percent / 100),
    "p99 ms refused": lambda of: _ms(of.refused_p99_ms),
    "p99 ms right": lambda of: _ms(of.accepted_p99_ms),
    "recovery s": lambda of: UNKNOWN if of.recovery_seconds is None else f"{of.recovery_seconds:.2f}",
    "service MiB": lambda of: whole(of.service_peak_mib),
    "generator CPU": lambda of: percent(of.generator_peak_cpu_percent / 100),
}
# A terminal that is narrower has no room for these.
WIDE, LEFT_OUT = 100, {"service MiB", "generator CPU"}
READING = (
    "Load: requests that arrive at a share of the variant's capacity, which is what it does at most in a closed loop.",
    "Clients ask again as soon as they have an answer, and those that were refused when Retry-After says.",
    "Offered: what the generator could send. What it takes of this machine's cores is missing elsewhere.",
    "Right: answers with the right status and body. Refused: answers of 503.",
    "Recovery: how long after the load fell to half of the capacity nine of ten requests had a right answer in time.",
    "In time: in three times the p99 at half of the capacity, or in 50 ms where that is less. Metastable: not in 5 s.",
)


def show_overload(overload: Overload, console: Console) -> None:
    """A table for each variant, and what there is to say of it."""
    for scenario, found in by_scenario(overload):
        for of in found:
            at_most = UNKNOWN if of.requests_per_second is None else whole(of.requests_per_second)
            title = f"\n{of.variant}, {scenario}: {at_most} req/s at most; overload: {verdict(of)}"
            console.print(title, style="bold", highlight=False, markup=False)
            if of.steps:
                console.print(_table(of.steps, console.width))
            bullets(sentences(of), console)


def _table(steps: Sequence[Step], width: int) -> Table:
    shown = Table(box=box.SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    columns = {heading: cell for heading, cell in COLUMNS.items() if width >= WIDE or heading not in LEFT_OUT}
    for heading, cell in columns.items():
        widest = max(len(cell(step)) for step in steps)
        shown.add_column(wrapped(heading, widest), justify="left" if heading == "load" else "right", no_wrap=True)
    for step in steps:
        shown.add_row(*(cell(step) for cell in columns.values()))
    return shown


def write_overload_markdown(overload: Overload, folder: Path) -> Path:
    """Raises ShowdownError."""
    run = overload.run
    place = f"{plain(where(run))}, with {plain(versions(run))}"
    way = "through haproxy" if run.haproxy else "the services directly"
    parts = [
        "# Overload",
        f"Loaded by {run.generator}, {way}. Measured {run.started_at} at commit {code(run.commit)} on {place}.",
        f"```console\n$ {run.command}\n```",
    ]
    for scenario, found in by_scenario(overload):
        parts.append(f"**{scenario}**")
        parts.append(
            table(
                ["variant", *COLUMNS, "verdict"], [[plain(cell) for cell in line] for of in found for line in lines(of)]
            )
        )
        if said := [f"- {plain(sentence)}" for of in found for sentence in sentences(of)]:
            parts.append("\n".join(said))
    parts.append("## How to read it\n\n" + "\n".join(f"- {sentence}" for sentence in READING))
    return write_result(folder / MARKDOWN, "\n\n".join(parts) + "\n")


def by_scenario(overload: Overload) -> Iterator[tuple[str, list[OverloadOf]]]:
    """The highest capacity first."""
    for scenario in dict.fromkeys(each.scenario for each in overload.found):
        found = [each for each in overload.found if each.scenario == scenario]
        yield scenario, sorted(found, key=lambda each: -(each.requests_per_second or 0.0))


def lines(of: OverloadOf) -> list[list[str]]:
    """A variant's rows in Markdown; its name stands in the first, and the verdict in the last."""
    if not of.steps:
        return [[of.variant, *[UNKNOWN] * len(COLUMNS), verdict(of)]]
    last = len(of.steps) - 1
    return [
        [
            of.variant if not number else "",
            *(cell(each) for cell in COLUMNS.values()),
            verdict(of) if number == last else "",
        ]
        for number, each in enumerate(of.steps)
    ]


def _ms(value: float | None) -> str:
    return UNKNOWN if value is None else milliseconds(value)


def sentences(of: OverloadOf) -> list[str]:
    """What a reader has to know of one variant."""
    told = [f"{of.variant} failed: {of.fault.partition(chr(10))[0]}"] if of.fault else []
    told += [f"{of.variant}: {doubt.seen}" for doubt in doubts(of)] if of.steps else []
    return told + [
        f"{of.variant}, at {name(each)}: the generator could send {whole(each.offered_requests_per_second)} of "
        f"{whole(each.asked_requests_per_second or 0)} req/s, and took {each.generator_peak_cpu_percent:.0f}% of a core"
        for each in of.steps
        if not was_offered(each)
    ]
