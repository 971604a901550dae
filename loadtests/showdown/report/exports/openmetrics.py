"""`--export openmetrics`: gauges, for a textfile collector or a push gateway.

The format is OpenMetrics 1.0. There are no timestamps, which those two refuse.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from showdown.report import metrics
from showdown.report.exports.document import VERSION, ExportedRow, exported_rows
from showdown.report.exports.values import Value
from showdown.report.summary import Summary

PREFIX = "showdown"


def as_openmetrics(summary: Summary) -> str:
    """A family for each figure, and one for each end of its interval."""
    run, rows = summary.run, exported_rows(summary)
    about = {
        "export_version": str(VERSION),
        "commit": run.commit,
        "contract": run.contract,
        "profile": run.profile_name,
        "generator": run.generator,
        "stack": run.stack,
        "baseline": run.compared_with,
        "started_at": run.started_at,
    }
    lines = [
        *_family("run", "info", "What was measured.", [(about, 1)]),
        *_family("row", "info", "What each row is, and its verdict.", [(_about(row), 1) for row in rows]),
    ]
    if run.finished_at:
        finished = datetime.fromisoformat(run.finished_at).timestamp()
        lines += _family("run_finished_timestamp_seconds", "gauge", "When the run was finished.", [({}, finished)])
    for place in ("rank_first", "rank_last"):
        ranked = [(_labels(row), value) for row in rows if (value := getattr(row, place)) is not None]
        lines += _family(place, "gauge", "The first and the last place that a variant may have.", ranked)
    for metric in metrics.METRICS:
        known = [(_labels(row), value) for row in rows if (value := row.figures[metric.name])]
        lines += _figure(metric, known)
    return "\n".join([*lines, "# EOF"]) + "\n"


def _figure(metric: metrics.Metric, known: Sequence[tuple[Mapping[str, str], Value]]) -> Iterator[str]:
    yield from _family(metric.name, "gauge", metric.heading, [(labels, of.value) for labels, of in known])
    lows = [(labels, of.low) for labels, of in known if of.low is not None]
    highs = [(labels, of.high) for labels, of in known if of.high is not None]
    yield from _family(f"{metric.name}_low", "gauge", f"{metric.heading}: the low end of its interval", lows)
    yield from _family(f"{metric.name}_high", "gauge", f"{metric.heading}: the high end of its interval", highs)


def _family(name: str, kind: str, described: str, samples: Sequence[tuple[Mapping[str, str], float]]) -> Iterator[str]:
    """Nothing without samples."""
    if not samples:
        return
    full, suffix = f"{PREFIX}_{name}", "_info" if kind == "info" else ""
    yield f"# TYPE {full} {kind}"
    yield f"# HELP {full} {_escaped(described)}"
    for labels, value in samples:
        named = ",".join(f'{label}="{_escaped(text)}"' for label, text in labels.items())
        yield f"{full}{suffix}{{{named}}} {value:.15g}" if named else f"{full}{suffix} {value:.15g}"


def _labels(row: ExportedRow) -> dict[str, str]:
    return {"scenario": row.scenario, "variant": row.variant, "service_hosts": str(row.service_hosts)}


def _about(row: ExportedRow) -> dict[str, str]:
    return _labels(row) | {"kind": row.kind, "consequence": row.consequence or "none", "verdict": row.verdict}


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")
