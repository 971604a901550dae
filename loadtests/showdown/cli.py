"""The `showdown` command."""

import sys
from collections.abc import Mapping
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated, Literal

import typer
from showdown_contract.errors import ShowdownError
from showdown_contract.files import CONTRACT
from showdown_stack.pgbouncer import PoolMode
from showdown_stack.tiers import TierOptions

from showdown.capacity_session import capacity
from showdown.console import EXIT_CODES, explained, out
from showdown.contenders.build import build
from showdown.contenders.variants import Variant
from showdown.contenders.verify import plain_url
from showdown.contract.contract import load_contract
from showdown.generators.arrivals import Pattern
from showdown.measure.kept import keep
from showdown.measure.objective import parsed_objective
from showdown.measure.plan import latest_folder, plan_run
from showdown.measure.rates import Rate, parsed_rate
from showdown.measure.results import read_run
from showdown.measure.resume import resumed_plan
from showdown.report.output import write_into_readme, write_report
from showdown.report.prices import PRICES, load_prices
from showdown.report.summary import summarize
from showdown.requests.scenarios import Profile, Scenario
from showdown.serve import serve
from showdown.session import require_trust, require_whole, run_in_cloud, run_locally, show_report, tier_options
from showdown.stacks.cloud.cost import planned_cost, show_cost
from showdown.two_runs import compare, reproduce
from showdown.verification import MOST_SHOWN, verify_url, verify_variants

MOST_SEED = 2**32

