"""What `showdown overload` has found: in the terminal, and as overload.md."""

from collections.abc import Iterator
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table
from showdown_contract.markdown import table

from showdown.files import write_result
from showdown.judge.overload_verdict import doubts, name, verdict, was_offered
from showdown.measure.overload_results import Overload, OverloadOf, Step
from showdown.report.figures import UNKNOWN, milliseconds, percent, whole
from showdown.report.markdown import code, plain
from showdown.report.place import where
from showdown.report.setting import versions
from showdown.report.terminal import bullets

MARKDOWN = "overload.md"
HEADINGS = (
    "variant",
    "load",
    "asked/s",
    "offered/s",
    "right/s",
    "refused",
    "p99 ms of refusals",
    "p99 ms of right answers",
    "service MiB",
    "generator CPU",
    "recovery s",
    "verdict",
)
READING = (
    "Load: requests that arrive at a share of the variant's capacity, which is what it does at most in a closed loop.",
    "Clients ask again as soon as they have an answer, and those that were refused when Retry-After says.",
    "Offered: what the generator could send. What it takes of this machine's cores is missing elsewhere.",
    "Right: answers with the right status and body. Refused: answers of 503.",
    "Recovery: how long after the load fell to half of the capacity nine of ten requests had a right answer in time.",
    "In time: in three times the p99 at half of the capacity, or in 50 ms where that is less. Metastable: not in 5 s.",
)


def show_overload(overload: Overload, console: Console) -> None:
    """A table for each scenario, and what there is to say of single variants."""
    for scenario, found in by_scenario(overload):
        console.print(f"\n{scenario}: overload", style="bold", highlight=False, markup=False)
        shown = Table(box=box.SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
        for number, heading in enumerate(HEADINGS):
            shown.add_column(heading, justify="left" if number < 2 or heading == HEADINGS[-1] else "right")  # noqa: PLR2004 - two of text
        for of in found:
            for line in lines(of):
                shown.add_row(*line, end_section=line[-1] != "")
        console.print(shown)
        bullets((sentence for of in found for sentence in sentences(of)), console)


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
        parts.append(table(list(HEADINGS), [[plain(cell) for cell in line] for of in found for line in lines(of)]))
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
    """A variant's rows; its name stands in the first, and the verdict in the last."""
    if not of.steps:
        return [[of.variant, *[UNKNOWN] * (len(HEADINGS) - 2), verdict(of)]]
    last = len(of.steps) - 1
    return [
        [of.variant if not number else "", *_cells(each), verdict(of) if number == last else ""]
        for number, each in enumerate(of.steps)
    ]


def _cells(of: Step) -> list[str]:
    return [
        name(of),
        UNKNOWN if of.asked_requests_per_second is None else whole(of.asked_requests_per_second),
        whole(of.offered_requests_per_second),
        whole(of.right_requests_per_second),
        percent(of.refused_percent / 100),
        _ms(of.refused_p99_ms),
        _ms(of.accepted_p99_ms),
        whole(of.service_peak_mib),
        percent(of.generator_peak_cpu_percent / 100),
        UNKNOWN if of.recovery_seconds is None else f"{of.recovery_seconds:.2f}",
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
