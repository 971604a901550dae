"""The results as Markdown: pure functions of what is in the files."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import pyperf  # type: ignore[import-untyped]  # it has no types
from showdown_contract.markdown import table

from outbound.benchmarks import Operation, Trust, benchmark_name
from outbound.construct import Files, read_rows
from outbound.libraries import LIBRARIES

NOTHING = "–"
LOADS = "a CA bundle is loaded"
# Where a library has none of its own to leave out, nothing can be compared.
BOTH = (Operation.CONSTRUCT, Operation.ONE_OFF)


class Time(NamedTuple):
    """Milliseconds of CPU for each call: the mean of the processes' means, and their standard deviation."""

    mean: float
    deviation: float

    def __str__(self) -> str:
        digits = 1 if self.mean >= 1 else 3
        return f"{self.mean:.{digits}f} ± {self.deviation:.{digits}f}"


class Load(NamedTuple):
    """Of one operation: how often CAs are loaded, and their share of its CPU time."""

    loads: float
    share: float


Times: TypeAlias = Mapping[str, Time]
Loads: TypeAlias = Mapping[str, Load]
Row: TypeAlias = Mapping[str, str]


class Results(NamedTuple):
    """What is in the files."""

    times: Times
    versions: Mapping[str, str]
    loads: Loads
    made_on: str
    services: Sequence[Row]
    flames: Sequence[Row]

    @property
    def libraries(self) -> list[str]:
        return [name for name in LIBRARIES if name in self.versions]

    def title(self, library: str) -> str:
        return f"{LIBRARIES[library].module} {self.versions[library]}"

    def time(self, library: str, operation: Operation, trusted: Trust) -> Time | None:
        return self.times.get(benchmark_name(library, operation, trusted))

    def load(self, library: str, operation: Operation) -> Load | None:
        return self.loads.get(benchmark_name(library, operation, Trust.DEFAULT))


def read(folder: Path) -> Results:
    files = Files(folder)
    suite = pyperf.BenchmarkSuite.load(str(files.times))
    loads = {
        benchmark_name(row["library"], row["operation"], row["trusted"]): Load(
            float(row["loads"]), float(row["load_seconds"]) / float(row["seconds"])
        )
        for row in read_rows(files.loads)
    }
    return Results(
        times={each.get_name(): _time(each) for each in suite},
        versions={each.get_name().split("/")[0]: each.get_metadata()["library_version"] for each in suite},
        loads=loads,
        made_on=_made_on(suite),
        services=_rows(files.services),
        flames=_rows(files.flames),
    )


def markdown(results: Results) -> str:
    parts = [
        f"# What a client costs to construct, and a request with it\n\n{results.made_on}",
        "## A client is constructed and closed\n\nCPU time in ms.",
        TABLES["construct"](results),
        "## A one-off request: a client is constructed, asks once over HTTPS, and is closed\n\nCPU time in ms.",
        TABLES["one-off"](results),
        "## A request of a client that is there\n\nCPU time in ms.",
        TABLES["existing"](results),
        f"## How often {LOADS}, and its share of the CPU time\n\nBy default. {SHARES}",
        TABLES["shares"](results),
    ]
    if results.services:
        parts += [f"## What services do for a request\n\n{SERVICES}", TABLES["services"](results)]
    if results.flames:
        parts += [
            "## CPU time at equal requests per second\n\nOne worker; the runs of the flame graphs.",
            TABLES["flames"](results),
        ]
    return "\n\n".join(parts) + "\n"


SHARES = (
    "*Loads* and *share*: each load by Python's `ssl` is counted and timed. *Without*: what a client saves that checks "
    "nothing, and so loads nothing. pyreqwest has its own TLS, whose loads Python does not see."
)
SERVICES = (
    "Each variant with one worker: files opened, as strace counts them, and handshakes, as the upstream does, for each "
    "request, which is three calls. *Bundles* are files with all CAs; *single CAs* are files with one, in a folder."
)


