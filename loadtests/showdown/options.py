"""The options that several commands have: each says its type, its bounds and its help."""

from pathlib import Path
from typing import Annotated

import typer
from showdown_stack.pgbouncer import PoolMode

from showdown import completions
from showdown.generators.arrivals import Pattern
from showdown.sampling.profilers import ProfilerName

MOST_SEED = 2**32

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
Inventory = Annotated[
    Path | None,
    typer.Option(help="Hosts: the file that lists them (infra/inventory.example.toml).", show_default=False),
]
Identity = Annotated[
    Path | None,
    typer.Option(help="The private key for SSH to hosts; ssh's own choice if not given.", show_default=False),
]
RunFolder = Annotated[Path | None, typer.Argument(help="A run's folder; the newest if not given.", show_default=False)]

# Of commands that measure.
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
ProfileWith = Annotated[
    ProfilerName | None,
    typer.Option(
        help="Local: after the blocks, see where each service's CPU time goes, by layer and in flame graphs. "
        "py-spy knows Python, perf native code and the kernel.",
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
Direct = Annotated[bool, typer.Option("--direct", help="Local: without haproxy.")]
Arrivals = Annotated[Pattern, typer.Option(help="At equal intervals, or by chance.")]
TwinOrNot = Annotated[bool, typer.Option("--twin/--no-twin", help="Measure one variant twice, as a control.")]

# Of commands that read runs.
Opened = Annotated[bool, typer.Option("--open", help="Open the page in a browser.")]
TerraformVariables = Annotated[
    list[str] | None,
    typer.Option(help="As Terraform's: service_count=3. Several may be given.", show_default=False),
]
