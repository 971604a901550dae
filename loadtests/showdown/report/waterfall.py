"""A chain's steps, one below the other, as tables for the terminal and for Markdown, and in sentences."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeAlias

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from showdown.contenders.chains import Chain
from showdown.explain.explanation import (
    Both,
    Explained,
    Factor,
    MeasureName,
    ScenarioExplanation,
    Whole,
    found,
    not_found,
)
from showdown.report.figures import UNKNOWN, Figure, compact, full, signed, three_digits, whole, wrapped
from showdown.report.setting import listed
from showdown.report.summary import Row

NOT_FOUND = "no difference found"
# Columns of the terminal are so far apart.
BETWEEN = 2
HEADINGS: dict[MeasureName, str] = {
    "requests_per_second": "× req/s",
    "service_cpu_us_per_request": "÷ service CPU a request",
    "postgres_cpu_us_per_request": "÷ Postgres CPU a request",
}
# In a sentence: 4.1 × are kept connections; of CPU time, ÷ 4.1.
TITLES: dict[MeasureName, tuple[str, str]] = {
    "requests_per_second": ("req/s", "{} ×"),
    "service_cpu_us_per_request": ("service CPU a request", "÷ {}"),
    "postgres_cpu_us_per_request": ("Postgres CPU a request", "÷ {}"),
}
WHOLE = "all together"
LAYERS = "changes of 5% or more, by layer, in µs"
LAYER_HEADINGS = ["step", "service CPU µs", LAYERS]
# Of a request's CPU time before the step. Samples tell of no less.
LEAST_CHANGE = 0.05
BOTH_HEADINGS = ["step", "× req/s in the chain", "from the other end", "interaction"]

# Columns whose cells are words.
WORDS = {"step", "layer", "variant", "verdict", LAYERS}

Style: TypeAlias = Callable[[Factor | None], str]
"""How a factor is written."""
Shown: TypeAlias = tuple[list[str], list[list[str]]]
"""A table: its headings and its lines. The names of steps and knobs may be from somebody else's results."""


def show_waterfall(chain: Chain, explained: ScenarioExplanation, rows: Sequence[Row], console: Console) -> None:
    """Print the table of the steps; that of the interaction, where they were made from both ends; that of layers."""
    headings = ["step", "req/s", *(HEADINGS[measure] for measure in _measures(explained)), "verdict"]
    print_table(headings, _lines(chain, explained, rows, _short), console)
    for also in (*_both_ways(explained, _short), *steps_by_layer(explained)):
        print_table(*also, console)


