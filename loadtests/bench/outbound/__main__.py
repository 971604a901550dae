"""What an HTTP client's life cycle costs, beside the runs under load. In loadtests/bench:

    ../../.venv/bin/python -m outbound construct
    ../../.venv/bin/python -m outbound loads
    ../../.venv/bin/python -m outbound flames
    ../../.venv/bin/python -m outbound report

The first three measure, and keep in a folder what they measured; the last makes its report.md, and cites it in
docs/outbound.md. `loads` and `flames` need strace, inferno and the right to watch other processes, which root has:
they say how to install what is missing.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from showdown.files import replace_file
from showdown_contract.errors import ShowdownError
from showdown_contract.files import CHECKOUT

from outbound import construct as construct_
from outbound import flames as flames_
from outbound import report as report_
from outbound import traced
from outbound.libraries import LIBRARIES
from outbound.marks import cited

KEPT = CHECKOUT / "docs/results/outbound-construct"
DOCUMENT = CHECKOUT / "docs/outbound.md"

app = typer.Typer(help=__doc__, add_completion=False, no_args_is_help=True, rich_markup_mode=None)
Folder = Annotated[Path, typer.Option(help="Where results are kept.")]
Names = Annotated[str | None, typer.Option("--only", help="Names, with commas between; else all.")]


@app.command()
def construct(
    folder: Folder = KEPT,
    only: Names = None,
    rounds: Annotated[int, typer.Option(min=1, max=100, help="Processes for each benchmark.")] = 10,
    values: Annotated[int, typer.Option(min=1, max=100, help="Values in each process.")] = 3,
) -> None:
    """Measure CPU time with pyperf, and count loads of CAs (20 minutes). Adds to earlier results."""
    construct_.measure(_named(only, list(LIBRARIES)), construct_.Files(folder), rounds, values)


@app.command()
def loads(folder: Folder = KEPT, only: Names = None) -> None:
    """Count, for each variant, the CA files opened and the handshakes made for a request (5 minutes)."""
    rows = list(traced.trace(_named(only, list(traced.calling()))))
    construct_.add_rows(construct_.Files(folder).services, traced.COLUMNS, rows)


@app.command()
def flames(
    folder: Folder = KEPT,
    only: Names = None,
    rate: Annotated[float, typer.Option(min=0.1, max=1000, help="Requests per second.")] = 8.0,
    seconds: Annotated[
        float, typer.Option(min=1, max=600, help="How long each variant is measured, and sampled.")
    ] = 20.0,
) -> None:
    """Draw flame graphs at equal requests per second, and what each changes after the one before (3 minutes)."""
    names = list(flames_.VARIANTS) if only is None else _named(only, list(traced.calling()))
    rows = flames_.record(names, folder, rate, seconds)
    construct_.add_rows(construct_.Files(folder).flames, flames_.COLUMNS, rows)


@app.command()
def report(folder: Folder = KEPT) -> None:
    """Write report.md into the folder, and the figures of docs/outbound.md anew."""
    results = report_.read(folder)
    replace_file(construct_.Files(folder).report, report_.markdown(results))
    replace_file(DOCUMENT, cited(DOCUMENT.read_text(), results), mode_of=DOCUMENT)


def _named(only: str | None, known: Sequence[str]) -> list[str]:
    if only is None:
        return list(known)
    names = only.split(",")
    for name in names:
        if name not in known:
            raise ShowdownError(f"there is no {name}: choose from {', '.join(known)}")
    return names


def main() -> None:
    try:
        app()
    except ShowdownError as error:
        sys.exit(f"outbound: {error}")


if __name__ == "__main__":
    main()
