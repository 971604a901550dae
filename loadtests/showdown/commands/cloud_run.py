"""`showdown cloud-run`."""

from typing import Annotated

import typer

from showdown.cloud_session import cloud_run
from showdown.commands.lazy import loaded
from showdown.console import explained
from showdown.options import TerraformVariables

RunOptions = Annotated[
    list[str] | None,
    typer.Argument(help="Options of `showdown run`, behind --, such as -- --profile quick.", show_default=False),
]
Agreed = Annotated[bool, typer.Option("--yes", help="Do not ask before hosts are made.")]


def main(run_options: RunOptions = None, var: TerraformVariables = None, agreed: Agreed = False) -> None:
    measured = ["--stack", "terraform", *(run_options or [])]
    # A mistyped option ends it now, and not when the hosts are there.
    loaded("run").make_context("run", measured)
    with explained():
        code = cloud_run(var or [], run_options or [], agreed=agreed)
    raise typer.Exit(code)
