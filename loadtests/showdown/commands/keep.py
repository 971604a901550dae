"""`showdown keep`."""

from typing import Annotated

import typer

from showdown.console import explained, out, write_json
from showdown.measure.kept import Kept, keep
from showdown.measure.plan import latest_folder
from showdown.measure.results import read_run
from showdown.options import Json, RunFolder
from showdown.report.output import write_report
from showdown.report.prices import load_prices
from showdown.report.summary import summarize
from showdown.sweep.folders import keep_sweep, run_folders, write_sweep

KeptName = Annotated[str, typer.Argument(help="The name of a folder under docs/results.")]


def main(name: KeptName, folder: RunFolder = None, as_json: Json = False) -> None:
    with explained():
        folder = folder or latest_folder()
        runs = run_folders(folder)
        kept = keep_sweep(runs, name) if runs else [keep(folder, name)]
        summaries = [summarize(read_run(each), load_prices()) for each in kept]
        written = [write_report(summary, each) for each, summary in zip(kept, summaries, strict=True)]
        if summaries[0].run.sweep:
            written.append(write_sweep(summaries, kept[0].parent if runs else kept[0], kept))
        if as_json:
            write_json(Kept(folders=[str(each) for each in kept], reports=[str(each) for each in written]))
        for path in [] if as_json else written:
            out.print(f"{path}", highlight=False, soft_wrap=True)
