"""`showdown overload`."""

from showdown_contract.files import CONTRACT

from showdown.console import explained
from showdown.contract.contract import load_contract
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
from showdown.overload_session import overload


def main(  # noqa: PLR0917 - the command's options, one by one
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
        contract = load_contract(contract_folder)
        planned = planned_here(variants, scenarios, arrivals, size, seed, dsn, contract, variants_file)
        overload(planned, out_folder, haproxy=not direct, pgbouncer=pgbouncer, as_json=as_json)
