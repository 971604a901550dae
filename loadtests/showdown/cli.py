"""The `showdown` command."""

import shlex
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from io import TextIOWrapper

import typer
from showdown_contract.errors import ShowdownError
from showdown_contract.files import CONTRACT
from showdown_stack.tiers import TierOptions

from showdown import completions
from showdown.browse import follow, open_page
from showdown.capacity_session import capacity
from showdown.cloud_session import cloud_run
from showdown.console import EXIT_CODES, explained, notice, notices, out, write, write_json
from showdown.contenders.build import build, build_upstream
from showdown.contenders.verify import plain_url
from showdown.contract.contract import load_contract
from showdown.faults.fault_plan import plan_faults
from showdown.faults.fault_session import faults
from showdown.measure.chain_plan import plan_chain
from showdown.measure.kept import Kept, keep
from showdown.measure.objective import parsed_objective
from showdown.measure.plan import MOST_MINUTES, Until, latest_folder, plan_run
from showdown.measure.rates import Rate, parsed_rate
from showdown.measure.results import Run, read_run
from showdown.measure.resume import resumed_plan
from showdown.measure.virtual_plan import plan_virtual
from showdown.options import (
    Again,
    Agreed,
    AllDifferences,
    Anyway,
    Arrivals,
    BothWays,
    ChainName,
    ChosenStack,
    Command,
    ContractFolder,
    DatabaseOnly,
    Direct,
    Dsn,
    Export,
    FailIfWorse,
    FaultNames,
    First,
    GeneratorName,
    Identity,
    Inventory,
    Json,
    KeptName,
    Latencies,
    Layers,
    ListedHosts,
    Measured,
    MostMinutes,
    Objective99,
    Opened,
    Out,
    Page,
    Pgbouncer,
    PlantedMicroseconds,
    Port,
    PriceFile,
    ProfileName,
    ProfileWith,
    Quiet,
    RateOrShare,
    Raw,
    Readme,
    Resumed,
    RunFolder,
    RunOptions,
    Scenarios,
    Second,
    Seed,
    Served,
    ServiceHosts,
    Size,
    Strict,
    Swept,
    SweptVariants,
    TerraformVariables,
    TwinOrNot,
    UntilShare,
    Url,
    Variants,
    VariantsFile,
    VirtualVariant,
    Watched,
    Wide,
)
from showdown.overload_session import overload
from showdown.report.exports.forms import EXPORTS
from showdown.report.listing import listing, show_listing
from showdown.report.output import HTML, write_comparison, write_into_readme, write_report
from showdown.report.prices import PRICES, load_prices
from showdown.report.summary import summarize
from showdown.requests.latency import parsed_latencies
from showdown.serve import serve
from showdown.session import (
    View,
    hosts_of,
    require_trust,
    require_whole,
    run_locally,
    run_on_hosts,
    show_report,
    tier_options,
)
from showdown.stacks.cloud.cost import planned_cost, show_cost
from showdown.stacks.cloud.inventory import read_hosts
from showdown.stacks.cloud.prepare import prepare_hosts
from showdown.sweep.folders import keep_sweep, read_sweep, run_folders, write_sweep
from showdown.sweep.sweep_plan import plan_sweep
from showdown.sweep.sweep_session import show as show_sweep
from showdown.sweep.sweep_session import sweep
from showdown.two_runs import compare, draw_differences, reproduce, require_no_worse
from showdown.verification import MOST_SHOWN, verify_url, verify_variants

