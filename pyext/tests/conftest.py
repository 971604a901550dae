"""Fixtures that the suites share: a real Postgres, used without async, and made-up results of the benchmark."""

import asyncio
import json
import os
import re
import struct
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import asyncpg
import pyperf  # type: ignore[import-untyped]  # it has no types
import pytest
import rowjson
from bench import contenders, document, fetches, memory
from bench.results import Results
from bench.rows import SIZES
from hypothesis import HealthCheck, settings

# So that a test does not fail because the machine is busy.
settings.register_profile(
    "rowjson",
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    max_examples=int(os.environ.get("ROWJSON_EXAMPLES", "200")),
)
settings.load_profile("rowjson")

COMMAND = "showdown up --database-only -- pytest pyext/tests"
# So that what tests compare with is the same everywhere.
SETTINGS = {"intervalstyle": "iso_8601", "timezone": "UTC", "datestyle": "ISO", "extra_float_digits": "1"}


@pytest.fixture(scope="session")
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture(scope="session")
def connect(runner: asyncio.Runner) -> Iterator[Callable[..., Any]]:
    """Opens connections, with asyncpg.connect's options; they are closed at the end."""
    url = os.environ.get("DATABASE_OWNER_URL", os.environ.get("DATABASE_URL"))
    if url is None:
        pytest.fail(f"these tests need a Postgres in DATABASE_URL: {COMMAND}", pytrace=False)
    opened: list[Any] = []

    def connect(**options: Any) -> Any:
        connection = runner.run(asyncpg.connect(url, server_settings=SETTINGS, **options))
        opened.append(connection)
        return connection

    yield connect
    for connection in opened:
        runner.run(connection.close())


@pytest.fixture(scope="session")
def connection(connect: Callable[..., Any]) -> Any:
    return connect()


@pytest.fixture(scope="session")
def fetch(runner: asyncio.Runner, connection: Any) -> Callable[..., list[Any]]:
    """The records of a query, which its $1-style parameters follow."""

    def fetch(query: str, *parameters: Any, **options: Any) -> list[Any]:
        records: list[Any] = runner.run(connection.fetch(query, *parameters, **options))
        return records

    return fetch


@pytest.fixture(scope="session")
def fetch_uncached(runner: asyncio.Runner, connect: Callable[..., Any]) -> Callable[[str], list[Any]]:
    """The records of a query whose statement is forgotten at once, so that nothing else keeps their descriptor."""
    connection = connect(statement_cache_size=0)

    def fetch(query: str) -> list[Any]:
        records: list[Any] = runner.run(connection.fetch(query))
        return records

    return fetch


@pytest.fixture(scope="session")
def pack(runner: asyncio.Runner, connection: Any) -> Callable[..., bytes | None]:
    """The rows of a query as Postgres packs them, with or without a shape."""

    def pack(query: str, *parameters: Any, shape: rowjson.Shape | None = None) -> bytes | None:
        rows: bytes | None = runner.run(connection.fetchval(rowjson.packed(query, shape), *parameters))
        return rows

    return pack


@pytest.fixture(scope="session")
def execute(runner: asyncio.Runner, connection: Any) -> Callable[[str], None]:
    """Runs statements. They should create things in pg_temp, which ends with the session."""

    def execute(statements: str) -> None:
        runner.run(connection.execute(statements))

    return execute


@pytest.fixture
def same(fetch: Callable[..., list[Any]], pack: Callable[..., bytes | None]) -> Callable[..., bytes]:
    """The JSON of a query's rows by a shape, checked to be equal from records, tuples, lists and packed rows."""

    def same(shape: rowjson.Shape, query: str, **nested: str) -> bytes:
        def write(read: Callable[[str], Any]) -> bytes:
            return rowjson.dumps(shape.rows(read(query), **{name: read(rows) for name, rows in nested.items()}))

        records = write(fetch)
        assert write(lambda query: [tuple(record) for record in fetch(query)]) == records
        assert write(lambda query: [list(record) for record in fetch(query)]) == records
        assert write(lambda query: tuple(fetch(query))) == records

        def by_shape(asked: str) -> bytes | None:
            return pack(asked, shape=shape if asked == query else None)

        assert write(by_shape) == records
        assert write(lambda query: bytearray(by_shape(query) or b"")) == records
        assert write(lambda query: memoryview(by_shape(query) or b"")) == records
        return records

    return same


MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)?[ T]?(\d\d:\d\d:\d\d)?(?:\.(\d+))?(Z|[+-][\d:]+)?")
RANGE = re.compile(r'([\[(])"?(.*?)"?,"?(.*?)"?([\])])')


