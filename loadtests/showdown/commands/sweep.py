"""`showdown sweep`."""

from typing import Annotated

import typer
from showdown_contract.files import CONTRACT

from showdown.console import explained
from showdown.contract.contract import load_contract
from showdown.ending import require
from showdown.options import (
    ContractFolder,
    Direct,
    Dsn,
    Json,
    Out,
    Pgbouncer,
    ProfileName,
    Quiet,
    Scenarios,
    Seed,
    Size,
    Strict,
    TwinOrNot,
    VariantsFile,
)
from showdown.sweep.sweep_plan import plan_sweep
from showdown.sweep.sweep_session import sweep

Swept = Annotated[
    str,
    typer.Argument(
        metavar="KNOB=A,B,C",
        help="A knob (workers, pool, SERIALIZER…), or users, rows, latency or size; and its values.",
    ),
]
SweptVariants = Annotated[
    str | None,
    typer.Option(
        "--variants", help="Comma-separated names; the contract's own choice if not given.", show_default=False
    ),
]


def main(  # noqa: PLR0917 - the command's options, one by one
    swept: Swept,
    variants: SweptVariants = None,
    variants_file: VariantsFile = None,
    scenarios: Scenarios = None,
    profile: ProfileName = None,
    out_folder: Out = None,
    size: Size = None,
    seed: Seed = 1,
    direct: Direct = False,
    dsn: Dsn = None,
    pgbouncer: Pgbouncer = None,
    twin: TwinOrNot = True,
    strict: Strict = False,
    contract_folder: ContractFolder = CONTRACT,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    with explained(quiet=quiet):
        contract = load_contract(contract_folder)
        plans = plan_sweep(
            swept, variants, scenarios, contract.profile if profile is None else profile, size, seed, dsn,
            contract, variants_file, twin=twin,
        )  # fmt: skip
        finished = sweep(plans, out_folder, haproxy=not direct, pgbouncer=pgbouncer, as_json=as_json)
        require(finished, strict=strict)
