"""What came of faults: a table for each variant, in the terminal and in faults.md, and there the log beside it."""

from collections.abc import Iterator
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text
from showdown_contract.markdown import table

from showdown.faults.fault_file import Fault
from showdown.faults.fault_results import Faulted, Faults
from showdown.faults.seen import Seen
from showdown.files import write_result
from showdown.generators.arrival_log import DEADLINE_SECONDS
from showdown.report.figures import UNKNOWN, milliseconds, tenths, whole
from showdown.report.markdown import code, plain
from showdown.report.terminal import bullets

FILE = "faults.md"
HEADINGS = [
    "fault", "failed", "right again\nafter s", "wrong\nbodies", "lost", "hung", "worst\nms", "control's\nworst ms",
    "promises",
]  # fmt: skip
READING = """\
## How to read it

- Requests arrive at half of the rate that the variant reaches in a closed loop, and each has its line in the log of
  arrivals, whether or not others are answered. Beside each fault the same load was sent for as long without it.
- **failed**: by status; "no answer" is a connection that was refused, broken, or silent for {deadline:g} s.
- **right again after**: from the end of the fault until the last request was due that failed. A fault that is over at
  once ends when it is done, so this has in it what the service, or whoever starts it again, needs to come back.
- **lost**: of all creations that were answered with 201, those that are not in the table afterwards.
- **hung**: requests without an answer after {deadline:g} s, longer than haproxy waits for anything.
- **worst ms**: the longest that a right answer took, from when its request was due; **control's**: without the fault.
- Promises: no wrong body, nothing lost that was acknowledged, nothing hung, right answers in the end; and no failed
  request where the fault says so."""


def show_faults(found: Faults, console: Console) -> None:
    """A table for each variant, and what there is to say."""
    for variant, rows in _by_variant(found):
        title = f"\n{variant}, at {found.run.rate} ({_rates(rows)} req/s)"
        console.print(title, style="bold", highlight=False, markup=False)
        shown = Table(box=box.SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
        for heading in HEADINGS:
            shown.add_column(
                heading,
                justify="left" if heading in {"fault", "promises"} else "right",
                no_wrap=heading != "failed",
            )
        for row in rows:
            shown.add_row(*map(Text, cells(row)), style="red" if row.broken else "")
        console.print(shown)
        bullets((sentence for row in rows for sentence in sentences(row)), console)
    bullets(notes(found), console)


def report(found: Faults) -> str:
    """faults.md."""
    parts = [f"# Faults\n\n{code(found.run.command)} at commit {code(found.run.commit)}, at {found.run.rate}."]
    for variant, rows in _by_variant(found):
        parts += [
            f"## {plain(variant)}, {_rates(rows)} requests per second",
            table(
                [heading.replace("\n", " ") for heading in HEADINGS],
                [[plain(cell) for cell in cells(row)] for row in rows],
            ),
        ]
        for row in rows:
            fault = found.faults[row.fault]
            parts += [f"### {plain(row.fault)}: {plain(fault.description)}", _beside_each_other(row, fault)]
    parts += [_list([plain(each) for each in notes(found)]), READING.format(deadline=DEADLINE_SECONDS)]
    return "\n\n".join(filter(None, parts)) + "\n"


def write_report(found: Faults, folder: Path) -> Path:
    """Raises ShowdownError."""
    return write_result(folder / FILE, report(found))


def cells(row: Faulted) -> list[str]:
    """One line of a table."""
    seen, control = row.faulted, row.control
    return [
        row.fault,
        UNKNOWN if seen is None else failed(seen),
        UNKNOWN if seen is None else "never" if row.recovered_seconds is None else tenths(row.recovered_seconds),
        UNKNOWN if seen is None else str(seen.wrong_bodies),
        UNKNOWN if seen is None else f"{row.lost} of {row.acknowledged}",
        UNKNOWN if seen is None else str(seen.hung),
        _worst(seen),
        _worst(control),
        "broken" if row.broken else "kept",
    ]


def failed(seen: Seen) -> str:
    """By status: "3 × 503, 1 × no answer"."""
    return ", ".join(f"{count} × {what}" for what, count in seen.failed.items()) or "0"


def sentences(row: Faulted) -> list[str]:
    """What is to be said of one line."""
    of = f"{row.variant} under {row.fault}"
    told = [f"{of}: {sentence}" for sentence in row.broken]
    if row.error:
        told.append(f"{of}: {row.error.partition(chr(10))[0]}")
    if row.control and row.control.failures:
        told.append(f"{of}: without the fault {failed(row.control)} failed, too, of {row.control.requests}")
    return told


def notes(found: Faults) -> list[str]:
    """What is to be said of all."""
    left_out = [f"{name} was left out: {why}" for name, why in found.left_out.items()]
    unfinished = [] if found.finished_at else ["it was stopped before its end: some faults are not measured"]
    return [*found.run.notes, *left_out, *unfinished]


def _beside_each_other(row: Faulted, fault: Fault) -> str:
    """What was done, and what was seen."""
    lines = [f"{plain(fault.does)}.", table(["s", "process", "done", "shown by"], list(_log(row)))]
    if row.faulted:
        lines.append(_list([f"with the fault: {_in_words(row.faulted)}"]))
    if row.control:
        lines[-1] += "\n" + _list([f"without it: {_in_words(row.control)}"])
    if found := [*row.broken, *([row.error] if row.error else [])]:
        lines.append(_list([f"**{plain(sentence)}**" for sentence in found]))
    return "\n\n".join(lines)


def _log(row: Faulted) -> Iterator[list[str]]:
    for line in row.done:
        yield [
            f"{line.at_seconds:.2f}",
            UNKNOWN if line.pid is None else str(line.pid),
            plain(line.action),
            plain(line.effect),
        ]


def _in_words(seen: Seen) -> str:
    when = ""
    if seen.first_failed_seconds is not None and seen.last_failed_seconds is not None:
        when = f", due from {seen.first_failed_seconds:.2f} s to {seen.last_failed_seconds:.2f} s"
    return f"{seen.requests} requests, failed: {failed(seen)}{when}; the longest right answer took {_worst(seen)} ms"


def _worst(seen: Seen | None) -> str:
    return UNKNOWN if seen is None or seen.worst_ms is None else milliseconds(seen.worst_ms)


def _by_variant(found: Faults) -> Iterator[tuple[str, list[Faulted]]]:
    order = list(found.faults)
    for variant in dict.fromkeys(each.variant for each in found.measured):
        rows = [each for each in found.measured if each.variant == variant]
        yield variant, sorted(rows, key=lambda row: order.index(row.fault))


def _rates(rows: list[Faulted]) -> str:
    return " and ".join(dict.fromkeys(whole(row.requests_per_second) for row in rows))


def _list(sentences: list[str]) -> str:
    return "\n".join(f"- {sentence}" for sentence in sentences)