app = typer.Typer(
    name="showdown",
    help="Compare implementations of one HTTP API over Postgres: answers, throughput, latency, CPU and memory.",
    epilog=EXIT_CODES,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


@app.command("list")
def list_(
    variants_file: VariantsFile = None, contract_folder: ContractFolder = CONTRACT, as_json: Json = False
) -> None:
    """Show the variants, scenarios, profiles and chains there are."""
    with explained():
        listed = listing(load_contract(contract_folder), variants_file)
        if as_json:
            write_json(listed)
        else:
            show_listing(listed, out)


@app.command()
def verify(  # noqa: PLR0917 - the command's options, one by one
    variants: Variants = None,
    variants_file: VariantsFile = None,
    size: Size = None,
    dsn: Dsn = None,
    raw: Raw = False,
    url: Url = None,
    all_: AllDifferences = False,
    contract_folder: ContractFolder = CONTRACT,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Replay every golden case against each variant, and show where bytes differ."""
    with explained(quiet=quiet):
        contract = load_contract(contract_folder)
        shown = sys.maxsize if all_ else MOST_SHOWN
        if url is not None:
            of_variants = {"--variants": variants, "--variants-file": variants_file}
            _refuse(f"--url {url}", {**of_variants, "--size": size, "--dsn": dsn, "--raw": raw})
            verify_url(contract, plain_url(url), shown, as_json=as_json)
        else:
            selected = contract.contenders(variants_file).named(variants)
            verify_variants(contract, selected, contract.size(size), dsn, raw, shown, as_json=as_json)


@app.command()
def up(  # noqa: PLR0917 - the command's options, one by one
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
    """Start the stack with one variant, until Ctrl-C or while a command runs."""
    with explained(quiet=quiet):
        # The output is the command's own.
        _refuse("--json", {"a command": command} if as_json else {})
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


@app.command()
def run(  # noqa: PLR0917 - the command's options, one by one
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
    """Measure variants under scenarios, and report."""
    with explained(quiet=quiet):
        view, contract = _view(wide=wide, as_json=as_json), load_contract(contract_folder)
        not_in_cloud = {
            "--generator oha": generator == "oha", "--direct": direct, "--dsn": dsn, "--pgbouncer": pgbouncer,
            "--latency": latency, "--profile-with": profile_with,
            # Hosts have what their commit has.
            "--contract": contract.words, "--variants-file": variants_file,
        }  # fmt: skip
        in_cloud_only = {"--service-hosts": service_hosts, "--identity": identity}
        _refuse(f"--stack {stack}", in_cloud_only if stack == "local" else not_in_cloud)
        _refuse(f"--stack {stack}", {} if stack == "hosts" else {"--inventory": inventory})
        minutes = MOST_MINUTES if most_minutes is None else most_minutes
        if rate is not None:
            _refuse("--rate", {"--generator oha": generator == "oha"})
        elif arrivals != "constant":
            raise ShowdownError(f"--arrivals {arrivals} is of requests that arrive at a rate: say --rate, too")
        if resume is not None:
            planned_before = {
                "--variants": variants, "--scenarios": scenarios, "--profile": profile, "--out": out_folder,
                "--size": size, "--direct": direct, "--pgbouncer": pgbouncer, "--service-hosts": service_hosts,
                "--generator": generator != "locust", "--no-twin": not twin, "--until": until, "--rate": rate,
                "--latency": latency,
            }  # fmt: skip
            _refuse("--resume", planned_before)
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
        _refuse("a run without --until", {} if planned.until else {"--most-minutes": most_minutes})
        if stack != "local":
            hosts = hosts_of(stack, inventory)
            finished = run_on_hosts(planned, hosts, service_hosts, identity, resume or out_folder, view)
        else:
            options = tier_options(planned, haproxy=not direct, pgbouncer=pgbouncer)
            finished = run_locally(planned, options, resume or out_folder, view)
        _require([finished], strict=strict)


@app.command("explain")
def explain_(  # noqa: PLR0917 - the command's options, one by one
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
    wide: Wide = False,
    strict: Strict = False,
    contract_folder: ContractFolder = CONTRACT,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Measure a chain of variants, and show what each step between them changes."""
    with explained(quiet=quiet):
        view, contract = _view(wide=wide, as_json=as_json), load_contract(contract_folder)
        latencies = None if latency is None else parsed_latencies(latency)
        if virtual is not None:
            _refuse("--virtual", {f"the chain {chain}": chain, "--both-ways": both_ways})
            planned = plan_virtual(
                virtual, layers, microseconds, scenarios, profile, size, seed, dsn, contract, twin=twin,
                latencies=latencies,
            )  # fmt: skip
        elif chain is None:
            raise ShowdownError("name a chain, of which `showdown list` has all, or a variant with --virtual")
        else:
            _refuse("a chain", {"--layers": layers, "--microseconds": microseconds})
            planned = plan_chain(
                chain, scenarios, profile, size, seed, dsn, contract, both_ways=both_ways, twin=twin,
                latencies=latencies,
            )  # fmt: skip
            direct = direct or contract.chains[chain].direct
        options = tier_options(planned, haproxy=not direct, pgbouncer=pgbouncer)
        finished = run_locally(planned, options, out_folder, view)
        _require([finished], strict=strict)


@app.command("sweep")
def sweep_(  # noqa: PLR0917 - the command's options, one by one
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
    """Measure variants at several values of one knob or parameter of the load, and show the curves."""
    with explained(quiet=quiet):
        contract = load_contract(contract_folder)
        plans = plan_sweep(
            swept, variants, scenarios, contract.profile if profile is None else profile, size, seed, dsn,
            contract, variants_file, twin=twin,
        )  # fmt: skip
        finished = sweep(plans, out_folder, haproxy=not direct, pgbouncer=pgbouncer, as_json=as_json)
        _require(finished, strict=strict)


@app.command()
def report(  # noqa: PLR0917 - the command's options, one by one
    folder: RunFolder = None,
    readme: Readme = None,
    prices: PriceFile = PRICES,
    opened: Opened = False,
    watch: Watched = False,
    wide: Wide = False,
    strict: Strict = False,
    export: Export = None,
    as_json: Json = False,
) -> None:
    """Show a run's tables again, and write its report.html, report.md and charts anew; or print it in another form."""
    with explained():
        view = _view(wide=wide, as_json=as_json)
        folder = folder or latest_folder()
        if watch:
            _refuse("--watch", {"--readme": readme, "--wide": wide, "--strict": strict})
            follow(folder, load_prices(prices), opened=opened)
            return
        if runs := run_folders(folder):
            refused = {"--readme": readme, "--wide": wide, "--export": export, "--open": opened}
            _refuse("a sweep of several runs", refused)
            summaries = read_sweep(runs, load_prices(prices))
            show_sweep(summaries, folder, runs, as_json=as_json)
            for each in summaries if strict else []:
                require_trust(each.run)
            return
        summary = summarize(read_run(folder), load_prices(prices))
        if export:
            _refuse(f"--export {export}", {"--json": as_json, "--wide": wide, "--readme": readme})
            write(EXPORTS[export](summary))
        else:
            show_report(summary, folder, view)
            if summary.run.sweep and not as_json:
                show_sweep([summary], folder, [folder])
        if readme:
            write_into_readme(summary, readme, folder)
        if opened:
            open_page((folder / HTML).absolute().as_uri())
        if strict:
            require_trust(summary.run)


@app.command("compare")
def compare_(  # noqa: PLR0917 - the command's options, one by one
    first: First,
    second: Second,
    anyway: Anyway = False,
    html: Page = None,
    opened: Opened = False,
    fail_if_worse: FailIfWorse = False,
    as_json: Json = False,
) -> None:
    """Show what differs between two runs, variant by variant, with intervals."""
    with explained():
        if opened and html is None:
            raise ShowdownError("--open shows the page of a comparison: say where to write it with --html")
        before, after = read_run(first), read_run(second)
        found = compare(before, after, anyway=anyway, as_json=as_json)
        draw_differences((first, before), (second, after), notices if as_json else out)
        if html:
            write_comparison(before, after, found, html)
            (notices if as_json else out).print(f"\n{html}", highlight=False, markup=False, soft_wrap=True)
        if html and opened:
            open_page(html.absolute().as_uri())
        if fail_if_worse:
            require_no_worse(found)


@app.command("reproduce")
def reproduce_(  # noqa: PLR0917 - the command's options, one by one
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
    """Make a run again by its recorded settings, and show which figures lie in its intervals."""
    with explained(quiet=quiet):
        contract = load_contract(contract_folder)
        finished = reproduce(
            folder, out_folder, dsn, contract, variants_file, identity, inventory, anyway=anyway, as_json=as_json
        )
        _require([finished], strict=strict)


@app.command("capacity")
def capacity_(  # noqa: PLR0917 - the command's options, one by one
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
    """Find the highest rate at which variants keep a latency, and their latency at 50, 70 and 85% of it."""
    with explained(quiet=quiet):
        objective, contract = parsed_objective(p99), load_contract(contract_folder)
        rate = Rate(percent_of_capacity=100, pattern=arrivals)
        planned = plan_run(
            variants, scenarios, contract.profile, "locust", contract.size(size), seed, dsn, contract,
            variants_file, twin=False, rate=rate,
        )  # fmt: skip
        capacity(planned, objective, out_folder, haproxy=not direct, pgbouncer=pgbouncer, as_json=as_json)


@app.command("faults")
def faults_(  # noqa: PLR0917 - the command's options, one by one
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
    """Cause faults under load, and show what clients saw: failures, wrong answers, lost rows, and until when."""
    with explained(quiet=quiet):
        planned = plan_faults(variants, names, size, seed, load_contract(contract_folder), variants_file)
        faults(planned, out_folder, as_json=as_json)


@app.command("overload")
def overload_(  # noqa: PLR0917 - the command's options, one by one
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
    """Ask variants for up to ten times what they can do, and see what they refuse and how soon they recover."""
    with explained(quiet=quiet):
        contract = load_contract(contract_folder)
        rate = Rate(percent_of_capacity=100, pattern=arrivals)
        planned = plan_run(
            variants, scenarios, contract.profile, "locust", contract.size(size), seed, dsn, contract,
            variants_file, twin=False, rate=rate,
        )  # fmt: skip
        overload(planned, out_folder, haproxy=not direct, pgbouncer=pgbouncer, as_json=as_json)


@app.command("keep")
def keep_(name: KeptName, folder: RunFolder = None, as_json: Json = False) -> None:
    """Keep a run's results under docs/results, compressed, for documents to cite."""
    with explained():
        folder = folder or latest_folder()
        runs = run_folders(folder)
        kept = keep_sweep(runs, name) if runs else [keep(folder, name)]
        summaries = [summarize(read_run(each), load_prices()) for each in kept]
        written = [write_report(summary, each) for each, summary in zip(kept, summaries, strict=True)]
        if summaries[0].run.sweep:
            written.append(write_sweep(summaries, kept[0].parent if runs else kept[0], kept))
        if as_json:
            write_json(Kept(folders=[str(each) for each in kept], reports=[str(each) for each in written]))
        for path in [] if as_json else written:
            out.print(f"{path}", highlight=False, soft_wrap=True)


@app.command("prepare-hosts")
def prepare_hosts_(
    inventory: ListedHosts, identity: Identity = None, quiet: Quiet = False, as_json: Json = False
) -> None:
    """Set up hosts of one's own for `showdown run --stack hosts`."""
    with explained(quiet=quiet):
        prepared = prepare_hosts(read_hosts(inventory), identity)
        if as_json:
            write_json(prepared)
        notice(f"the hosts are ready: showdown run --stack hosts --inventory {shlex.quote(str(inventory))}")


@app.command("cloud-cost")
def cloud_cost(var: TerraformVariables = None, as_json: Json = False) -> None:
    """Say what the hosts of infra/ cost, before they are made."""
    with explained():
        cost = planned_cost(var or [])
        if as_json:
            write_json(cost)
        else:
            show_cost(cost, out)


@app.command("cloud-run")
def cloud_run_(run_options: RunOptions = None, var: TerraformVariables = None, agreed: Agreed = False) -> None:
    """Make the hosts of infra/, measure on them, and destroy them, whatever happens."""
    measured = ["--stack", "terraform", *(run_options or [])]
    # A mistyped option ends it now, and not when the hosts are there.
    command = typer.main.get_command(app)
    command.commands["run"].make_context("run", list(measured), resilient_parsing=False)  # type: ignore[attr-defined]
    with explained():
        code = cloud_run(var or [], run_options or [], agreed=agreed)
    raise typer.Exit(code)


def _view(*, wide: bool, as_json: bool) -> View:
    """Raises ShowdownError."""
    if as_json:
        _refuse("--json", {"--wide": wide})
    return "json" if as_json else "wide" if wide else "table"


def _require(finished: Sequence[Run], *, strict: bool) -> None:
    """Exit with the code of what is wrong with these runs."""
    for each in finished:
        require_whole(each)
    for each in finished if strict else []:
        require_trust(each)


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
    completions.require_one_line_each()
    app()