app = typer.Typer(
    name="showdown",
    help="Compare implementations of one HTTP API over Postgres: answers, throughput, latency, CPU and memory.",
    epilog=EXIT_CODES,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Variants = Annotated[str | None, typer.Option(help="Comma-separated names; all if not given.", show_default=False)]
Measured = Annotated[
    str | None,
    typer.Option(help="Comma-separated names; all that are measured by default if not given.", show_default=False),
]
VariantsFile = Annotated[
    Path | None,
    typer.Option(
        help="A file of your own contenders, like variants.toml. The contract's variants can be named as well.",
        show_default=False,
    ),
]
Recipes = Annotated[
    int | None, typer.Option(min=1, help="The size of the data set; 2000 recipes if not given.", show_default=False)
]
ContractFolder = Annotated[
    Path, typer.Option("--contract", help="The folder with the contract.toml of another API.", show_default=False)
]
Dsn = Annotated[
    str | None,
    typer.Option(help="The URL of an empty database to use instead of starting a Postgres.", show_default=False),
]
Pgbouncer = Annotated[PoolMode | None, typer.Option(help="Put pgbouncer before Postgres.", show_default=False)]
Wide = Annotated[bool, typer.Option("--wide", help="All columns: CPU by tier, memory, connections, costs.")]
Strict = Annotated[
    bool, typer.Option("--strict", help="Exit with 3 where a verdict says that a number is not to be published.")
]
Anyway = Annotated[bool, typer.Option("--anyway", help="Also where the machine, the data set or the contract differs.")]
Out = Annotated[
    Path | None,
    typer.Option("--out", help="A new folder; under loadtests/results if not given.", show_default=False),
]
Identity = Annotated[
    Path | None,
    typer.Option(help="Terraform: the private key for SSH; ssh's own choice if not given.", show_default=False),
]
RunFolder = Annotated[Path | None, typer.Argument(help="A run's folder; the newest if not given.", show_default=False)]


@app.command("list")
def list_(variants_file: VariantsFile = None, contract_folder: ContractFolder = CONTRACT) -> None:
    """Show the variants, scenarios and profiles there are."""
    with explained():
        contract = load_contract(contract_folder)
        workloads = contract.scenarios
        kinds: dict[str, Mapping[str, Variant | Scenario | Profile]] = {
            "variants": contract.contenders(variants_file).all,
            "scenarios": workloads.scenarios,
            "profiles": workloads.profiles,
        }
        for kind, things in kinds.items():
            out.print(kind, style="bold")
            width = 2 + max(map(len, things))
            for name, thing in things.items():
                out.print(f"  {name:<{width}}{_described(thing)}", highlight=False, markup=False, soft_wrap=True)


@app.command()
def verify(  # noqa: PLR0917 - the command's options, one by one
    variants: Variants = None,
    variants_file: VariantsFile = None,
    recipes: Recipes = None,
    dsn: Dsn = None,
    raw: Annotated[bool, typer.Option("--raw", help="Also the raw requests, directly and through haproxy.")] = False,
    url: Annotated[
        str | None,
        typer.Option(help="A service that runs already, on the contract's data set.", show_default=False),
    ] = None,
    all_: Annotated[bool, typer.Option("--all", help=f"Show all differences, not the first {MOST_SHOWN}.")] = False,
    contract_folder: ContractFolder = CONTRACT,
) -> None:
    """Replay every golden case against each variant, and show where bytes differ."""
    with explained():
        contract = load_contract(contract_folder)
        shown = sys.maxsize if all_ else MOST_SHOWN
        if url is not None:
            of_variants = {"--variants": variants, "--variants-file": variants_file}
            _refuse(f"--url {url}", {**of_variants, "--recipes": recipes, "--dsn": dsn, "--raw": raw})
            verify_url(contract, plain_url(url), shown)
        else:
            selected = contract.contenders(variants_file).named(variants)
            verify_variants(contract, selected, contract.size(recipes), dsn, raw, shown)


@app.command()
def up(  # noqa: PLR0917 - the command's options, one by one
    command: Annotated[
        list[str] | None,
        typer.Argument(
            help="After --: run this, with SHOWDOWN_URL and DATABASE_URL set, then stop.", show_default=False
        ),
    ] = None,
    variant: Annotated[
        str | None,
        typer.Option(
            help="What to serve; the contract's own choice, or the first of --variants-file.", show_default=False
        ),
    ] = None,
    variants_file: VariantsFile = None,
    database_only: Annotated[bool, typer.Option("--database-only", help="Postgres alone, without a service.")] = False,
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="Any free one if not given.", show_default=False)
    ] = None,
    recipes: Recipes = None,
    dsn: Dsn = None,
    pgbouncer: Pgbouncer = None,
    contract_folder: ContractFolder = CONTRACT,
) -> None:
    """Start the stack with one variant, until Ctrl-C or while a command runs."""
    with explained():
        contract = load_contract(contract_folder)
        name, contender = variant or "", None
        if not database_only:
            by_default = None if variants_file else contract.served
            name, contender = contract.contenders(variants_file).one(by_default if variant is None else variant)
        options = TierOptions(
            contract, contract.size(recipes), dsn, haproxy=not database_only, pgbouncer=pgbouncer, port=port
        )
        if contender:
            build({name: contender})
        raise typer.Exit(serve(options, contract, name, contender, command))


