"""Two runs side by side in the terminal: the differences between the same variants, with their intervals."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from showdown.judge.comparisons import SERVICE_CPU, THROUGHPUT, Measure
from showdown.judge.differences import Difference, generators_disagree
from showdown.measure.results import Run
from showdown.report.figures import UNKNOWN, Figure, compact, figure, full, three_digits, whole
from showdown.report.setting import contender_name
from showdown.report.terminal import bullets, least_width

# What an increase and a decrease are called.
WORDS = {THROUGHPUT: ("faster", "slower"), SERVICE_CPU: ("less CPU", "more CPU")}
NOTHING = "nothing"
LEVELS = ("req/s\nbefore", "req/s\nafter")
RATIOS = ("after ÷\nbefore", "the same\n× baseline", "CPU after\n÷ before")
# Without a ratio to the baseline, the machine may have changed instead.
OR_THE_MACHINE = ", or the machine"


def show_differences(run: Run, found: Sequence[Difference], circumstances: Iterable[str], console: Console) -> None:
    """Print a table for each scenario. `run`: the first of the two."""
    for scenario, of_scenario in groupby(found, lambda difference: difference.scenario):
        console.print(f"\n{scenario}", style="bold", highlight=False)
        rows = by_row(run, of_scenario)
        full, narrow = _table(rows, levels=True), _table(rows, levels=False)
        console.print(full if least_width(full, console) <= console.width else narrow)
    bullets([f"not the same in both – {one}" for one in circumstances], console)


def by_row(run: Run, found: Iterable[Difference]) -> dict[str, list[Difference]]:
    """By a row's name."""
    rows: dict[str, list[Difference]] = {}
    for difference in found:
        name = contender_name(run, difference.variant, difference.service_hosts)
        rows.setdefault(name, []).append(difference)
    return rows


def inside(run: Run, found: Sequence[Difference]) -> list[str]:
    """Which figures of a second run lie in the intervals of the first, in sentences."""
    outside = [difference for difference in found if not difference.inside]
    count = f"{len(found) - len(outside)} of {len(found)} figures lie in the first run's intervals"
    told = [f"{count}; where nothing differs about five of six do, for the second run varies, too"]
    for one in outside:
        low, high = one.first.interval
        shown = three_digits if one.to_baseline else whole
        what = f"{one.measure.title}{', × baseline' if one.to_baseline else ''}"
        name = contender_name(run, one.variant, one.service_hosts)
        so_far = "established" if one.established else "not established"
        told.append(
            f"{name}, {one.scenario}, {what}: {shown(one.second.value)} lies outside {shown(low)}–{shown(high)}; that "
            f"they differ is {so_far}"
        )
    return told


def disagreements(first: Run, second: Run, found: Iterable[Difference]) -> list[str]:
    """What two generators see differently, in sentences. `found`: the differences between the runs."""
    return [
        f"generators disagree – {contender_name(first, one.variant, one.service_hosts)}, {one.scenario}: with "
        f"{second.generator} the service has {full(figure(one.ratio), three_digits)} × the CPU a request that it has "
        f"with {first.generator}. Repeat both on a quiet machine: if it stays, do not trust one of them."
        for one in generators_disagree(first, second, found)
    ]


def _table(rows: Mapping[str, list[Difference]], *, levels: bool) -> Table:
    """`levels`: whether to show req/s of both runs beside the ratios."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    table.add_column("variant", no_wrap=True)
    for heading in [*(LEVELS if levels else ()), *RATIOS]:
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("established")
    for name, of_row in rows.items():
        cells = [*(_cell(figure, number) for number, figure in enumerate(figures(of_row))), established(of_row)]
        table.add_row(*map(Text, [name, *(cells if levels else cells[len(LEVELS) :])]))
    return table


def figures(of_row: Iterable[Difference]) -> list[Figure | None]:
    """A row's: those of LEVELS and RATIOS."""
    kinds = _kinds(of_row)
    speed, cpu = kinds.get((THROUGHPUT, False)), kinds.get((SERVICE_CPU, False))
    levels = [Figure(speed.first.value), Figure(speed.second.value)] if speed else [None, None]
    ratios = [speed, kinds.get((THROUGHPUT, True)), cpu]
    return [*levels, *(figure(each.ratio) if each else None for each in ratios)]


def established(of_row: Iterable[Difference]) -> str:
    """In words, what differs in a row."""
    kinds = _kinds(of_row)
    return ", ".join(word for measure in WORDS if (word := _word(kinds, measure))) or NOTHING


def _kinds(of_row: Iterable[Difference]) -> dict[tuple[Measure, bool], Difference]:
    return {(difference.measure, difference.to_baseline): difference for difference in of_row}


def _cell(of: Figure | None, number: int) -> str:
    """The figure with that number in `figures`."""
    if of is None:
        return UNKNOWN
    return whole(of.value) if number < len(LEVELS) else compact(of, three_digits)


def _word(by_kind: dict[tuple[Measure, bool], Difference], measure: Measure) -> str | None:
    """By the ratio to the baseline, where there is one: what the whole machine did between the runs is not in it."""
    difference = by_kind.get((measure, True)) or by_kind.get((measure, False))
    if not difference or not difference.established:
        return None
    better, worse = WORDS[measure]
    word = better if difference.is_better else worse
    return word if difference.to_baseline else word + OR_THE_MACHINE
