"""`showdown explain`."""

from dataclasses import replace
from typing import Annotated

import typer
from showdown_contract.errors import ShowdownError
from showdown_contract.files import CONTRACT

from showdown import completions
from showdown.commands.choices import chosen_view, refuse
from showdown.console import explained
from showdown.contract.contract import load_contract
from showdown.ending import require
from showdown.measure.chain_plan import plan_chain
from showdown.measure.virtual_plan import MICROSECONDS, plan_virtual
from showdown.options import (
    ContractFolder,
    Direct,
    Dsn,
    Json,
    Latencies,
    Out,
    Pgbouncer,
    ProfileName,
    ProfileWith,
    Quiet,
    Scenarios,
    Seed,
    Size,
    Strict,
    TwinOrNot,
    Wide,
)
from showdown.requests.latency import parsed_latencies
from showdown.session import run_locally, tier_options

ChainName = Annotated[
    str | None,
    typer.Argument(
        help="The name of a chain: `showdown list` has all.", autocompletion=completions.chain, show_default=False
    ),
]
VirtualVariant = Annotated[
    str | None,
    typer.Option(
        "--virtual",
        metavar="VARIANT",
        help="Instead of a chain: plant work at layers of this variant, and see whether it shows there.",
        show_default=False,
        autocompletion=completions.variant,
    ),
]
Layers = Annotated[
    str | None,
    typer.Option(help="With --virtual: comma-separated layers; all there are if not given.", show_default=False),
]
PlantedMicroseconds = Annotated[
    str | None,
    typer.Option(
        "--microseconds",
        help=f"With --virtual: how much for each request; {MICROSECONDS} if not given.",
        show_default=False,
    ),
]
BothWays = Annotated[
    bool, typer.Option("--both-ways", help="Make the steps from the other end, too: what depends on their order?")
]


def main(  # noqa: PLR0917 - the command's options, one by one
    chain: ChainName = None,
    both_ways: BothWays = False,
    virtual: VirtualVariant = None,
    layers: Layers = None,
    microseconds: PlantedMicroseconds = None,
    scenarios: Scenarios = None,
    profile: ProfileName = None,
    out_folder: Out = None,
    size: Size = None,
    seed: Seed = 1,
    latency: Latencies = None,
    direct: Direct = False,
    dsn: Dsn = None,
    pgbouncer: Pgbouncer = None,
    twin: TwinOrNot = True,
    profile_with: ProfileWith = None,
    wide: Wide = False,
    strict: Strict = False,
    contract_folder: ContractFolder = CONTRACT,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    with explained(quiet=quiet):
        view, contract = chosen_view(wide=wide, as_json=as_json), load_contract(contract_folder)
        latencies = None if latency is None else parsed_latencies(latency)
        if virtual is not None:
            refuse("--virtual", {f"the chain {chain}": chain, "--both-ways": both_ways})
            planned = plan_virtual(
                virtual, layers, microseconds, scenarios, profile, size, seed, dsn, contract, twin=twin,
                latencies=latencies,
            )  # fmt: skip
        elif chain is None:
            raise ShowdownError("name a chain, of which `showdown list` has all, or a variant with --virtual")
        else:
            refuse("a chain", {"--layers": layers, "--microseconds": microseconds})
            planned = plan_chain(
                chain, scenarios, profile, size, seed, dsn, contract, both_ways=both_ways, twin=twin,
                latencies=latencies,
            )  # fmt: skip
            direct = direct or contract.chains[chain].direct
        planned = replace(planned, profiler=profile_with)
        options = tier_options(planned, haproxy=not direct, pgbouncer=pgbouncer)
        finished = run_locally(planned, options, out_folder, view)
        require([finished], strict=strict)
