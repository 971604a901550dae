"""`showdown reproduce`."""

from pathlib import Path
from typing import Annotated

import typer
from showdown_contract.files import CONTRACT

from showdown.console import explained
from showdown.contract.contract import load_contract
from showdown.ending import require
from showdown.options import Anyway, ContractFolder, Dsn, Identity, Inventory, Json, Out, Quiet, Strict, VariantsFile
from showdown.two_runs import reproduce

Again = Annotated[Path, typer.Argument(help="The folder of the run to make again.")]


def main(  # noqa: PLR0917 - the command's options, one by one
    folder: Again,
    out_folder: Out = None,
    variants_file: VariantsFile = None,
    dsn: Dsn = None,
    inventory: Inventory = None,
    identity: Identity = None,
    anyway: Anyway = False,
    strict: Strict = False,
    contract_folder: ContractFolder = CONTRACT,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    with explained(quiet=quiet):
        contract = load_contract(contract_folder)
        finished = reproduce(
            folder, out_folder, dsn, contract, variants_file, identity, inventory, anyway=anyway, as_json=as_json
        )
        require([finished], strict=strict)