def _moment(text: str) -> tuple[str | None, ...]:
    found = MOMENT.fullmatch(text)
    assert found, text
    date, time, fraction, offset = found.groups()
    offset = "+00" if offset == "Z" else offset
    return date, time, (fraction or "").rstrip("0"), f"{offset}:00:00"[:9] if offset else None


def _number(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def number(value: Any) -> Any:
        assert not isinstance(value, str) or value in {"NaN", "Infinity", "-Infinity"}
        return None if isinstance(value, str) else read(value)

    return number


def _single(value: Any) -> Any:
    return struct.unpack("f", struct.pack("f", value))


def _binary(text: str) -> str:
    return b64encode(bytes.fromhex(text[2:])).decode() if text.startswith("\\x") else text


def _range(bound: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def read(value: Any) -> Any:
        if value in ({"empty": True}, "empty"):
            return "empty"
        if isinstance(value, str):
            found = RANGE.fullmatch(value)
            assert found, value
            value = {"lower": found[2], "upper": found[3], "bounds": found[1] + found[4]}
        ends = [None if end is None or end == "" else bound(end) for end in (value["lower"], value["upper"])]
        return *ends, value["bounds"]

    return read


READ: dict[str, Callable[[Any], Any]] = {
    "float4": _number(_single),
    "float8": _number(float),
    "numeric": _number(Decimal),
    **dict.fromkeys(["date", "time", "timetz", "timestamp", "timestamptz"], _moment),
    **dict.fromkeys(["int4range", "int8range", "numrange"], _range(Decimal)),
    **dict.fromkeys(["daterange", "tsrange", "tstzrange"], _range(_moment)),
    "bytea": _binary,
    "oid": int,
}


@pytest.fixture(scope="session")
def comparable() -> Callable[[str, Any], Any]:
    """A value of a type that dumps or to_jsonb wrote, without the differences that test_packed.py documents."""

    def comparable(kind: str, value: Any) -> Any:
        if value is None or kind not in READ:
            return value
        if isinstance(value, list):
            return [comparable(kind, element) for element in value]
        return READ[kind](value)

    return comparable


@pytest.fixture(scope="session")
def both(
    fetch: Callable[..., list[Any]], pack: Callable[..., bytes | None], comparable: Callable[[str, Any], Any]
) -> Callable[[str, str], tuple[list[Any], list[Any]]]:
    """The values of a query's only column, v, which has this type, as dumps and as to_jsonb write them."""

    def both(kind: str, query: str) -> tuple[list[Any], list[Any]]:
        written = rowjson.dumps(rowjson.Shape(["v"]).rows(pack(query)))
        ours = [comparable(kind, row["v"]) for row in json.loads(written, parse_float=Decimal)]
        theirs = fetch(f"SELECT to_jsonb(v) AS v FROM ({query}) q")  # noqa: S608 - ours
        return ours, [
            None if row["v"] is None else comparable(kind, json.loads(row["v"], parse_float=Decimal)) for row in theirs
        ]

    return both


# In ns per row.
COSTS = dict.fromkeys(contenders.CONTENDERS, 900.0) | {contenders.STRUCT: 300.0, contenders.ROWJSON: 100.0}
FACTS = {"command": "python -m bench", "commit": "0123abc", "rounds": 2, "cpu_model_name": "Abacus"}


@pytest.fixture
def results() -> Callable[..., Results]:
    """Results of two rounds, the second twice as slow as the first. `costs` replaces benchmarks' costs, in ns."""

    def make(costs: Mapping[str, float] = MappingProxyType({})) -> Results:
        seconds = {f"records/{size}/{name}": COSTS[name] * size * 1e-9 for size in SIZES for name in COSTS}
        seconds |= {
            f"fetch/{size}/{name}/{of}": size * 1e-6
            for size in SIZES
            for name in fetches.WAYS
            for of in (fetches.CLIENT, fetches.SERVER)
        }
        seconds |= {f"document/{name}": 1e-5 for name in document.WAYS}
        seconds |= {name: cost * 1e-9 for name, cost in costs.items()}
        timed = [_benchmark(name, "second", value, 2 * value) for name, value in seconds.items()]
        names = [f"memory/{name}/{figure}" for name in memory.MEASURED for figure in memory.FIGURES]
        return Results(pyperf.BenchmarkSuite(timed + [_benchmark(name, "byte", 2048) for name in names]))

    return make


def _benchmark(name: str, unit: str, *rounds: float) -> pyperf.Benchmark:
    metadata = {"name": name, "unit": unit, **FACTS}
    return pyperf.Benchmark([pyperf.Run([value], metadata=metadata, collect_metadata=False) for value in rounds])
