"""Measures what each library's operations cost, with pyperf, and how much of that is the loading of CAs.

Each round runs every benchmark of every library once, so that slow changes of the machine affect all alike.
"""

import csv
import gzip
import io
import json
import os
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyperf  # type: ignore[import-untyped]  # it has no types
from showdown_contract import upstream as documents
from showdown_contract.errors import ShowdownError
from showdown_stack.upstream import NOT_BUILT, program, running_upstream

from outbound.libraries import HERE, LIBRARIES, Library, prepare, version
from outbound.operations import Asked

RECIPE = 1
# Besides what the figures mean, these say where they come from. The rest names this machine, its paths and its users.
KEPT_METADATA = {
    "name",
    "unit",
    "loops",
    "inner_loops",
    "library_version",
    "python_version",
    "perf_version",
    "platform",
    "cpu_model_name",
    "cpu_count",
}
COLUMNS = ("library", "operation", "trusted", "loads", "load_seconds", "seconds")


@dataclass(frozen=True)
class Files:
    """Where the results are."""

    folder: Path

    @property
    def times(self) -> Path:
        """pyperf's, which `python -m pyperf stats` reads too."""
        return self.folder / "construct.json.gz"

    @property
    def loads(self) -> Path:
        return self.folder / "bundle-loads.csv"

    @property
    def services(self) -> Path:
        return self.folder / "services.csv"

    @property
    def flames(self) -> Path:
        return self.folder / "flames.csv"

    @property
    def report(self) -> Path:
        return self.folder / "report.md"


@contextmanager
def asked() -> Iterator[Asked]:
    """Runs an upstream. Raises ShowdownError."""
    built = program()
    if built is None:
        raise ShowdownError(NOT_BUILT)
    with tempfile.TemporaryDirectory(prefix="outbound-") as name:
        folder = Path(name)
        # The upstream does not run as root, and has to reach its certificate.
        folder.chmod(0o755)
        with running_upstream(built, folder, folder) as upstream:
            body = json.dumps(documents.facts(RECIPE), separators=(",", ":"), ensure_ascii=False).encode()
            yield Asked(f"{upstream.url}/facts/{RECIPE}", body, upstream.ca_file)


def measure(names: Sequence[str], files: Files, rounds: int, values: int) -> None:
    """Measure these libraries, and add what comes out to what the files hold. Raises ShowdownError."""
    libraries = {name: LIBRARIES[name] for name in names}
    for library in libraries.values():
        prepare(library)
    versions = {name: version(library) for name, library in libraries.items()}
    with asked() as upstream, tempfile.TemporaryDirectory() as folder:
        for number in range(rounds):
            for name, library in libraries.items():
                result = Path(folder) / f"{number}-{name}.json"
                _by_pyperf(name, library, upstream, values, result)
                suite = pyperf.BenchmarkSuite.load(str(result))
                for benchmark in suite:
                    benchmark.update_metadata({"library_version": versions[name]})
                add(suite, files.times)
        counted = {name: loads(library, upstream) for name, library in libraries.items()}
    add_rows(files.loads, COLUMNS, [{"library": name} | row for name, rows in counted.items() for row in rows])


def add(suite: Any, path: Path) -> None:
    """Add runs to a file of pyperf's, without what names this machine.

    Raises ShowdownError where the file has runs of another version, or made on another kind of machine.
    """
    whole = _without_names(suite)
    if path.exists():
        new, whole = whole, pyperf.BenchmarkSuite.load(str(path))
        known = whole.get_benchmark_names()
        for benchmark in new:
            if benchmark.get_name() in known:
                _add_runs(whole.get_benchmark(benchmark.get_name()), benchmark, path)
            else:
                whole.add_benchmark(benchmark)
    path.parent.mkdir(parents=True, exist_ok=True)
    # Without a time, so that equal results give equal bytes.
    path.write_bytes(gzip.compress(_as_json(whole).encode(), mtime=0))


def _add_runs(before: Any, new: Any, path: Path) -> None:
    one, other = (each.get_metadata().get("library_version") for each in (before, new))
    if one != other:
        raise ShowdownError(f"{path} has runs of {new.get_name()} {one}, and this is {other}: delete it first")
    try:
        before.add_runs(new)
    except ValueError as error:
        raise ShowdownError(f"{path} has other runs of {new.get_name()}: {error}; choose another --folder") from None


def _without_names(suite: Any) -> Any:
    return pyperf.BenchmarkSuite.loads(json.dumps(only_kept(json.loads(_as_json(suite)))))


def _as_json(suite: Any) -> str:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "suite.json"
        suite.dump(str(file))
        return file.read_text()


def only_kept(part: Any) -> Any:
    """The JSON of pyperf with KEPT_METADATA only."""
    if isinstance(part, list):
        return [only_kept(each) for each in part]
    if not isinstance(part, dict):
        return part
    return {
        key: {name: value[name] for name in value if name in KEPT_METADATA} if key == "metadata" else only_kept(value)
        for key, value in part.items()
    }


def add_rows(path: Path, columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> None:
    """Write rows into a CSV file, in the place of earlier ones of the same first column."""
    by_name: dict[str, list[Mapping[str, Any]]] = {}
    for group in (read_rows(path) if path.exists() else [], rows):
        by_name |= {row[columns[0]]: [] for row in group}
        for row in group:
            by_name[row[columns[0]]].append(row)
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(row for group in by_name.values() for row in group)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text.getvalue())


def read_rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def _by_pyperf(name: str, library: Library, upstream: Asked, values: int, result: Path) -> None:
    # pyperf gives its workers an empty environment, except for the variables that are named.
    command = [
        *(str(library.python), "-m", "outbound.suite", "--library", name, "--module", library.module),
        *("--quiet", "--processes=1", f"--values={values}", "--warmups=0", f"--output={result}"),
        f"--inherit-environ={','.join(upstream.environment())}",
    ]
    _run(name, command, upstream)


def loads(library: Library, upstream: Asked) -> list[dict[str, Any]]:
    if library.module == "pyreqwest":
        return []
    said = _run(library.module, [str(library.python), "-m", "outbound.bundle_loads", library.module], upstream)
    return [json.loads(line) for line in said.splitlines()]


def _run(name: str, command: Sequence[str], upstream: Asked) -> str:
    """What a command says. Its environment has no CAs or proxies of this machine's."""
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(HERE.parent)} | upstream.environment()
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ShowdownError(f"{name} failed: {done.stdout[-1000:]}{done.stderr[-3000:]}")
    return done.stdout
