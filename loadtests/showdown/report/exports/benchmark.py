"""`--export github-action-benchmark`: for benchmark-action/github-action-benchmark, tool customBiggerIsBetter.

That tool knows one direction for a whole file, so CPU time is given as requests for a second of it.
"""

import json
from collections.abc import Iterator

from showdown.report.exports.document import VERSION, ExportedRow, exported_rows
from showdown.report.exports.values import Value
from showdown.report.figures import UNKNOWN, Figure, percent
from showdown.report.summary import Summary


def as_benchmark(summary: Summary) -> str:
    """Rows whose figures are refused, the twin and the ceiling are left out."""
    entries = [
        {
            "name": f"{_name(row)}: {what}",
            "unit": unit,
            "value": of.value,
            "range": _range(of),
            "extra": _extra(summary, row),
        }
        for row in exported_rows(summary)
        if row.kind == "variant"
        for what, unit, of in _figures(row, at_a_rate=summary.run.rate is not None)
    ]
    return json.dumps(entries, indent=2, ensure_ascii=False) + "\n"


def _figures(row: ExportedRow, *, at_a_rate: bool) -> Iterator[tuple[str, str, Value]]:
    """At a rate, throughput is what was asked for."""
    if not at_a_rate and (throughput := row.figures["requests_per_second"]):
        yield "throughput", "req/s", throughput
    if not at_a_rate and not row.is_baseline and (ratio := row.figures["ratio"]):
        yield "throughput to the baseline", "×", ratio
    if cpu := row.figures["service_cpu_us"]:
        yield "requests for a second of CPU", "req/CPU s", _inverse(cpu)


def _inverse(cpu_us: Value) -> Value:
    low, high = (None if end is None else 1e6 / end for end in (cpu_us.high, cpu_us.low))
    return Value(value=1e6 / cpu_us.value, low=low, high=high)


def _name(row: ExportedRow) -> str:
    hosts = f", {row.service_hosts} hosts" if row.service_hosts > 1 else ""
    return f"{row.scenario}, {row.variant}{hosts}"


def _range(of: Value) -> str:
    margin = Figure(of.value, of.low, of.high).margin
    return UNKNOWN if margin is None else f"± {percent(margin)}"


def _extra(summary: Summary, row: ExportedRow) -> str:
    run = summary.run
    ranked = UNKNOWN if row.rank_first is None else "–".join(dict.fromkeys([f"{row.rank_first}", f"{row.rank_last}"]))
    return "\n".join(
        [
            f"rank: {ranked}",
            f"verdict: {row.verdict}",
            f"baseline: {run.compared_with}",
            f"command: {run.command}",
            f"export version: {VERSION}",
        ]
    )
