"""pgbench: a scenario's single statement without any service, the ceiling for all of them."""

import os
import sys
from dataclasses import dataclass
from math import ceil
from pathlib import Path

from pydantic import TypeAdapter
from showdown_contract.errors import ShowdownError
from showdown_stack import programs
from showdown_stack.dsn import Dsn
from showdown_stack.process import Process

from showdown.generators.timetable import SETTLE_SECONDS, TAIL_SECONDS
from showdown.requests.kind import Kinds, Statement
from showdown.requests.scenarios import Scenario

# pgbench's threads: enough to keep two cores busy.
THREADS = 2
# To start, to make one connection, and to end by itself.
START_SECONDS, CONNECT_SECONDS, END_SECONDS = 0.05, 0.03, 0.5
# Of what counts. On a busy machine, or through pgbouncer with TLS, it is later than planned.
LEAST_SHARE = 0.25
MICROSECONDS = 1_000_000
LOG_FIELDS = 6


@dataclass(frozen=True)
class CeilingTurn:
    """One run of pgbench. All moments are in seconds since 1970."""

    files: Path
    """What the names of its files start with."""
    scenario: Scenario
    size: int
    connections: int
    seconds: int
    start: float
    counted_from: float
    counted_to: float


CEILING_TURNS = TypeAdapter(list[CeilingTurn])


@dataclass(frozen=True)
class PgbenchSummary:
    """What pgbench logged within the seconds that count."""

    measured_seconds: float
    transactions: int
    mean_latency_ms: float

    @property
    def transactions_per_second(self) -> float:
        return self.transactions / self.measured_seconds


def has_ceiling(scenario: Scenario, kinds: Kinds) -> bool:
    """Whether a scenario is one statement that pgbench can run alone."""
    return len(scenario.requests) == 1 and kinds[next(iter(scenario.requests))].ceiling is not None


def script(scenario: Scenario, size: int, kinds: Kinds) -> str:
    """A pgbench script of a scenario's statement, for recipes of the light generators' user."""
    return _statement(scenario, kinds).script(size)


def _statement(scenario: Scenario, kinds: Kinds) -> Statement:
    statement = kinds[next(iter(scenario.requests))].ceiling
    assert statement is not None  # noqa: S101 - has_ceiling was asked before
    return statement


def start_seconds(connections: int) -> float:
    """From its start until all connections are to be there."""
    return START_SECONDS + CONNECT_SECONDS * connections


def run_seconds(counted_seconds: float, connections: int) -> int:
    """How long pgbench runs so that so many seconds count: it takes whole seconds only."""
    return ceil(start_seconds(connections) + SETTLE_SECONDS + counted_seconds + TAIL_SECONDS)


def start(turn: CeilingTurn, dsn: str, kinds: Kinds) -> Process:
    """Start pgbench now, logging each transaction."""
    script_file = _file(turn.files, ".pgbench")
    script_file.write_text(script(turn.scenario, turn.size, kinds))
    variables = _statement(turn.scenario, kinds).variables
    target = Dsn.parse(dsn)
    tls = {"PGSSLMODE": target.sslmode, "PGSSLROOTCERT": target.sslrootcert}
    environment = {
        **os.environ,
        **{name: value for name, value in tls.items() if value is not None},
        "PGHOST": target.host,
        "PGPORT": str(target.port),
        "PGUSER": target.user,
        "PGPASSWORD": target.password,
    }
    command = [
        str(programs.postgres_programs() / "pgbench"), "--no-vacuum", "--protocol", "prepared",
        "--client", str(turn.connections), "--jobs", str(THREADS), "--file", str(script_file),
        *(word for name, value in variables.items() for word in ("--define", f"{name}={value}")),
        "--time", str(turn.seconds), "--log", "--log-prefix", str(turn.files),
        target.database,
    ]  # fmt: skip
    return Process("pgbench", command, _file(turn.files, ".log"), environment=environment, as_ourselves=True)


def summary(turn: CeilingTurn) -> PgbenchSummary:
    """What an ended pgbench logged within what counts, from when it began. Raises ShowdownError where that is little.

    Its log, a line for each transaction, is removed: it is large, and says no more.
    """
    transactions = latencies = latest = 0
    earliest = sys.maxsize
    start_us, end_us = round(turn.counted_from * MICROSECONDS), round(turn.counted_to * MICROSECONDS)
    for log in turn.files.parent.glob(f"{turn.files.name}.[0-9]*"):
        for line in log.read_text().splitlines():
            # Client, number, latency in µs, script, and when it was over: the second, and µs of it.
            fields = line.split()
            if len(fields) < LOG_FIELDS:
                # It was stopped in mid-line: it has not ended in time.
                break
            over = int(fields[4]) * MICROSECONDS + int(fields[5])
            earliest, latest = min(earliest, over), max(latest, over)
            if start_us <= over < end_us:
                transactions += 1
                latencies += int(fields[2])
        log.unlink()
    begin_us = max(start_us, earliest)
    if not transactions or latest < end_us or end_us - begin_us < LEAST_SHARE * (end_us - start_us):
        raise ShowdownError(f"pgbench did not run when it should: see {_file(turn.files, '.log')}")
    return PgbenchSummary(
        measured_seconds=(end_us - begin_us) / MICROSECONDS,
        transactions=transactions,
        mean_latency_ms=latencies / transactions / 1000,
    )


def _file(files: Path, suffix: str) -> Path:
    return files.with_name(f"{files.name}{suffix}")
