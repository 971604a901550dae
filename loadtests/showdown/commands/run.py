"""`showdown run`."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Literal

import typer
from showdown_contract.errors import ShowdownError
from showdown_contract.files import CONTRACT

from showdown.commands.choices import chosen_view, refuse
from showdown.commands.percentages import share
from showdown.console import explained
from showdown.contract.contract import load_contract
from showdown.ending import require
from showdown.measure.plan import MOST_MINUTES, Until, plan_run
from showdown.measure.rates import parsed_rate
from showdown.measure.resume import resumed_plan
from showdown.options import (
    Arrivals,
    ContractFolder,
    Direct,
    Dsn,
    Identity,
    Inventory,
    Json,
    Latencies,
    Measured,
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
    VariantsFile,
    Wide,
)
from showdown.requests.latency import parsed_latencies
from showdown.session import hosts_of, run_locally, run_on_hosts, tier_options
from showdown.stacks.records import StackKind

LONGEST_MINUTES = 24 * 60

ChosenStack = Annotated[
    StackKind, typer.Option(help="This machine, the hosts that `terraform apply` has made, or those of --inventory.")
]
GeneratorName = Annotated[Literal["locust", "oha"], typer.Option(help="Local: what loads the services.")]
ServiceHosts = Annotated[
    str | None,
    typer.Option(
        help="The numbers of service hosts to measure on, such as 1,2,3; all hosts if not given.",
        show_default=False,
    ),
]
RateOrShare = Annotated[
    str | None,
    typer.Option(
        help="Requests arrive at this rate, whoever has to wait: 500/s, or 70% of each variant's own capacity.",
        show_default=False,
    ),
]
UntilShare = Annotated[
    float | None,
    typer.Option(
        "--until",
        parser=share,
        metavar="PERCENT",
        help="Add blocks until every interval against the baseline is within this, such as 3%.",
        show_default=False,
    ),
]
MostMinutes = Annotated[
    int | None,
    typer.Option(
        min=1,
        max=LONGEST_MINUTES,
        help=f"With --until: begin no block that would end later; {MOST_MINUTES} if not given.",
        show_default=False,
    ),
]
Resumed = Annotated[
    Path | None, typer.Option(help="Go on with the run of this folder, which was stopped.", show_default=False)
]


def main(  # noqa: PLR0917 - the command's options, one by one
    variants: Measured = None,
    variants_file: VariantsFile = None,
    scenarios: Scenarios = None,
    profile: ProfileName = None,
    out_folder: Out = None,
    size: Size = None,
    seed: Seed = 1,
    stack: ChosenStack = "local",
    inventory: Inventory = None,
    generator: GeneratorName = "locust",
    direct: Direct = False,
    dsn: Dsn = None,
    pgbouncer: Pgbouncer = None,
    service_hosts: ServiceHosts = None,
    identity: Identity = None,
    latency: Latencies = None,
    rate: RateOrShare = None,
    arrivals: Arrivals = "constant",
    twin: TwinOrNot = True,
    until: UntilShare = None,
    most_minutes: MostMinutes = None,
    resume: Resumed = None,
    profile_with: ProfileWith = None,
    wide: Wide = False,
    strict: Strict = False,
    contract_folder: ContractFolder = CONTRACT,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    with explained(quiet=quiet):
        view, contract = chosen_view(wide=wide, as_json=as_json), load_contract(contract_folder)
        not_in_cloud = {
            "--generator oha": generator == "oha", "--direct": direct, "--dsn": dsn, "--pgbouncer": pgbouncer,
            "--latency": latency, "--profile-with": profile_with,
            # Hosts have what their commit has.
            "--contract": contract.words, "--variants-file": variants_file,
        }  # fmt: skip
        in_cloud_only = {"--service-hosts": service_hosts, "--identity": identity}
        refuse(f"--stack {stack}", in_cloud_only if stack == "local" else not_in_cloud)
        refuse(f"--stack {stack}", {} if stack == "hosts" else {"--inventory": inventory})
        minutes = MOST_MINUTES if most_minutes is None else most_minutes
        if rate is not None:
            refuse("--rate", {"--generator oha": generator == "oha"})
        elif arrivals != "constant":
            raise ShowdownError(f"--arrivals {arrivals} is of requests that arrive at a rate: say --rate, too")
        if resume is not None:
            planned_before = {
                "--variants": variants, "--scenarios": scenarios, "--profile": profile, "--out": out_folder,
                "--size": size, "--direct": direct, "--pgbouncer": pgbouncer, "--service-hosts": service_hosts,
                "--generator": generator != "locust", "--no-twin": not twin, "--until": until, "--rate": rate,
                "--latency": latency,
            }  # fmt: skip
            refuse("--resume", planned_before)
            planned = resumed_plan(resume, dsn, contract, variants_file, minutes)
        else:
            size, profile = contract.size(size), contract.profile if profile is None else profile
            planned = plan_run(
                variants, scenarios, profile, generator, size, seed, dsn, contract, variants_file,
                twin=twin, until=None if until is None else Until(until, minutes),
                rate=None if rate is None else parsed_rate(rate, arrivals),
                latencies=None if latency is None else parsed_latencies(latency),
            )  # fmt: skip
        planned = replace(planned, profiler=profile_with)
        refuse("a run without --until", {} if planned.until else {"--most-minutes": most_minutes})
        if stack != "local":
            hosts = hosts_of(stack, inventory)
            finished = run_on_hosts(planned, hosts, service_hosts, identity, resume or out_folder, view)
        else:
            options = tier_options(planned, haproxy=not direct, pgbouncer=pgbouncer)
            finished = run_locally(planned, options, resume or out_folder, view)
        require([finished], strict=strict)
