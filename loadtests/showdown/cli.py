"""The `showdown` command."""

import sys
from collections.abc import Mapping
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated, Literal

import typer
from showdown_contract import lookup
from showdown_contract.errors import ShowdownError
from showdown_contract.seed import DEFAULT_RECIPES, MOST_RECIPES, undo_writes
from showdown_stack.pgbouncer import PoolMode
from showdown_stack.text import printable
from showdown_stack.tiers import TierOptions, running_tiers

from showdown.console import explained, fail, out
from showdown.contenders.build import build
from showdown.contenders.raw import raw_differences_both_ways
from showdown.contenders.variants import Variant, load_contenders
from showdown.contenders.verify import differences
from showdown.measure.plan import latest_folder, plan_run
from showdown.measure.results import read_run
from showdown.progress import seeding
from showdown.report import terminal
from showdown.report.output import write_into_readme, write_report
from showdown.report.summary import summarize
from showdown.requests.scenarios import Profile, Scenario, load_scenario_file
from showdown.serve import serve
from showdown.session import run_in_cloud, run_locally
from showdown.stacks.cloud.cost import planned_cost, show_cost
from showdown.stacks.local import started_service

# Of the golden cases that a variant breaks: the others tend to say the same.
MOST_SHOWN = 10
MOST_SEED = 2**32

app = typer.Typer(
    name="showdown",
    help="What would this HTTP API over Postgres gain from async Python, or from Rust?",
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
        help="Contenders of your own, in the form of variants.toml; the checkout's can be named beside them.",
        show_default=False,
    ),
]
Recipes = Annotated[int, typer.Option(min=1, max=MOST_RECIPES, help="How many recipes to seed.")]
Dsn = Annotated[
    str | None,
    typer.Option(help="An empty database of yours, instead of a Postgres of our own.", show_default=False),
]
Pgbouncer = Annotated[PoolMode | None, typer.Option(help="Put pgbouncer before Postgres.", show_default=False)]
RunFolder = Annotated[Path | None, typer.Argument(help="A run's folder; the newest if not given.", show_default=False)]


@app.command("list")
def list_(variants_file: VariantsFile = None) -> None:
    """Show the variants, scenarios and profiles there are."""
    with explained():
        workloads = load_scenario_file()
        kinds: dict[str, Mapping[str, Variant | Scenario | Profile]] = {
            "variants": load_contenders(variants_file).all,
            "scenarios": workloads.scenarios,
            "profiles": workloads.profiles,
        }
        for kind, things in kinds.items():
            out.print(kind, style="bold")
            width = 2 + max(map(len, things))
            for name, thing in things.items():
                out.print(f"  {name:<{width}}{_described(thing)}", highlight=False, markup=False, soft_wrap=True)


@app.command()
def verify(
    variants: Variants = None,
    variants_file: VariantsFile = None,
    recipes: Recipes = DEFAULT_RECIPES,
    dsn: Dsn = None,
    raw: Annotated[bool, typer.Option("--raw", help="Also the raw requests, directly and through haproxy.")] = False,
) -> None:
    """Replay every golden case against each variant, and show where bytes differ."""
    with explained():
        selected = load_contenders(variants_file).named(variants)
        options = TierOptions(recipes, dsn, haproxy=raw)
        build(selected)
        failed = []
        width = 2 + max(map(len, selected))
        with seeding(recipes) as on_seeded, running_tiers(options, on_seeded=on_seeded) as stack:
            for name, variant in selected.items():
                try:
                    with started_service(stack, name, variant):
                        faults = differences(stack.service_url, lookup.cases(variant.lookup))
                        if raw:
                            faults += raw_differences_both_ways(stack, variant)
                except ShowdownError as error:
                    faults = [str(error)]
                undo_writes(stack.postgres.owner_dsn)
                verdict = f"[red]{len(faults)} fault(s)[/]" if faults else f"[green]{_praise(variant)}[/]"
                out.print(f"{name:<{width}}{verdict}", highlight=False)
                for fault in faults[:MOST_SHOWN]:
                    out.print(printable(fault), highlight=False, markup=False, soft_wrap=True)
                failed += [name] if faults else []
        if failed:
            fail(f"these break the contract: {', '.join(failed)}")


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
        typer.Option(help="What to serve; starlette, or the first of --variants-file.", show_default=False),
    ] = None,
    variants_file: VariantsFile = None,
    database_only: Annotated[bool, typer.Option("--database-only", help="Postgres alone, without a service.")] = False,
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="Any free one if not given.", show_default=False)
    ] = None,
    recipes: Recipes = DEFAULT_RECIPES,
    dsn: Dsn = None,
    pgbouncer: Pgbouncer = None,
) -> None:
    """Start the stack with one variant, until Ctrl-C or while a command runs."""
    with explained():
        name, contender = variant or "", None
        if not database_only:
            chosen = "starlette" if variant is None and variants_file is None else variant
            name, contender = load_contenders(variants_file).one(chosen)
        options = TierOptions(recipes, dsn, haproxy=not database_only, pgbouncer=pgbouncer, port=port)
        if contender:
            build({name: contender})
        raise typer.Exit(serve(options, name, contender, command))


