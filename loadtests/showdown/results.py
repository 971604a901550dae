"""What a run writes down: results.json, whose schema is results.schema.json."""

import json
from pathlib import Path
from typing import Any, Literal

from local_stack.pgbouncer import PoolMode
from pydantic import BaseModel, ConfigDict, ValidationError

from showdown.errors import ShowdownError
from showdown.generators.measurement import Latency
from showdown.scenarios import Profile
from showdown.variants import Variant

SCHEMA = Path(__file__).resolve().parents[1] / "results.schema.json"
FILE = "results.json"

TierName = Literal["generator", "haproxy", "service", "pgbouncer", "postgres"]


class Record(BaseModel):
    """A part of results.json: what it does not know, it refuses."""

    model_config = ConfigDict(extra="forbid", json_schema_serialization_defaults_required=True)


class Tier(Record):
    """What one tier cost during a round, children included. None: this machine does not tell."""

    cpu_us_per_request: float | None
    """CPU time over requests; both within the measured seconds. None where no request was answered."""
    peak_cpu_percent: float
    """Of one core, over any second."""
    peak_host_cpu_percent: float | None = None
    """Of the busiest of its hosts, of one core; None on one machine."""
    peak_rss_mib: float
    """Resident memory summed over the tier's processes: pages that they share count once for each."""
    peak_fds: int | None
    """Open file descriptors."""
    peak_connections: int | None
    """Established TCP connections."""


class Work(Record):
    """What the database did for the service, by its own count."""

    statements_per_request: float
    rows_per_request: float
    peak_connections: int


class Proxy(Record):
    """What haproxy counted, warm-up included."""

    responses: int
    server_errors: int
    connection_errors: int
    most_queued: int
    """Requests that waited for one of the server's places, at the worst."""


class Result(Record):
    """One round of one variant under one scenario."""

    variant: str
    scenario: str
    round: int
    service_hosts: int = 1
    """On how many hosts the service ran."""
    started_at: str
    measured_seconds: float
    requests: int
    errors: int
    requests_per_second: float
    """Right answers only."""
    latency_ms: Latency
    failures: dict[str, int]
    """What was wrong with the errors, and how often."""
    tiers: dict[TierName, Tier]
    work: Work | None
    """None where the database does not count statements."""
    proxy: Proxy | None


class Reference(Record):
    """One round of pgbench: the same single statement, without any service."""

    name: Literal["pgbench"] = "pgbench"
    scenario: str
    round: int
    connections: int
    requests_per_second: float
    """Transactions, of one statement each."""
    mean_latency_ms: float
    tiers: dict[TierName, Tier]


class Fault(Record):
    """A round that gave no result."""

    variant: str
    scenario: str
    round: int
    service_hosts: int = 1
    reason: str


class Machine(Record):
    """Where it was measured."""

    system: str
    cpu: str
    cores: int
    memory_mib: int
    virtual: str | None
    """The kind of virtual machine or container; None where it is neither or nothing tells."""
    steal_percent: float | None
    """CPU time that the host took away during the run; None where the system does not tell."""


class Host(Record):
    """One of a cloud stack's hosts."""

    name: str
    tier: TierName
    size: str
    """As the provider calls it."""
    usd_per_month: float
    machine: Machine | None
    """None where only the provider knows."""


class Run(Record):
    """One invocation of `showdown run`."""

    schema_version: Literal[1] = 1
    started_at: str
    finished_at: str | None = None
    command: str
    commit: str
    machine: Machine
    """This one; of a cloud stack the first service host."""
    stack: Literal["local", "terraform"] = "local"
    hosts: list[Host] = []
    """Of a cloud stack."""
    service_hosts: list[int] = [1]
    """On how many hosts each variant was measured."""
    generator_processes: int = 1
    """Of the generator: none can use more than one core."""
    versions: dict[str, str]
    profile_name: str
    profile: Profile
    generator: Literal["locust", "oha"]
    haproxy: bool
    """Whether requests went through it."""
    pgbouncer: PoolMode | None
    """Its mode, where it stood before Postgres."""
    external_postgres: bool
    """Whether Postgres was the user's own (--dsn)."""
    missing: list[str]
    """Tiers that were wanted and not there."""
    recipes: int
    seed: int
    baseline: str
    """The variant that the others are compared with."""
    variants: dict[str, Variant]
    results: list[Result] = []
    references: list[Reference] = []
    faults: list[Fault] = []


def write_run(run: Run, folder: Path) -> None:
    """Replace the folder's results.json; a reader never sees half of one."""
    unfinished = folder / f"{FILE}.unfinished"
    unfinished.write_text(run.model_dump_json(indent=2) + "\n")
    unfinished.rename(folder / FILE)


def read_run(folder: Path) -> Run:
    """The run of a folder. Raises ShowdownError."""
    path = folder / FILE
    try:
        return Run.model_validate_json(path.read_bytes())
    except OSError as error:
        raise ShowdownError(f"{path}: {error.strerror}: name the folder of a run") from None
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise ShowdownError(f"{path} is not a result of this version of showdown: {place}: {first['msg']}") from None


def json_schema() -> dict[str, Any]:
    """The JSON Schema of results.json."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema"} | Run.model_json_schema(mode="serialization")


if __name__ == "__main__":
    SCHEMA.write_text(json.dumps(json_schema(), indent=2) + "\n")
