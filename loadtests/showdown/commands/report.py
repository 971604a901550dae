"""`showdown report`."""

from pathlib import Path
from typing import Annotated

import typer

from showdown.browse import follow, open_page
from showdown.commands.choices import chosen_view, refuse
from showdown.console import explained, write
from showdown.ending import require_trust, show_report
from showdown.measure.plan import latest_folder
from showdown.measure.results import read_run
from showdown.options import Json, Opened, RunFolder, Strict, Wide
from showdown.report.exports.forms import EXPORTS, ExportName
from showdown.report.output import HTML, write_into_readme
from showdown.report.prices import PRICES, load_prices
from showdown.report.summary import summarize
from showdown.sweep.folders import read_sweep, run_folders
from showdown.sweep.sweep_session import show as show_sweep

Export = Annotated[
    ExportName | None,
    typer.Option(
        help="Print this form on stdout, and write nothing: docs/exports.md describes it.", show_default=False
    ),
]
Readme = Annotated[
    Path | None,
    typer.Option(
        help="Put a chart and a small table between its markers, and all tables into docs/results.md beside it.",
        show_default=False,
    ),
]
Watched = Annotated[
    bool, typer.Option("--watch", help="Serve the report to this machine's browser, following the run, until Ctrl-C.")
]
PriceFile = Annotated[Path, typer.Option(help="What hosts cost, in the form of prices.toml.", show_default=False)]


def main(  # noqa: PLR0917 - the command's options, one by one
    folder: RunFolder = None,
    readme: Readme = None,
    prices: PriceFile = PRICES,
    opened: Opened = False,
    watch: Watched = False,
    wide: Wide = False,
    strict: Strict = False,
    export: Export = None,
    as_json: Json = False,
) -> None:
    with explained():
        view = chosen_view(wide=wide, as_json=as_json)
        folder = folder or latest_folder()
        if watch:
            refuse("--watch", {"--readme": readme, "--wide": wide, "--strict": strict})
            follow(folder, load_prices(prices), opened=opened)
            return
        if runs := run_folders(folder):
            refused = {"--readme": readme, "--wide": wide, "--export": export, "--open": opened}
            refuse("a sweep of several runs", refused)
            summaries = read_sweep(runs, load_prices(prices))
            show_sweep(summaries, folder, runs, as_json=as_json)
            for each in summaries if strict else []:
                require_trust(each.run)
            return
        summary = summarize(read_run(folder), load_prices(prices))
        if export:
            refuse(f"--export {export}", {"--json": as_json, "--wide": wide, "--readme": readme})
            write(EXPORTS[export](summary))
        else:
            show_report(summary, folder, view)
            if summary.run.sweep and not as_json:
                show_sweep([summary], folder, [folder])
        if readme:
            write_into_readme(summary, readme, folder)
        if opened:
            open_page((folder / HTML).absolute().as_uri())
        if strict:
            require_trust(summary.run)