@app.command()
def run(  # noqa: PLR0917 - the command's options, one by one
    variants: Measured = None,
    variants_file: VariantsFile = None,
    scenarios: Annotated[
        str | None, typer.Option(help="Comma-separated names; the profile's if not given.", show_default=False)
    ] = None,
    profile: Annotated[str, typer.Option(help="How much to measure: smoke, quick or full.")] = "quick",
    out_folder: Annotated[
        Path | None,
        typer.Option("--out", help="A new folder; under loadtests/results if not given.", show_default=False),
    ] = None,
    recipes: Recipes = DEFAULT_RECIPES,
    seed: Annotated[
        int, typer.Option(min=0, max=MOST_SEED, help="Of the order of rounds and the choice of recipes.")
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
        typer.Option(help="Terraform: on how many hosts, such as 1,2,3; all if not given.", show_default=False),
    ] = None,
    identity: Annotated[
        Path | None,
        typer.Option(help="Terraform: the private key for SSH; ssh's own choice if not given.", show_default=False),
    ] = None,
) -> None:
    """Measure variants under scenarios, and report."""
    with explained():
        planned = plan_run(variants, scenarios, profile, generator, recipes, seed, dsn, variants_file)
        if stack == "terraform":
            _refuse(
                "terraform",
                {
                    "--generator oha": generator == "oha",
                    "--direct": direct,
                    "--dsn": dsn,
                    "--pgbouncer": pgbouncer,
                    # Hosts have what their commit has.
                    "--variants-file": variants_file,
                },
            )
            run_in_cloud(planned, service_hosts, identity, out_folder)
        else:
            _refuse("local", {"--service-hosts": service_hosts, "--identity": identity})
            options = TierOptions(recipes, dsn, haproxy=not direct, pgbouncer=pgbouncer)
            run_locally(planned, options, out_folder)


@app.command()
def report(
    folder: RunFolder = None,
    readme: Annotated[
        Path | None, typer.Option(help="Put the tables between its markers, too.", show_default=False)
    ] = None,
) -> None:
    """Show a run's tables again, and write its report.md and charts anew."""
    with explained():
        folder = folder or latest_folder()
        summary = summarize(read_run(folder))
        terminal.show(summary, out)
        out.print(f"\n{write_report(summary, folder)}", highlight=False, markup=False, soft_wrap=True)
        if readme:
            write_into_readme(summary, readme)


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


def _praise(variant: Variant) -> str:
    if variant.lookup == "random":
        return "every golden case is byte-identical, or some recipe of the user's where one was asked for"
    return "every golden case is byte-identical"


def _refuse(stack: str, options: Mapping[str, object]) -> None:
    """Raise ShowdownError for an option that is given and means nothing on a stack."""
    if given := [name for name, value in options.items() if value]:
        raise ShowdownError(f"--stack {stack} does not go with {', '.join(given)}: leave it out")


def main() -> None:
    """Entry point."""
    # A terminal that cannot show a character gets its number.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    app()
