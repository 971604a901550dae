"""`showdown up`."""

from typing import Annotated

import typer
from showdown_contract.files import CONTRACT
from showdown_stack.tiers import TierOptions

from showdown import completions
from showdown.commands.choices import refuse
from showdown.console import explained
from showdown.contenders.build import build, build_upstream
from showdown.contract.contract import load_contract
from showdown.options import ContractFolder, Dsn, Json, Pgbouncer, Quiet, Size, VariantsFile
from showdown.serve import serve

Command = Annotated[
    list[str] | None,
    typer.Argument(help="After --: run this, with SHOWDOWN_URL and DATABASE_URL set, then stop.", show_default=False),
]
Served = Annotated[
    str | None,
    typer.Option(
        help="What to serve; the contract's own choice, or the first of --variants-file.",
        show_default=False,
        autocompletion=completions.variant,
    ),
]
DatabaseOnly = Annotated[bool, typer.Option("--database-only", help="Postgres alone, without a service.")]
Port = Annotated[int | None, typer.Option(min=1, max=65535, help="Any free one if not given.", show_default=False)]


def main(  # noqa: PLR0917 - the command's options, one by one
    command: Command = None,
    variant: Served = None,
    variants_file: VariantsFile = None,
    database_only: DatabaseOnly = False,
    port: Port = None,
    size: Size = None,
    dsn: Dsn = None,
    pgbouncer: Pgbouncer = None,
    contract_folder: ContractFolder = CONTRACT,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    with explained(quiet=quiet):
        # The output is the command's own.
        refuse("--json", {"a command": command} if as_json else {})
        contract = load_contract(contract_folder)
        name, contender = variant or "", None
        if not database_only:
            by_default = None if variants_file else contract.served
            name, contender = contract.contenders(variants_file).one(by_default if variant is None else variant)
        options = TierOptions(
            contract, contract.size(size), dsn, haproxy=not database_only, pgbouncer=pgbouncer, port=port,
            upstream=contract.calls_upstream and not database_only,
        )  # fmt: skip
        if contender:
            build({name: contender})
        if options.upstream:
            build_upstream(needed=False)
        raise typer.Exit(serve(options, contract, name, contender, command, as_json=as_json))
