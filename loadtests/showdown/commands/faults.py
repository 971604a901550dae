"""`showdown faults`."""

from typing import Annotated

import typer
from showdown_contract.files import CONTRACT

from showdown import completions
from showdown.console import explained
from showdown.contract.contract import load_contract
from showdown.faults.fault_plan import plan_faults
from showdown.faults.fault_session import faults
from showdown.options import ContractFolder, Json, Measured, Out, Quiet, Seed, Size, VariantsFile

FaultNames = Annotated[
    str | None,
    typer.Option(
        "--faults",
        help="Comma-separated names; all that the contract has if not given.",
        show_default=False,
        autocompletion=completions.faults,
    ),
]


def main(  # noqa: PLR0917 - the command's options, one by one
    variants: Measured = None,
    names: FaultNames = None,
    variants_file: VariantsFile = None,
    out_folder: Out = None,
    size: Size = None,
    seed: Seed = 1,
    contract_folder: ContractFolder = CONTRACT,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    with explained(quiet=quiet):
        planned = plan_faults(variants, names, size, seed, load_contract(contract_folder), variants_file)
        faults(planned, out_folder, as_json=as_json)
