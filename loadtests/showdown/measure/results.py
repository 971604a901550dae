"""The results of a run: results.json, whose schema is results.schema.json."""

import json
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, ValidationError, model_validator
from showdown_contract.errors import ShowdownError
from showdown_stack.pgbouncer import PoolMode

from showdown.contenders.variants import MOST_VARIANTS, RESERVED, Variant, VariantName
from showdown.files import read_bounded, replace_file
from showdown.generators.measurement import Latency
from showdown.requests.scenarios import MOST_ROUNDS, Profile
from showdown.stacks.records import Host, Machine, TierName, TierUsage
from showdown.toml_files import faults
from showdown.types import MOST_COUNT, Amount, Count, Line, Name, Record, Text

SCHEMA = Path(__file__).resolve().parents[2] / "results.schema.json"
FILE = "results.json"
# A results file may come from somebody else: limit the memory and time that reading it takes.
MOST_BYTES = 64 * 2**20
MOST_ROUNDS_OF_ALL, MOST_KINDS, MOST_HOSTS = 20_000, 1_000, 100

Round = Annotated[int, Field(strict=True, ge=1, le=MOST_ROUNDS)]
Hosts = Annotated[int, Field(strict=True, ge=1, le=MOST_HOSTS)]


class Work(Record):
    """What the database did for the service, by its own count."""

    statements_per_request: Amount
    rows_per_request: Amount
    peak_connections: Count


class Proxy(Record):
    """What haproxy counted, warm-up included."""

    responses: Count
    server_errors: Count
    connection_errors: Count
    most_queued: Count
    """The most requests that waited at once for a free slot of the server."""


class Result(Record):
    """One round of one variant under one scenario."""

    variant: Name
    scenario: Name
    round: Round
    service_hosts: Hosts = 1
    """On how many hosts the service ran."""
    started_at: Line
    measured_seconds: Amount
    requests: Count
    errors: Count
    requests_per_second: Amount
    """Right answers only."""
    latency_ms: Latency
    failures: Annotated[dict[Line, Count], Field(max_length=MOST_KINDS)]
    """Each kind of failure, and how often it occurred."""
    tiers: dict[TierName, TierUsage]
    work: Work | None
    """None if the database does not count statements."""
    proxy: Proxy | None


class Ceiling(Record):
    """One round of pgbench: the same single statement, without any service."""

    name: Literal["pgbench"] = "pgbench"
    scenario: Name
    round: Round
    connections: Count
    requests_per_second: Amount
    """Transactions, of one statement each."""
    mean_latency_ms: Amount
    tiers: dict[TierName, TierUsage]


class Fault(Record):
    """A round that gave no result."""

    variant: Name
    scenario: Name
    round: Round
    service_hosts: Hosts = 1
    reason: Text


class Run(Record):
    """One invocation of `showdown run`."""

    schema_version: Literal[2] = 2
    started_at: Line
    finished_at: Line | None = None
    command: Line
    commit: Line
    machine: Machine
    """This machine, or a cloud stack's first service host."""
    stack: Literal["local", "terraform"] = "local"
    hosts: Annotated[list[Host], Field(max_length=MOST_HOSTS)] = []
    """The hosts of a cloud stack."""
    service_hosts: Annotated[list[Hosts], Field(min_length=1, max_length=MOST_HOSTS)] = [1]
    """The numbers of service hosts that each variant was measured on."""
    generator_processes: Count = 1
    """The generator's processes: each can use only one core."""
    versions: Annotated[dict[Line, Line], Field(max_length=MOST_KINDS)]
    variant_versions: Annotated[
        dict[VariantName, Annotated[dict[Line, Line], Field(max_length=MOST_KINDS)]], Field(max_length=MOST_VARIANTS)
    ] = {}
    """By variant: its own commit, if it is not the checkout's, and the parts whose versions differ between variants."""
    profile_name: Name
    profile: Profile
    generator: Literal["locust", "oha"]
    haproxy: bool
    """Whether requests went through it."""
    pgbouncer: PoolMode | None
    """Its mode, if it was used."""
    external_postgres: bool
    """Whether Postgres was the user's own (--dsn)."""
    missing: Annotated[list[Line], Field(max_length=MOST_KINDS)]
    """Notes on tiers that were wanted but missing."""
    recipes: Count
    seed: Annotated[int, Field(ge=-MOST_COUNT, le=MOST_COUNT)]
    baseline: VariantName
    """The variant that the others are compared with."""
    variants: Annotated[dict[VariantName, Variant], Field(min_length=1, max_length=MOST_VARIANTS)]
    results: Annotated[list[Result], Field(max_length=MOST_ROUNDS_OF_ALL, fail_fast=True)] = []
    ceilings: Annotated[list[Ceiling], Field(max_length=MOST_ROUNDS_OF_ALL, fail_fast=True)] = []
    faults: Annotated[list[Fault], Field(max_length=MOST_ROUNDS_OF_ALL, fail_fast=True)] = []

    @model_validator(mode="after")
    def _rounds_are_of_what_was_measured(self) -> Self:
        contenders = {*self.variants, *RESERVED}
        rounds: list[Result | Ceiling | Fault] = [*self.results, *self.ceilings, *self.faults]
        for round_ in rounds:
            if round_.scenario not in self.profile.scenarios:
                raise ValueError(f"a round is of {round_.scenario}, which is none of the profile's scenarios")
            if round_.round > self.profile.rounds:
                raise ValueError(f"round {round_.round} is one of {self.profile.rounds}")
        of_contenders: list[Result | Fault] = [*self.results, *self.faults]
        for of in of_contenders:
            if of.variant not in contenders:
                raise ValueError(f"a round is of {of.variant}, which is no variant of this run")
            if of.variant in self.variants and of.service_hosts not in self.service_hosts:
                raise ValueError(f"a round had {of.service_hosts} service hosts, which this run did not have")
        for result in self.results:
            if missing := {"generator", "service"} - result.tiers.keys():
                raise ValueError(f"a round of {result.variant} says nothing of its {min(missing)}")
        return self

    @property
    def compared_with(self) -> str:
        """The baseline or, if it has no result, the first of the variants with results in the most scenarios."""
        measured: dict[str, set[str]] = {}
        for result in self.results:
            measured.setdefault(result.variant, set()).add(result.scenario)
        if self.baseline in measured or not measured:
            return self.baseline
        most = max(map(len, measured.values()))
        return next(name for name in self.variants if len(measured.get(name, ())) == most)


def write_run(run: Run, folder: Path) -> None:
    """Replace the folder's results.json; a reader never sees half of one. Raises ShowdownError."""
    path = folder / FILE
    try:
        replace_file(path, run.model_dump_json(indent=2) + "\n")
    except OSError as error:
        raise ShowdownError(
            f"cannot write {path} ({error.strerror}): it holds what was written before, if anything was"
        ) from None


def read_run(folder: Path) -> Run:
    """The run of a folder. Raises ShowdownError."""
    path = folder / FILE
    try:
        return Run.model_validate_json(read_bounded(path, MOST_BYTES))
    except OSError as error:
        raise ShowdownError(f"{path}: {error.strerror}: name the folder of a run") from None
    except ValidationError as error:
        raise ShowdownError(
            f"{path} is not a result of this version of showdown: {faults(error, Run)[0].strip()}"
        ) from None


def json_schema() -> dict[str, Any]:
    """The JSON Schema of results.json."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema"} | Run.model_json_schema(mode="serialization")


if __name__ == "__main__":
    SCHEMA.write_text(json.dumps(json_schema(), indent=2) + "\n")