@app.command()
def run(  # noqa: PLR0917 - the command's options, one by one
    variants: Measured = None,
    variants_file: VariantsFile = None,
    scenarios: Annotated[
        str | None, typer.Option(help="Comma-separated names; the profile's if not given.", show_default=False)
    ] = None,
    profile: Annotated[
        str | None,
        typer.Option(help="How much to measure: smoke, quick or full; quick if not given.", show_default=False),
    ] = None,
    out_folder: Out = None,
    recipes: Recipes = None,
    seed: Annotated[
        int, typer.Option(min=0, max=MOST_SEED, help="The seed for the order of slices and the choice of recipes.")
    ] = 1,
    stack: Annotated[
        Literal["local", "terraform"], typer.Option(help="This machine, or the hosts that `terraform apply` has made.")
    ] = "local",
    generator: Annotated[Literal["locust", "oha"], typer.Option(help="Local: what loads the services.")] = "locust",
    direct: Annotated[bool, typer.Option("--direct", help="Local: without haproxy.")] = False,
    dsn: Dsn = None,
    pgbouncer: Pgbouncer = None,
    service_hosts: Annotated[
        str | None,
        typer.Option(
            help="Terraform: the numbers of service hosts to measure on, such as 1,2,3; all hosts if not given.",
            show_default=False,
        ),
    ] = None,
    identity: Identity = None,
    rate: Annotated[
        str | None,
        typer.Option(
            help="Requests arrive at this rate, whoever has to wait: 500/s, or 70% of each variant's own capacity.",
            show_default=False,
        ),
    ] = None,
    arrivals: Annotated[Pattern, typer.Option(help="With --rate: at equal intervals, or by chance.")] = "constant",
    twin: Annotated[bool, typer.Option("--twin/--no-twin", help="Measure one variant twice, as a control.")] = True,
    resume: Annotated[
        Path | None,
        typer.Option(help="Go on with the run of this folder, which was stopped.", show_default=False),
    ] = None,
    wide: Wide = False,
    strict: Strict = False,
    contract_folder: ContractFolder = CONTRACT,
) -> None:
    """Measure variants under scenarios, and report."""
    with explained():
        contract = load_contract(contract_folder)
        not_in_cloud = {
            "--generator oha": generator == "oha", "--direct": direct, "--dsn": dsn, "--pgbouncer": pgbouncer,
            # Hosts have what their commit has.
            "--contract": contract.words, "--variants-file": variants_file,
        }  # fmt: skip
        in_cloud_only = {"--service-hosts": service_hosts, "--identity": identity}
        _refuse(f"--stack {stack}", not_in_cloud if stack == "terraform" else in_cloud_only)
        if rate is not None:
            _refuse("--rate", {"--generator oha": generator == "oha"})
        elif arrivals != "constant":
            raise ShowdownError(f"--arrivals {arrivals} is of requests that arrive at a rate: say --rate, too")
        if resume is not None:
            planned_before = {
                "--variants": variants, "--scenarios": scenarios, "--profile": profile, "--out": out_folder,
                "--recipes": recipes, "--direct": direct, "--pgbouncer": pgbouncer, "--service-hosts": service_hosts,
                "--generator": generator != "locust", "--no-twin": not twin, "--rate": rate,
            }  # fmt: skip
            _refuse("--resume", planned_before)
            planned = resumed_plan(resume, dsn, contract, variants_file)
        else:
            size, profile = contract.size(recipes), contract.profile if profile is None else profile
            planned = plan_run(
                variants, scenarios, profile, generator, size, seed, dsn, contract, variants_file, twin=twin,
                rate=None if rate is None else parsed_rate(rate, arrivals),
            )  # fmt: skip
        if stack == "terraform":
            finished = run_in_cloud(planned, service_hosts, identity, resume or out_folder, wide=wide)
        else:
            options = tier_options(planned, haproxy=not direct, pgbouncer=pgbouncer)
            finished = run_locally(planned, options, resume or out_folder, wide=wide)
        require_whole(finished)
        if strict:
            require_trust(finished)


@app.command()
def report(
    folder: RunFolder = None,
    readme: Annotated[
        Path | None, typer.Option(help="Put the tables between its markers, too.", show_default=False)
    ] = None,
    prices: Annotated[
        Path, typer.Option(help="What hosts cost, in the form of prices.toml.", show_default=False)
    ] = PRICES,
    wide: Wide = False,
    strict: Strict = False,
) -> None:
    """Show a run's tables again, and write its report.md and charts anew."""
    with explained():
        folder = folder or latest_folder()
        summary = summarize(read_run(folder), load_prices(prices))
        show_report(summary, folder, wide=wide)
        if readme:
            write_into_readme(summary, readme, folder)
        if strict:
            require_trust(summary.run)


