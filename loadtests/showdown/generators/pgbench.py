"""pgbench as the ceiling: the service's single statement, prepared, over as many connections, without a service."""

import os
from dataclasses import dataclass

from showdown_contract.errors import ShowdownError
from showdown_stack import programs
from showdown_stack.dsn import Dsn
from showdown_stack.process import Process

from showdown.generators.load import Load
from showdown.requests.kind import Kinds, Statement
from showdown.requests.scenarios import Scenario

# pgbench's threads: enough to keep two cores busy.
THREADS = 2


@dataclass(frozen=True)
class PgbenchSummary:
    """What pgbench logged in the measured seconds."""

    measured_from: float
    measured_to: float
    transactions: int
    mean_latency_ms: float

    @property
    def transactions_per_second(self) -> float:
        return self.transactions / (self.measured_to - self.measured_from)


def has_ceiling(scenario: Scenario, kinds: Kinds) -> bool:
    """Whether a scenario is one statement that pgbench can run alone."""
    return len(scenario.requests) == 1 and kinds[next(iter(scenario.requests))].ceiling is not None


def script(scenario: Scenario, recipes: int, kinds: Kinds) -> str:
    """A pgbench script of a scenario's statement, for recipes of the light generators' user."""
    return _statement(scenario, kinds).script(recipes)


def _statement(scenario: Scenario, kinds: Kinds) -> Statement:
    statement = kinds[next(iter(scenario.requests))].ceiling
    assert statement is not None  # noqa: S101 - has_ceiling was asked before
    return statement


def start(load: Load, dsn: str, connections: int, kinds: Kinds) -> Process:
    """Start pgbench for the warm-up and the measured seconds. Each thread logs one line per second."""
    load.file(".pgbench").write_text(script(load.scenario, load.recipes, kinds))
    variables = _statement(load.scenario, kinds).variables
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
        "--client", str(connections), "--jobs", str(THREADS), "--file", str(load.file(".pgbench")),
        *(word for name, value in variables.items() for word in ("--define", f"{name}={value}")),
        # Two more seconds, because the first and the last line of the log cover only part of a second.
        "--time", str(load.profile.warm_up_seconds + load.profile.measure_seconds + 2),
        "--log", "--log-prefix", str(load.file("-pgbench")), "--aggregate-interval", "1",
        target.database,
    ]  # fmt: skip
    return Process("pgbench", command, load.file(".log"), environment=environment, as_ourselves=True)


def summary(load: Load) -> PgbenchSummary:
    """What pgbench logged in the measured seconds, after it has ended. Raises ShowdownError if that is too little."""
    logs = load.files.parent.glob(f"{load.files.name}-pgbench.*")
    lines = [line.split() for log in logs for line in log.read_text().splitlines()]
    first = load.profile.warm_up_seconds
    measured = sorted({int(line[0]) for line in lines})[first : first + load.profile.measure_seconds]
    if len(measured) < load.profile.measure_seconds:
        raise ShowdownError(f"pgbench ended early: see {load.file('.log')}")
    # Each line: the second, transactions, the sum of their latencies in µs, …
    counted = [line for line in lines if measured[0] <= int(line[0]) <= measured[-1]]
    transactions = sum(int(line[1]) for line in counted)
    return PgbenchSummary(
        measured_from=measured[0],
        measured_to=measured[-1] + 1,
        transactions=transactions,
        mean_latency_ms=sum(float(line[2]) for line in counted) / transactions / 1000 if transactions else 0.0,
    )
