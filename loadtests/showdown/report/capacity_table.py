"""What `showdown capacity` has found, in the terminal."""

from rich import box
from rich.console import Console
from rich.table import Table

from showdown.measure.capacity import PERCENTAGES
from showdown.measure.capacity_results import Capacities, CapacityOf
from showdown.report.figures import UNKNOWN, milliseconds, whole
from showdown.report.terminal import bullets


def show_capacities(capacities: Capacities, console: Console) -> None:
    """A table for each scenario, the highest capacity first, and what there is to say of single variants."""
    for scenario in dict.fromkeys(each.scenario for each in capacities.found):
        rows = [each for each in capacities.found if each.scenario == scenario]
        rows.sort(key=lambda each: -(each.requests_per_second or 0.0))
        title = f"\n{scenario}: the highest rate with p99 ≤ {capacities.p99_ms:g} ms, and latency below it"
        console.print(title, style="bold", highlight=False, markup=False)
        console.print(_table(rows))
        bullets((sentence for row in rows for sentence in _sentences(row, capacities.p99_ms)), console)


def _table(rows: list[CapacityOf]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    table.add_column("variant", no_wrap=True)
    headings = ["req/s", *(f"p50, p99 ms\nat {share}%" for share in PERCENTAGES)]
    for heading in headings:
        table.add_column(heading, justify="right", no_wrap=True)
    for row in rows:
        by_share = {each.percent_of_capacity: each for each in row.latencies}
        cells = [row.variant, _capacity(row)]
        for share in PERCENTAGES:
            seen = by_share.get(share)
            cells.append(f"{_ms(seen.p50_ms)}, {_ms(seen.p99_ms)}" if seen else UNKNOWN)
        table.add_row(*cells, style="" if row.is_confirmed else "dim")
    return table


def _capacity(row: CapacityOf) -> str:
    if row.requests_per_second is None or row.low is None or row.high is None:
        return UNKNOWN
    return f"{whole(row.requests_per_second)} [{whole(row.low)}–{whole(row.high)}]"


def _ms(value: float | None) -> str:
    return UNKNOWN if value is None else milliseconds(value)


def _sentences(row: CapacityOf, p99_ms: float) -> list[str]:
    told = []
    if row.fault:
        told.append(f"{row.variant} failed: {row.fault.partition(chr(10))[0]}")
    if row.requests_per_second is None and row.looks:
        least = min(each.requests_per_second for each in row.looks)
        told.append(f"{row.variant}: p99 was above {p99_ms:g} ms even at {whole(least)} req/s")
    elif row.requests_per_second is not None and not row.is_confirmed:
        told.append(f"{row.variant}: measured again at its rate, it missed the objective: the machine may be too busy")
    told += [
        f"{row.variant}, at {each.percent_of_capacity}%: {each.waited:,} arrivals had to wait for a free user"
        for each in row.latencies
        if each.waited
    ]
    return told