@app.command("compare")
def compare_(
    first: Annotated[Path, typer.Argument(help="A run's folder.")],
    second: Annotated[Path, typer.Argument(help="The folder of a later run, or of another commit's.")],
    anyway: Anyway = False,
) -> None:
    """Show what differs between two runs, variant by variant, with intervals."""
    with explained():
        compare(read_run(first), read_run(second), anyway=anyway)


@app.command("reproduce")
def reproduce_(  # noqa: PLR0917 - the command's options, one by one
    folder: Annotated[Path, typer.Argument(help="The folder of the run to make again.")],
    out_folder: Out = None,
    variants_file: VariantsFile = None,
    dsn: Dsn = None,
    identity: Identity = None,
    anyway: Anyway = False,
    strict: Strict = False,
    contract_folder: ContractFolder = CONTRACT,
) -> None:
    """Make a run again by its recorded settings, and show which figures lie in its intervals."""
    with explained():
        contract = load_contract(contract_folder)
        finished = reproduce(folder, out_folder, dsn, contract, variants_file, identity, anyway=anyway)
        require_whole(finished)
        if strict:
            require_trust(finished)


@app.command("capacity")
def capacity_(  # noqa: PLR0917 - the command's options, one by one
    p99: Annotated[str, typer.Option(help="What the service has to keep, such as 50ms.")],
    variants: Measured = None,
    variants_file: VariantsFile = None,
    scenarios: Annotated[
        str | None, typer.Option(help="Comma-separated names; the profile's if not given.", show_default=False)
    ] = None,
    arrivals: Annotated[Pattern, typer.Option(help="At equal intervals, or by chance.")] = "constant",
    out_folder: Out = None,
    recipes: Recipes = None,
    seed: Annotated[int, typer.Option(min=0, max=MOST_SEED, help="The seed for what is asked, and when.")] = 1,
    direct: Annotated[bool, typer.Option("--direct", help="Without haproxy.")] = False,
    dsn: Dsn = None,
    pgbouncer: Pgbouncer = None,
    contract_folder: ContractFolder = CONTRACT,
) -> None:
    """Find the highest rate at which variants keep a latency, and their latency at 50, 70 and 85% of it."""
    with explained():
        objective, contract = parsed_objective(p99), load_contract(contract_folder)
        rate = Rate(percent_of_capacity=100, pattern=arrivals)
        planned = plan_run(
            variants, scenarios, contract.profile, "locust", contract.size(recipes), seed, dsn, contract,
            variants_file, twin=False, rate=rate,
        )  # fmt: skip
        capacity(planned, objective, out_folder, haproxy=not direct, pgbouncer=pgbouncer)


@app.command("keep")
def keep_(
    name: Annotated[str, typer.Argument(help="Of a folder under docs/results.")],
    folder: RunFolder = None,
) -> None:
    """Keep a run's results under docs/results, compressed, for documents to cite."""
    with explained():
        kept = keep(folder or latest_folder(), name)
        out.print(f"{write_report(summarize(read_run(kept), load_prices()), kept)}", highlight=False, soft_wrap=True)


@app.command("cloud-cost")
def cloud_cost(
    var: Annotated[
        list[str] | None,
        typer.Option(help="As Terraform's: service_count=3. Several may be given.", show_default=False),
    ] = None,
) -> None:
    """Say what the hosts of infra/ cost, before they are made."""
    with explained():
        show_cost(planned_cost(var or []), out)


def _described(thing: Variant | Scenario | Profile) -> str:
    only_when_named = isinstance(thing, Variant) and not thing.default
    return f"{thing.description} (measured only when named)" if only_when_named else thing.description


def _refuse(choice: str, options: Mapping[str, object]) -> None:
    """Raise ShowdownError if an option was given that has no meaning together with `choice`."""
    if given := [name for name, value in options.items() if value]:
        raise ShowdownError(f"{choice} does not go with {', '.join(given)}: leave it out")


def main() -> None:
    """Entry point."""
    # A terminal that cannot show a character gets its number.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    app()
