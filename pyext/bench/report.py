"""The result as Markdown, between two markers of the README: `python -m bench.report` writes it and the chart."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import typer
from showdown_contract.errors import ShowdownError
from showdown_contract.markdown import spliced, table

from bench import contenders, document, fetches, memory, names
from bench.chart import write_chart
from bench.crossover import crossover, row_count
from bench.errors import BenchError
from bench.results import Ratio, Results, load
from bench.rows import SIZES

PYEXT = Path(__file__).resolve().parents[1]
README, CHART, RESULT = PYEXT / "README.md", PYEXT / "docs" / "records.svg", PYEXT / "bench" / "result.json"
BEGIN, END = "<!-- begin of bench's report -->", "<!-- end of bench's report -->"

KIB = 1024
OURS = (contenders.ROWJSON, contenders.ROWJSON_SHAPE)
OTHERS = [name for name in contenders.CONTENDERS if name not in OURS]
PARTS = {"client": (fetches.CLIENT,), "server": (fetches.SERVER,), "together": (fetches.CLIENT, fetches.SERVER)}
FETCHING = [name for name in fetches.WAYS if name != fetches.PACKED]
FETCHING_TITLE = (
    "**From the query to JSON**, the fetch included: CPU time in µs a call,"
    f" on {fetches.CONNECTIONS} connections at once."
)
JSON_AGG = (
    "`json_agg` leaves timestamps as Postgres writes them, so its output is compared as values; "
    "all others give the same bytes."
)


def markdown(results: Results, chart: str) -> str:
    """Tables, and in words what they say. `chart`: its path as the README links to it."""
    return "\n\n".join(
        [
            made_by(results),
            "**Records to JSON**: CPU time in ns a row, and how many times rowjson's that is.",
            _records(results),
            "\n".join(f"- {crossover(results, ours, OTHERS, _of_records)}" for ours in OURS),
            f"![CPU time a row by rows in the response]({chart})",
            FETCHING_TITLE,
            _fetches(results),
            "\n".join(f"- {part}: {_fetch_crossover(results, of)}" for part, of in PARTS.items()),
            JSON_AGG,
            "**A whole recipe** with its children, as showdown's contract has it, from one row that is there already.",
            _document(results),
            f"**Memory** while {memory.ROWS:,} records become JSON: the peak in KiB beyond the records.",
            _memory(results),
        ]
    )


def made_by(results: Results) -> str:
    """The command, the commit, the machine, and how to read the figures."""
    named = {key: results.metadata(key) for key in ("command", "commit", "cpu_model_name", "platform", "rounds")}
    return (
        f"`{named['command']}` at commit `{named['commit']}`, on {named['cpu_model_name']} ({named['platform']}), "
        f"with {results.metadata('versions')}. Medians of {named['rounds']} rounds: each ran every contender in a "
        "process of its own and took the least disturbed value, a mean of many calls. Ratios are taken within a round."
    )


def _records(results: Results) -> str:
    def cell(name: str, size: int) -> str:
        ns = results.median(names.records(size, name)) / size * 1e9
        ratio = results.ratio(_of_records(size, name), _of_records(size, contenders.ROWJSON))
        return f"{ns:,.0f}" if name == contenders.ROWJSON else f"{ns:,.0f} ({ratio.median:.1f} ×)"

    return table(
        ["", *map(row_count, SIZES)], [[name, *(cell(name, size) for size in SIZES)] for name in contenders.CONTENDERS]
    )


def _fetches(results: Results) -> str:
    def cell(name: str, size: int, of: Sequence[str]) -> str:
        return f"{results.median(*_of_fetch(of, size, name)) * 1e6:,.0f}"

    rows = [
        [f"{name}: {part}", *(cell(name, size, of) for size in SIZES)]
        for name in fetches.WAYS
        for part, of in PARTS.items()
    ]
    return table(["", *map(row_count, SIZES)], rows)


def _fetch_crossover(results: Results, of: Sequence[str]) -> str:
    return crossover(results, fetches.PACKED, FETCHING, partial(_of_fetch, of))


def _of_records(size: int, name: str) -> list[str]:
    return [names.records(size, name)]


def _of_fetch(of: Sequence[str], size: int, name: str) -> list[str]:
    return [names.fetch(size, name, each) for each in of]


def _document(results: Results) -> str:
    def ratio(name: str) -> Ratio:
        return results.ratio([names.document(document.PYDANTIC)], [names.document(name)])

    rows = [
        [name, f"{results.median(names.document(name)) * 1e6:.1f}", f"{ratio(name).median:.1f} ×"]
        for name in document.WAYS
    ]
    return table(["", "µs", "faster than pydantic"], rows)


def _memory(results: Results) -> str:
    figures = {"resident set": memory.RESIDENT, "tracemalloc": memory.TRACED, "the output alone": memory.OUTPUT}

    def cell(name: str, figure: str) -> str:
        return f"{results.median(names.memory(name, figure)) / KIB:,.0f}"

    return table(
        ["", *figures], [[name, *(cell(name, figure) for figure in figures.values())] for name in memory.MEASURED]
    )


def main() -> None:
    try:
        results = load(RESULT)
        part = markdown(results, chart=str(CHART.relative_to(PYEXT)))
        README.write_text(spliced(README.read_text(), BEGIN, END, part, README))
        CHART.parent.mkdir(exist_ok=True)
        write_chart(results, CHART)
    except (BenchError, ShowdownError) as error:
        typer.echo(f"bench: {error}", err=True)
        raise typer.Exit(1) from None


if __name__ == "__main__":
    typer.run(main)
