"""The run of which the golden exports are. `python loadtests/tests/exported_runs.py` writes them anew."""

from pathlib import Path

from made_up_runs import made_up_ceiling, made_up_run
from showdown.report.exports.forms import EXPORTS
from showdown.report.summary import Summary, summarize

GOLDEN = Path(__file__).parent / "report" / "exports" / "golden"
FILES = {
    "csv": "export.csv",
    "markdown": "export.md",
    "json": "export.json",
    "openmetrics": "export.openmetrics",
    "github-action-benchmark": "benchmark.json",
}


def exported() -> Summary:
    """A baseline, its twin, a variant that is faster, one without a rank, one without figures, and the ceiling."""
    run = made_up_run(
        {"slow": 1000.0, "fast": 2000.0, "faulty": 3000.0, "wrong": 4000.0}, blocks=4, laps=1, twin_of="slow"
    )
    run.ceilings = [made_up_ceiling(block, 1, 9_000.0) for block in range(1, 5)]
    for each in run.slices:
        if each.variant == "faulty":
            each.errors, each.failures = 100, {"status 503": 100}
        if each.variant == "wrong":
            each.errors, each.failures = each.requests - 1, {"wrong body": each.requests - 1}
    return summarize(run)


if __name__ == "__main__":
    for name, export in EXPORTS.items():
        (GOLDEN / FILES[name]).write_text(export(exported()))