def _by_trust(results: Results, operation: Operation) -> str:
    rows = [
        [results.title(library), *(_cell(results.time(library, operation, trusted)) for trusted in Trust)]
        for library in results.libraries
    ]
    return table(["", *Trust], rows)


def _of_existing(results: Results) -> str:
    columns = [
        (Operation.NEW_CONNECTION, Trust.DEFAULT),
        (Operation.NEW_CONNECTION, Trust.SHARED),
        (Operation.KEPT_CONNECTION, Trust.DEFAULT),
    ]
    rows = [
        [results.title(library), *(_cell(results.time(library, *column)) for column in columns)]
        for library in results.libraries
    ]
    return table(["", *(f"{operation}, {trusted}" for operation, trusted in columns)], rows)


def _shares(results: Results) -> str:
    heading = [""]
    for operation in (*BOTH, Operation.NEW_CONNECTION):
        heading += [f"{operation}: loads", "share"]
        heading += ["without"] if operation in BOTH else []
    rows = []
    for library in results.libraries:
        row = [results.title(library)]
        for operation in (*BOTH, Operation.NEW_CONNECTION):
            load = results.load(library, operation)
            row += [NOTHING, NOTHING] if load is None else [f"{load.loads:g}", f"{load.share:.0%}"]
            row += [_saved(results, library, operation)] if operation in BOTH else []
        rows.append(row)
    return table(heading, rows)


def _saved(results: Results, library: str, operation: Operation) -> str:
    whole = results.time(library, operation, Trust.DEFAULT)
    rest = results.time(library, operation, Trust.UNVERIFIED)
    return NOTHING if whole is None or rest is None else f"{max(0.0, 1 - rest.mean / whole.mean):.0%}"


def _services(results: Results) -> str:
    def each(row: Row, column: str) -> str:
        return f"{int(row[column]) / int(row['requests']):g}"

    columns = {"handshakes": "handshakes", "resumed": "of them resumed", "bundles": "bundles"}
    columns |= {"certificates": "single CAs", "stack_ca": "the upstream's CA"}
    return table(
        ["", *columns.values()],
        [[row["variant"], *(each(row, column) for column in columns)] for row in results.services],
    )


def cpu_ms(row: Row) -> float:
    """Of the service for each request, where its stacks were sampled."""
    return 1000 * float(row["cpu_seconds"]) / int(row["requests"])


def _flames(results: Results) -> str:
    def cells(row: Row) -> list[str]:
        return [
            f"{float(row['requests_per_second']):g}",
            f"{cpu_ms(row):.1f}",
            f"{float(row['cpu_seconds']) / float(row['seconds']):.0%}",
            row["samples"],
        ]

    heading = ["", "requests per second", "ms of CPU for each", "of a core", "samples"]
    return table(heading, [[row["variant"], *cells(row)] for row in results.flames])


TABLES: Mapping[str, Callable[[Results], str]] = {
    "construct": partial(_by_trust, operation=Operation.CONSTRUCT),
    "one-off": partial(_by_trust, operation=Operation.ONE_OFF),
    "existing": _of_existing,
    "shares": _shares,
    "services": _services,
    "flames": _flames,
}


def _cell(time: Time | None) -> str:
    return NOTHING if time is None else str(time)


def _time(benchmark: Any) -> Time:
    means = [sum(run.values) / len(run.values) * 1000 for run in benchmark.get_runs()]
    mean = sum(means) / len(means)
    spread = sum((each - mean) ** 2 for each in means) / max(len(means) - 1, 1)
    return Time(mean, spread**0.5)


def _made_on(suite: Any) -> str:
    first = next(iter(suite))
    facts = first.get_metadata()
    return (
        f"On {facts['cpu_model_name']} ({facts['platform']}), Python {facts['python_version'].split()[0]}: means ± "
        f"standard deviations of {len(first.get_runs())} processes, each of {len(first.get_runs()[0].values)} × "
        f"{facts['inner_loops']} calls; CPU time of the client's process alone."
    )


def _rows(path: Path) -> list[dict[str, str]]:
    return read_rows(path) if path.exists() else []
