"""pgbench as the ceiling: the service's single statement, prepared, over as many connections, without a service."""

import os
from dataclasses import dataclass

from showdown_contract import files, people
from showdown_contract.errors import ShowdownError
from showdown_stack import programs
from showdown_stack.dsn import Dsn
from showdown_stack.process import Process

from showdown.generators.light_user import USER
from showdown.generators.load import Load
from showdown.requests.scenarios import LIST_LIMIT, Scenario

# Threads of pgbench's own: enough to keep two cores busy.
THREADS = 2
# The statement of each request that is one, and its parameters in the order of $1, $2, …
STATEMENTS = {
    "recipe-detail": ("recipe_single", ("key", "recipe")),
    "recipe-list": ("recipe_list_single", ("key", "after", "most")),
}


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


def has_ceiling(scenario: Scenario) -> bool:
    """Whether a scenario is one statement that pgbench can run alone."""
    return len(scenario.requests) == 1 and next(iter(scenario.requests)) in STATEMENTS


def script(scenario: Scenario, recipes: int) -> str:
    """A pgbench script of a scenario's statement, for recipes of the light generators' user."""
    query, parameters = STATEMENTS[next(iter(scenario.requests))]
    statement = "\n".join(line for line in files.query(query).splitlines() if not line.startswith("--"))
    for number, parameter in enumerate(parameters, start=1):
        statement = statement.replace(f"${number}", f":{parameter}")
    turns = max(1, recipes * 9 // 10 // people.TEAMS)
    # people.owner_of the other way round: the recipes of the user's first team are every TEAMS-th of
    # all that belong to teams, and those are the first nine of every ten.
    return f"""\\set turn {people.active_teams(USER)[0]} + {people.TEAMS} * random(0, {turns - 1})
\\set recipe {people.FIRST_ID} + :turn / 9 * 10 + mod(:turn, 9)
\\set after 0
\\set most {LIST_LIMIT}
{statement.strip()};
"""


def start(load: Load, dsn: str, connections: int) -> Process:
    """Start pgbench for the warm-up and the measured seconds, logging one line a second and thread."""
    load.file(".pgbench").write_text(script(load.scenario, load.recipes))
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
        "--define", f"key={people.session_key(USER)}",
        # Two more seconds: the first and the last line of the log are of parts of a second.
        "--time", str(load.profile.warm_up_seconds + load.profile.measure_seconds + 2),
        "--log", "--log-prefix", str(load.file("-pgbench")), "--aggregate-interval", "1",
        target.database,
    ]  # fmt: skip
    return Process("pgbench", command, load.file(".log"), environment=environment, as_ourselves=True)


def summary(load: Load) -> PgbenchSummary:
    """What an ended pgbench logged in the measured seconds. Raises ShowdownError where that is too little."""
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
