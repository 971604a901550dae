"""The options of the commands: each says its type, its bounds and its help."""

import re
from pathlib import Path
from typing import Annotated, Literal

import typer
from showdown_stack.pgbouncer import PoolMode

from showdown import completions
from showdown.generators.arrivals import Pattern
from showdown.measure.plan import MOST_MINUTES
from showdown.measure.virtual_plan import MICROSECONDS
from showdown.report.exports.forms import ExportName
from showdown.sampling.profilers import ProfilerName
from showdown.stacks.records import StackKind
from showdown.verification import MOST_SHOWN

MOST_SEED = 2**32
PERCENTAGE = re.compile(r"([0-9]{1,2}(?:\.[0-9]{1,3})?)%")
LEAST_PERCENT, MOST_PERCENT = 0.1, 50.0
LONGEST_MINUTES = 24 * 60


def share(text: str) -> float:
    """3% is 0.03. Raises BadParameter."""
    found = PERCENTAGE.fullmatch(text)
    percent = float(found[1]) if found else 0.0
    if not LEAST_PERCENT <= percent <= MOST_PERCENT:
        raise typer.BadParameter(
            f"{text!r} is not a percentage from {LEAST_PERCENT:g}% to {MOST_PERCENT:g}%, such as 3%"
        )
    return percent / 100


Variants = Annotated[
    str | None,
    typer.Option(
        help="Comma-separated names; all if not given.", show_default=False, autocompletion=completions.variants
    ),
]
Measured = Annotated[
    str | None,
    typer.Option(
        help="Comma-separated names; all that are measured by default if not given.",
        show_default=False,
        autocompletion=completions.variants,
    ),
]
VariantsFile = Annotated[
    Path | None,
    typer.Option(
        help="A file of your own contenders, like variants.toml. The contract's variants can be named as well.",
        show_default=False,
    ),
]
Size = Annotated[
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
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing on stderr but errors.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout, and no tables.")]
Wide = Annotated[bool, typer.Option("--wide", help="All columns: CPU by tier, memory, connections, costs.")]
Strict = Annotated[
    bool, typer.Option("--strict", help="Exit with code 3 if a verdict says that a number must not be published.")
]
Anyway = Annotated[
    bool, typer.Option("--anyway", help="Compare even if the machine, the data set or the contract differs.")
]
Out = Annotated[
    Path | None,
    typer.Option("--out", help="A new folder; under loadtests/results if not given.", show_default=False),
]
Identity = Annotated[
    Path | None,
    typer.Option(help="The private key for SSH to hosts; ssh's own choice if not given.", show_default=False),
]
RunFolder = Annotated[Path | None, typer.Argument(help="A run's folder; the newest if not given.", show_default=False)]

# Of verify.
Raw = Annotated[bool, typer.Option("--raw", help="Also the raw requests, directly and through haproxy.")]
Url = Annotated[
    str | None, typer.Option(help="A service that runs already, on the contract's data set.", show_default=False)
]
AllDifferences = Annotated[bool, typer.Option("--all", help=f"Show all differences, not the first {MOST_SHOWN}.")]

# Of up.
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

# Of faults.
FaultNames = Annotated[
    str | None,
    typer.Option(
        "--faults",
        help="Comma-separated names; all that the contract has if not given.",
        show_default=False,
        autocompletion=completions.faults,
    ),
]

# Of run.
Scenarios = Annotated[
    str | None,
    typer.Option(
        help="Comma-separated names; the profile's if not given.",
        show_default=False,
        autocompletion=completions.scenarios,
    ),
]
Latencies = Annotated[
    str | None,
    typer.Option(
        "--latency",
        help="Local: delay each round trip to Postgres by so much, such as 2ms; with 0,2ms measure both.",
        show_default=False,
    ),
]
ProfileName = Annotated[
    str | None,
    typer.Option(
        help="How much to measure: smoke, quick, full, close …; quick if not given.",
        show_default=False,
        autocompletion=completions.profile,
    ),
]
Seed = Annotated[
    int, typer.Option(min=0, max=MOST_SEED, help="The seed for the order of slices and the choice of recipes.")
]
ChosenStack = Annotated[
    StackKind, typer.Option(help="This machine, the hosts that `terraform apply` has made, or those of --inventory.")
]
Inventory = Annotated[
    Path | None,
    typer.Option(help="Hosts: the file that lists them (infra/inventory.example.toml).", show_default=False),
]
ListedHosts = Annotated[Path, typer.Option("--inventory", help="The file that lists them.", show_default=False)]
GeneratorName = Annotated[Literal["locust", "oha"], typer.Option(help="Local: what loads the services.")]
Direct = Annotated[bool, typer.Option("--direct", help="Local: without haproxy.")]
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
Arrivals = Annotated[Pattern, typer.Option(help="At equal intervals, or by chance.")]
Objective99 = Annotated[str, typer.Option("--p99", help="What the service has to keep, such as 50ms.")]
TwinOrNot = Annotated[bool, typer.Option("--twin/--no-twin", help="Measure one variant twice, as a control.")]
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

ProfileWith = Annotated[
    ProfilerName | None,
    typer.Option(
        help="Local: after the blocks, see where each service's CPU time goes, by layer and in flame graphs. "
        "py-spy knows Python, perf native code and the kernel.",
        show_default=False,
    ),
]

# Of explain.
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

# Of sweep.
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

# Of commands that read runs.
Export = Annotated[
    ExportName | None,
    typer.Option(
        help="Print this form on stdout, and write nothing: docs/exports.md describes it.", show_default=False
    ),
]
Readme = Annotated[
    Path | None,
    typer.Option(
        help="Put a chart and a small table between its markers, and all tables into docs/results.md beside it.",
        show_default=False,
    ),
]
Opened = Annotated[bool, typer.Option("--open", help="Open the page in a browser.")]
Watched = Annotated[
    bool, typer.Option("--watch", help="Serve the report to this machine's browser, following the run, until Ctrl-C.")
]
PriceFile = Annotated[Path, typer.Option(help="What hosts cost, in the form of prices.toml.", show_default=False)]
FailIfWorse = Annotated[
    bool,
    typer.Option(
        "--fail-if-worse",
        help="Exit with code 3 if a variant is established to be slower, or to need more CPU, beside the baseline.",
    ),
]
First = Annotated[Path, typer.Argument(help="A run's folder.")]
Second = Annotated[Path, typer.Argument(help="The folder of a later run, or of another commit's.")]
Page = Annotated[
    Path | None, typer.Option("--html", help="Write the comparison into this file, too, as a page.", show_default=False)
]
Again = Annotated[Path, typer.Argument(help="The folder of the run to make again.")]
KeptName = Annotated[str, typer.Argument(help="The name of a folder under docs/results.")]
RunOptions = Annotated[
    list[str] | None,
    typer.Argument(help="Options of `showdown run`, behind --, such as -- --profile quick.", show_default=False),
]
Agreed = Annotated[bool, typer.Option("--yes", help="Do not ask before hosts are made.")]
TerraformVariables = Annotated[
    list[str] | None,
    typer.Option(help="As Terraform's: service_count=3. Several may be given.", show_default=False),
]
