"""The CPU time that one request takes, by tier, as stacked bars: how much, and which share of the whole."""

from collections.abc import Sequence
from typing import Any

import altair as alt

from showdown.report import metrics
from showdown.report.figures import UNKNOWN, tenths, whole
from showdown.report.html.drawing import Drawn, Numbers, bars
from showdown.report.summary import Row

# In the order in which they are stacked: what is compared first, what only measures last.
TIERS = {
    "service_cpu_us": "service",
    "postgres_cpu_us": "Postgres",
    "pgbouncer_cpu_us": "pgbouncer",
    "haproxy_cpu_us": "haproxy",
    "upstream_cpu_us": "upstream",
    "link_cpu_us": "link",
    "generator_cpu_us": "generator",
}
# In a narrower part its name has no room.
NAMED_FROM = 0.22
PERCENT = 100


def drawn(rows: Sequence[Row], scenario: str) -> Drawn | None:
    """None where no tier tells."""
    by_row = {row.name: spent for row in rows if not row.is_ceiling and (spent := _spent(row))}
    if not by_row:
        return None
    tiers = [tier for tier in TIERS.values() if any(tier in spent for spent in by_row.values())]
    totals = {name: sum(spent.values()) for name, spent in by_row.items()}
    most, least = max(totals, key=totals.__getitem__), min(totals, key=totals.__getitem__)
    ends = {name: f"{whole(total)} µs" for name, total in totals.items()}
    return Drawn(
        name=f"{scenario}-budget",
        title="CPU time for one request, by tier",
        said=f"A bar for each of {len(by_row)} rows, stacked by tier: {most} takes {whole(totals[most])} µs of all "
        f"tiers for a request, {least} {whole(totals[least])} µs.",
        panels=[
            ("µs for a request", _stacked(by_row, tiers, ends)),
            (
                "Whose share is how large, in %",
                _stacked({name: _shares(of) for name, of in by_row.items()}, tiers, ends),
            ),
        ],
        numbers=Numbers(
            ["variant", *(f"{tier}, µs" for tier in tiers), "all, µs"],
            [
                [name, *(whole(spent[tier]) if tier in spent else UNKNOWN for tier in tiers), whole(totals[name])]
                for name, spent in by_row.items()
            ],
        ),
        note=f"From left to right: {', '.join(tiers)}. "
        + " ".join(metric.note for metric in metrics.METRICS if metric.name == "service_cpu_us"),
    )


def _spent(row: Row) -> dict[str, float]:
    return {tier: value for metric, tier in TIERS.items() if (value := row[metric])}


def _shares(spent: dict[str, float]) -> dict[str, float]:
    total = sum(spent.values())
    return {tier: PERCENT * value / total for tier, value in spent.items()}


def _stacked(by_row: dict[str, dict[str, float]], tiers: Sequence[str], ends: dict[str, str]) -> dict[str, Any]:
    """`ends`: what stands at the end of each bar."""
    most = max(sum(parts.values()) for parts in by_row.values())
    values = [
        {
            "variant": name,
            "tier": tier,
            "place": place,
            "value": value,
            "label": tier if value / most >= NAMED_FROM else "",
            "told": tenths(value),
        }
        for name, parts in by_row.items()
        for place, (tier, value) in enumerate(parts.items())
    ]
    x = alt.X("value:Q", title=None, stack="zero", scale=alt.Scale(domain=[0, most], nice=False))
    base = alt.Chart(alt.Data(values=values)).encode(y=alt.Y("variant:N", sort=None, title=None), order="place:O")
    colours = alt.Scale(domain=list(tiers), range=[f"var(--tier-{tier.lower()})" for tier in tiers])
    parts = base.mark_bar(stroke="var(--paper)", strokeWidth=1).encode(
        x=x,
        color=alt.Color("tier:N", sort=None, title=None, scale=colours),
        tooltip=["variant:N", "tier:N", alt.Tooltip("told:N", title="CPU")],
    )
    names = base.mark_text(color="var(--on-tier)", fontSize=11).encode(
        x=alt.X("value:Q", stack="zero", bandPosition=0.5), text="label:N"
    )
    wholes = [{"variant": name, "end": sum(parts.values()), "whole": ends[name]} for name, parts in by_row.items()]
    at_ends = alt.Chart(alt.Data(values=wholes)).mark_text(align="left", dx=5)
    return bars(
        parts + names + at_ends.encode(y=alt.Y("variant:N", sort=None), x="end:Q", text="whole:N"), len(by_row), tiers
    )