def print_table(headings: Sequence[str], lines: Iterable[list[str]], console: Console) -> None:
    """Print a table in which names are on the left, and figures on the right: whole, if there is room."""
    lines = [*lines]
    widths = [_least_width(heading, [line[number] for line in lines]) for number, heading in enumerate(headings)]
    fits = sum(widths) + BETWEEN * len(headings) <= console.width
    shown = Table(box=box.SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    for heading, width in zip(headings, widths, strict=True):
        if heading in WORDS:
            shown.add_column(heading)
        else:
            shown.add_column(wrapped(heading, width) if fits else heading, justify="right", no_wrap=fits)
    for cells in lines:
        shown.add_row(*map(Text, cells), style="bold" if cells[0] == WHOLE else "")
    console.print(shown)


def _least_width(heading: str, cells: Iterable[str]) -> int:
    """Of a column in which only words are wrapped, and no figures."""
    unbroken = [word for cell in cells for word in cell.split()] if heading in WORDS else cells
    return max(map(cell_len, [*heading.split(), *unbroken]))


def waterfall(chain: Chain, explained: ScenarioExplanation, rows: Sequence[Row]) -> list[Shown]:
    """The same with each step's knob and both ends of each interval."""
    headings = ["step", "knob", "req/s", *(HEADINGS[measure] for measure in _measures(explained)), "verdict"]
    knobs = ["", *(each.step.knob for each in explained.steps), *([""] if _has_whole(explained) else [])]
    lines = [
        [name, knob, *cells]
        for knob, (name, *cells) in zip(knobs, _lines(chain, explained, rows, factor_text), strict=True)
    ]
    return [(headings, lines), *_both_ways(explained, factor_text)]


def steps_by_layer(explained: ScenarioExplanation) -> Iterator[Shown]:
    """A table of what each step changes in the service's layers, if that was sampled."""
    if lines := [[name, *_layers(each)] for name, each in _named(explained) if each.layers]:
        yield LAYER_HEADINGS, lines


def sentences(explained: ScenarioExplanation) -> Iterator[str]:
    """What the tables say."""
    for measure in _measures(explained):
        whole = explained.whole.get(measure)
        if told := _shares(explained.steps, whole, measure) if whole else _alternatives(explained.steps, measure):
            yield told
    for measure in _measures(explained):
        if alone := [each for each in explained.both_ways if _interacts(each, measure)]:
            told = "; ".join(_interaction(each, explained.steps, measure) for each in alone)
            yield f"In {TITLES[measure][0]} it depends on the order: {told}."


def _measures(explained: ScenarioExplanation) -> list[MeasureName]:
    return [measure for measure in HEADINGS if any(each.factors[measure] for each in explained.steps)]


def _lines(chain: Chain, explained: ScenarioExplanation, rows: Sequence[Row], style: Style) -> Iterator[list[str]]:
    measures = _measures(explained)
    yield [chain.first, _level(explained, chain.first), *("" for _ in measures), _verdict(rows, chain.first)]
    for name, each in _named(explained):
        factors = [style(each.factors[measure]) for measure in measures]
        after = each.step.after
        yield [name, _level(explained, after), *factors, _verdict(rows, after)]
    if _has_whole(explained):
        yield [WHOLE, "", *(style(explained.whole[measure].factor) for measure in measures), ""]


def _has_whole(explained: ScenarioExplanation) -> bool:
    """Whether there is something to say of all steps together: not of alternatives, nor after one block."""
    return any(whole.factor for whole in explained.whole.values())


def _reached(explained: ScenarioExplanation, each: Explained) -> str:
    """The step, or the variant at the start, from which this one is made."""
    return next((one.step.name for one in explained.steps if one.step.after == each.step.before), each.step.before)


def _named(explained: ScenarioExplanation) -> Iterator[tuple[str, Explained]]:
    """Each step, and its name; where it is not made from the step above it, also what it comes after."""
    before = explained.steps[0].step.before
    for each in explained.steps:
        comes_after = "" if each.step.before == before else f", after {_reached(explained, each)}"
        yield f"{each.step.name}{comes_after}", each
        before = each.step.after


def _layers(each: Explained) -> list[str]:
    """The service's CPU time of a request before and after it, and by how much layers changed, most first."""
    before = sum(layer.before_us_per_request for layer in each.layers)
    after = sum(layer.after_us_per_request for layer in each.layers)
    changes = {layer.layer: layer.after_us_per_request - layer.before_us_per_request for layer in each.layers}
    largest = sorted(changes.items(), key=lambda change: -abs(change[1]))
    told = [
        f"{name} {'+' if change > 0 else ''}{signed(change)}"
        for name, change in largest
        if abs(change) >= LEAST_CHANGE * before
    ]
    return [f"{whole(before)} → {whole(after)}", ", ".join(told) or UNKNOWN]


def _both_ways(explained: ScenarioExplanation, style: Style) -> Iterator[Shown]:
    """A table of the interaction, if steps were made from both ends."""
    if lines := list(_both_lines(explained, style)):
        yield BOTH_HEADINGS, lines


def _both_lines(explained: ScenarioExplanation, style: Style) -> Iterator[list[str]]:
    """Of the steps whose interaction is known."""
    by_name = {each.step.name: each for each in explained.steps}
    for both in explained.both_ways:
        if interaction := both.interaction["requests_per_second"]:
            factors = [each["requests_per_second"] for each in (by_name[both.name].factors, both.other_way)]
            yield [both.name, *map(style, factors), style(interaction)]


def _short(factor: Factor | None) -> str:
    if factor is None:
        return UNKNOWN
    return compact(_figure(factor), three_digits) if factor.is_different else "no difference"


def factor_text(factor: Factor | None) -> str:
    """With both ends of its interval, and whether it is a difference."""
    if factor is None:
        return UNKNOWN
    written = full(_figure(factor), three_digits)
    return written if factor.is_different else f"{written}: {NOT_FOUND}"


def _figure(factor: Factor) -> Figure:
    return Figure(factor.value, factor.low, factor.high)


def _level(explained: ScenarioExplanation, variant: str) -> str:
    level = explained.levels[variant].get("requests_per_second")
    return whole(level.value) if level else UNKNOWN


def _verdict(rows: Sequence[Row], variant: str) -> str:
    return next((row.verdict for row in rows if row.variant == variant), UNKNOWN)


def _shares(steps: Sequence[Explained], of: Whole, measure: MeasureName) -> str | None:
    """Of the 21 ×, 4.1 × come from kept connections, …; None where the whole is not known."""
    if of.factor is None:
        return None
    title, form = TITLES[measure]
    shares = [f"{form.format(three_digits(factor.value))} from {name}" for name, factor in found(steps, measure)]
    if not shares and not of.factor.is_different:
        return f"No difference was found in {title}: neither of a step, nor of all together."
    of_all = f"{form.format(full(_figure(of.factor), three_digits))} in {title}"
    told = [f"Of the {of_all}, {_coming(shares)}." if shares else f"No single step makes the {of_all}."]
    if alike := not_found(steps, measure):
        told.append(f"No difference was found for {listed(alike)}.")
    if of.product is not None:
        place = "inside" if of.is_product_inside else "outside"
        product = form.format(three_digits(of.product))
        told.append(f"All steps multiply to {product}, {place} the interval of the whole.")
    return " ".join(told)


def _coming(shares: list[str]) -> str:
    first, *others = shares
    return listed([first.replace(" from ", " come from ", 1), *others])


def _alternatives(steps: Sequence[Explained], measure: MeasureName) -> str | None:
    """What each is of the one that it takes the place of; None where nothing is known."""
    title, form = TITLES[measure]
    told = [f"{name} {form.format(three_digits(factor.value))}" for name, factor in found(steps, measure)]
    alike = not_found(steps, measure)
    if not told and not alike:
        return None
    same = f"no difference was found for {listed(alike)}" if alike else ""
    return f"In {title}: {'; '.join(filter(None, [listed(told) if told else '', same]))}."


def _interacts(both: Both, measure: MeasureName) -> bool:
    factor = both.interaction[measure]
    return factor is not None and factor.is_different


def _interaction(both: Both, steps: Sequence[Explained], measure: MeasureName) -> str:
    chain = next(each.factors[measure] for each in steps if each.step.name == both.name)
    end = factor_text(both.other_way[measure])
    return f"{both.name} is {factor_text(chain)} in the chain and {end} from the other end"
