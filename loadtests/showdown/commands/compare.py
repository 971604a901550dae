"""`showdown compare`."""

from pathlib import Path
from typing import Annotated

import typer
from showdown_contract.errors import ShowdownError

from showdown.browse import open_page
from showdown.console import explained, notices, out, show_paths
from showdown.measure.results import read_run
from showdown.options import Anyway, Json, Opened
from showdown.report.output import write_comparison
from showdown.two_runs import compare, draw_differences, require_no_worse

FailIfWorse = Annotated[
    bool,
    typer.Option(
        "--fail-if-worse",
        help="Exit with code 3 if a variant is established to be slower, or to need more CPU, beside the baseline.",
    ),
]
First = Annotated[Path, typer.Argument(help="A run's folder.")]
Second = Annotated[Path, typer.Argument(help="The folder of a later run, or of another commit's.")]
Page = Annotated[
    Path | None, typer.Option("--html", help="Write the comparison into this file, too, as a page.", show_default=False)
]


def main(  # noqa: PLR0917 - the command's options, one by one
    first: First,
    second: Second,
    anyway: Anyway = False,
    html: Page = None,
    opened: Opened = False,
    fail_if_worse: FailIfWorse = False,
    as_json: Json = False,
) -> None:
    with explained():
        if opened and html is None:
            raise ShowdownError("--open shows the page of a comparison: say where to write it with --html")
        before, after = read_run(first), read_run(second)
        found = compare(before, after, anyway=anyway, as_json=as_json)
        flames = draw_differences((first, before), (second, after), notices if as_json else out)
        if html:
            write_comparison(before, after, found, html, flames)
            show_paths([html], on_stdout=not as_json)
        if html and opened:
            open_page(html.absolute().as_uri())
        if fail_if_worse:
            require_no_worse(found)
