"""Curves over a long block: what services hold, and how long they take, minute by minute."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

import altair as alt

from showdown.generators.latencies import merged, percentile_ms
from showdown.measure.results import Run, Slice
from showdown.report.chart import WIDTH, svg

HEIGHT = 110
MINUTE = 60.0
HELD: Final[dict[str, Callable[[Slice], float | None]]] = {
    "memory, MiB": lambda one: one.tiers["service"].peak_rss_mib,
    "file descriptors": lambda one: one.tiers["service"].peak_fds,
    "connections": lambda one: one.tiers["service"].peak_connections,
}
P99 = "p99 ms of each minute"


def over_time(run: Run, scenario: str) -> str:
    """Memory, descriptors, connections and p99 of the first block's services, as SVG."""
    slices = [one for one in run.slices if one.scenario == scenario and one.block == 1]
    start = min(one.started_at for one in slices)
    panels = [_panel(name, list(held(slices, start, read))) for name, read in HELD.items()]
    rate = f" at {run.rate}" if run.rate else ""
    drawn = alt.vconcat(*panels, _panel(P99, list(p99_by_minute(slices, start)))).properties(
        title=f"{scenario}{rate}: what services hold over time"
    )
    return svg(drawn)


def held(slices: Iterable[Slice], start: float, read: Callable[[Slice], float | None]) -> Iterator[dict[str, Any]]:
    """What each slice's service held. `start`: of the first minute, in seconds since 1970."""
    for one in slices:
        if (value := read(one)) is not None:
            yield {"variant": one.variant, "minutes": (one.started_at - start) / MINUTE, "value": value}


def p99_by_minute(slices: Iterable[Slice], start: float) -> Iterator[dict[str, Any]]:
    """Of whole minutes, for one slice has too few requests to tell."""
    by_minute: dict[tuple[str, int], list[str]] = {}
    for one in slices:
        by_minute.setdefault((one.variant, int((one.started_at - start) / MINUTE)), []).append(one.histogram)
    for (variant, minute), histograms in by_minute.items():
        if (value := percentile_ms(merged(histograms), 99)) is not None:
            yield {"variant": variant, "minutes": minute + 0.5, "value": value}


def _panel(title: str, values: list[dict[str, Any]]) -> alt.Chart:
    panel: alt.Chart = (
        alt.Chart(alt.Data(values=values))
        .mark_line(point=True)
        .encode(
            x=alt.X("minutes:Q", title="minutes"),
            y=alt.Y("value:Q", title=title),
            color=alt.Color("variant:N", sort=None, title=None),
        )
        .properties(width=WIDTH, height=HEIGHT)
    )
    return panel
