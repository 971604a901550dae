"""`showdown capacity`."""

from typing import Annotated

import typer
from showdown_contract.files import CONTRACT

from showdown.capacity_session import capacity
from showdown.console import explained
from showdown.contract.contract import load_contract
from showdown.measure.objective import parsed_objective
from showdown.measured_here import planned_here
from showdown.options import (
    Arrivals,
    ContractFolder,
    Direct,
    Dsn,
    Json,
    Measured,
    Out,
    Pgbouncer,
    Quiet,
    Scenarios,
    Seed,
    Size,
    VariantsFile,
)

Objective99 = Annotated[str, typer.Option("--p99", help="What the service has to keep, such as 50ms.")]


def main(  # noqa: PLR0917 - the command's options, one by one
    p99: Objective99,
    variants: Measured = None,
    variants_file: VariantsFile = None,
    scenarios: Scenarios = None,
    arrivals: Arrivals = "constant",
    out_folder: Out = None,
    size: Size = None,
    seed: Seed = 1,
    direct: Direct = False,
    dsn: Dsn = None,
    pgbouncer: Pgbouncer = None,
    contract_folder: ContractFolder = CONTRACT,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    with explained(quiet=quiet):
        objective, contract = parsed_objective(p99), load_contract(contract_folder)
        planned = planned_here(variants, scenarios, arrivals, size, seed, dsn, contract, variants_file)
        capacity(planned, objective, out_folder, haproxy=not direct, pgbouncer=pgbouncer, as_json=as_json)
