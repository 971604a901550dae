"""`showdown prepare-hosts`."""

import shlex
from pathlib import Path
from typing import Annotated

import typer

from showdown.console import explained, notice, write_json
from showdown.options import Identity, Json, Quiet
from showdown.stacks.cloud.inventory import read_hosts
from showdown.stacks.cloud.prepare import prepare_hosts

Listed = Annotated[Path, typer.Option("--inventory", help="The file that lists them.", show_default=False)]


def main(inventory: Listed, identity: Identity = None, quiet: Quiet = False, as_json: Json = False) -> None:
    with explained(quiet=quiet):
        prepared = prepare_hosts(read_hosts(inventory), identity)
        if as_json:
            write_json(prepared)
        notice(f"the hosts are ready: showdown run --stack hosts --inventory {shlex.quote(str(inventory))}")
