"""The results of a run: results.json, whose schema is results.schema.json."""

import json
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, ValidationError, model_validator
from showdown_contract.errors import ShowdownError
from showdown_stack.pgbouncer import PoolMode

from showdown.contenders.chains import Chain
from showdown.contenders.variants import MOST_VARIANTS, RESERVED, Variant, VariantName
from showdown.files import read_bounded, read_compressed, replace_file
from showdown.generators.latencies import Histogram
from showdown.generators.measurement import Arrivals
from showdown.measure.migrations import migrated
from showdown.measure.rates import Rate
from showdown.measure.sampled import Sampled
from showdown.measure.sweeps import Point, Sweep
from showdown.measure.virtual import Virtual
from showdown.requests.scenarios import MOST_BLOCKS, MOST_LAPS, Profile
from showdown.requests.upstream import Behaviours
from showdown.stacks.event_loop import EventLoop
from showdown.stacks.records import Host, Link, Machine, Proxy, StackKind, TierName, TierUsage, Upstream
from showdown.toml_files import faults
from showdown.types import MOST_COUNT, Amount, Count, Line, Name, Record, Text

SCHEMA = Path(__file__).resolve().parents[2] / "results.schema.json"
FILE = "results.json"
# The same, compressed: of a run that is kept (docs/results).
COMPRESSED = f"{FILE}.xz"
# Somebody else's file is read, too: it must not take all memory, nor its report hours.
MOST_BYTES = 64 * 2**20
MOST_SLICES, MOST_KINDS, MOST_HOSTS, MOST_GROWERS = 50_000, 1_000, 100, 20

Block = Annotated[int, Field(strict=True, ge=1, le=MOST_BLOCKS)]
Lap = Annotated[int, Field(strict=True, ge=1, le=MOST_LAPS)]
Group = Annotated[int, Field(strict=True, ge=1, le=MOST_VARIANTS)]
Hosts = Annotated[int, Field(strict=True, ge=1, le=MOST_HOSTS)]


class Work(Record):
    """What the database did for the service, by its own count."""

    statements_per_request: Amount
    rows_per_request: Amount
    peak_connections: Count
    active_connections: Amount | None = None
    """How many were executing something or in a transaction, on average; None where the database does not tell."""
    waiting_for_locks: Amount | None = None
    """How many of these waited for a lock that another transaction had, on average."""
    waiting_for_disk: Amount | None = None
    """How many of these waited for data to be read or written, or for a commit to be on disk, on average."""


class Slice(Record):
    """One short measurement of one variant under one scenario, beside the slices of the others.

    Those of one block, group, lap and scenario, on as many service hosts, stood side by side.
    """

    variant: Name
    scenario: Name
    block: Block
    group: Group = 1
    """Where the database has too few connections for all variants at once, they are up in groups, one after the
    other within a block, and the baseline is in each of them."""
    lap: Lap
    service_hosts: Hosts = 1
    """On how many hosts the service ran."""
    started_at: Amount
    """Seconds since 1970."""
    measured_seconds: Amount
    requests: Count
    """Answered within the measured seconds, wrong ones included."""
    errors: Count
    requests_per_second: Amount
    """Right answers only."""
    asked_requests_per_second: Amount | None = None
    """How many were to arrive; None in a closed loop, where each user asks when it has its answer."""
    arrivals: Arrivals | None = None
    """What became of them. Latencies count from the moment for which each was meant."""
    histogram: Histogram
    """Latencies of right answers in µs."""
    failures: Annotated[dict[Line, Count], Field(max_length=MOST_KINDS)]
    """Each kind of failure, and how often it occurred."""
    tiers: dict[TierName, TierUsage]
    machine_cpu_us_per_request: Amount | None = None
    """CPU time of the machine, whoever used it, divided by requests; None where tiers have hosts of their own."""
    work: Work | None
    """None where the database does not count statements, or the machine was too busy to ask it between two slices."""
    proxy: Proxy | None
    upstream: Upstream | None = None
    """None where services have none."""
    event_loop: EventLoop | None = None
    """None where the service has no metrics, or no event loop."""
    link: Link | None = None
    """None where services reach Postgres without one."""


class Ceiling(Record):
    """One slice of pgbench: the same single statement, without any service."""

    name: Literal["pgbench"] = "pgbench"
    scenario: Name
    block: Block
    group: Group = 1
    lap: Lap
    connections: Count
    requests_per_second: Amount
    """Transactions, of one statement each."""
    mean_latency_ms: Amount
    tiers: dict[TierName, TierUsage]


class GeneratorCeiling(Record):
    """What the generator can do at most: its requests to a service that does no work, by the same path."""

    scenario: Name
    requests_per_second: Amount


class Fault(Record):
    """A contender that lost a block: none of its slices there is kept, on however many service hosts."""

    variant: Name
    scenario: Name | None = None
    """The one that it was measured under; None where it had not come so far."""
    block: Block
    group: Group = 1
    reason: Text


class Grower(Record):
    """A line of a service's code that has allocated memory and keeps it, as its language's own tracer sees it."""

    line: Line
    mib: Amount
    blocks: Count
    """Pieces of memory."""


class Twin(Record):
    """A variant that is measured twice under two names: what differs between them is no difference."""

    of: VariantName
    name: VariantName
    """Its second name, which is among the run's variants, too."""


class Run(Record):
    """One invocation of `showdown run`."""

    schema_version: Literal[4] = 4
    started_at: Line
    finished_at: Line | None = None
    command: Line
    commit: Line
    machine: Machine
    """This machine, or a cloud stack's first service host."""
    stack: StackKind = "local"
    hosts: Annotated[list[Host], Field(max_length=MOST_HOSTS)] = []
    """The hosts of a cloud stack."""
    service_hosts: Annotated[list[Hosts], Field(min_length=1, max_length=MOST_HOSTS)] = [1]
    """The numbers of service hosts that each variant was measured on."""
    generator_processes: Count = 1
    """Processes of the generator: none can use more than one core."""
    versions: Annotated[dict[Line, Line], Field(max_length=MOST_KINDS)]
    variant_versions: Annotated[
        dict[VariantName, Annotated[dict[Line, Line], Field(max_length=MOST_KINDS)]], Field(max_length=MOST_VARIANTS)
    ] = {}
    """By variant: its own commit, if it is not the checkout's, and the parts whose versions differ between variants."""
    profile_name: Name
    profile: Profile
    until_half_width: Amount | None = None
    """How narrow every interval against the baseline was to be, as a share (--until): blocks were added until then."""
    rate: Rate | None = None
    """At which requests arrived (--rate); None: in a closed loop, as fast as they were answered."""
    generator: Literal["locust", "oha"]
    haproxy: bool
    """Whether requests went through it."""
    pgbouncer: PoolMode | None
    """Its mode, if it was used."""
    external_postgres: bool
    """Whether Postgres was the user's own (--dsn)."""
    notes: Annotated[list[Line], Field(max_length=MOST_KINDS)]
    """What a reader has to know: tiers that are missing or cannot be observed, what was left out."""
    contract: Line
    """Its name, and a digest of its files."""
    size: Count
    """Of the data set, in recipes or in what else the contract counts."""
    seed: Annotated[int, Field(ge=-MOST_COUNT, le=MOST_COUNT)]
    baseline: VariantName
    """The variant that the others are compared with."""
    variants: Annotated[dict[VariantName, Variant], Field(min_length=1, max_length=MOST_VARIANTS)]
    twin: Twin | None = None
    chain: Chain | None = None
    """What `showdown explain` measured."""
    beside: Chain | None = None
    """Another chain, which it measured beside that."""
    sweep: Sweep | None = None
    """What `showdown sweep` measured."""
    virtual: Virtual | None = None
    """What `showdown explain --virtual` measured."""
    upstream: Annotated[dict[Name, Behaviours], Field(max_length=MOST_KINDS)] = {}
    """How the upstream behaved, in each scenario whose requests make services call it."""
    latency_ms: Annotated[dict[Name, Amount], Field(max_length=MOST_KINDS)] = {}
    """By scenario, how much longer the link made each round trip between service and Postgres (--latency)."""
    generator_ceiling: Annotated[list[GeneratorCeiling], Field(max_length=MOST_KINDS)] = []
    growers: dict[VariantName, Annotated[list[Grower], Field(max_length=MOST_GROWERS)]] = {}
    """By variant, what its service traced as kept when it stopped for the last time; only of those that trace."""
    sampled: Annotated[list[Sampled], Field(max_length=MOST_KINDS)] = []
    """Where the CPU time of services goes, as a profiler saw it after the blocks (--profile-with)."""
    finished_blocks: Count = 0
    """How many blocks are finished; `showdown run --resume` measures the others."""
    slices: Annotated[list[Slice], Field(max_length=MOST_SLICES, fail_fast=True)] = []
    ceilings: Annotated[list[Ceiling], Field(max_length=MOST_SLICES, fail_fast=True)] = []
    faults: Annotated[list[Fault], Field(max_length=MOST_SLICES, fail_fast=True)] = []

    @model_validator(mode="after")
    def _what_was_measured_was_to_be(self) -> Self:
        contenders = {*self.variants, *RESERVED}
        parts: list[Slice | Ceiling | Fault] = [*self.slices, *self.ceilings, *self.faults]
        for part in parts:
            if part.scenario is not None and part.scenario not in self.profile.scenarios:
                raise ValueError(f"a slice is of {part.scenario}, which is none of the profile's scenarios")
            if part.block > self.profile.blocks:
                raise ValueError(f"block {part.block} is one of {self.profile.blocks}")
            if not isinstance(part, Fault) and part.lap > self.profile.laps:
                raise ValueError(f"lap {part.lap} is one of {self.profile.laps}")
        of_contenders: list[Slice | Fault] = [*self.slices, *self.faults]
        for of in of_contenders:
            if of.variant not in contenders:
                raise ValueError(f"a slice is of {of.variant}, which is no variant of this run")
        for slice_ in self.slices:
            if slice_.service_hosts not in self.service_hosts:
                raise ValueError(f"a slice had {slice_.service_hosts} service hosts, which this run did not have")
            if missing := {"generator", "service"} - slice_.tiers.keys():
                raise ValueError(f"a slice of {slice_.variant} says nothing of its {min(missing)}")
        return self

    @model_validator(mode="after")
    def _what_was_sampled_was_measured(self) -> Self:
        for each in self.sampled:
            if each.variant not in self.variants or each.scenario not in self.profile.scenarios:
                raise ValueError(f"what was sampled is of {each.variant} under {each.scenario}, which the run has not")
        return self

    @model_validator(mode="after")
    def _a_twin_is_a_variant_twice(self) -> Self:
        if self.twin and not {self.twin.of, self.twin.name} <= self.variants.keys():
            raise ValueError(f"the twin {self.twin.name} of {self.twin.of} is not among the variants")
        return self

    @model_validator(mode="after")
    def _a_chain_is_of_variants(self) -> Self:
        for chain in filter(None, [self.chain, self.beside]):
            if missing := set(chain.variants()) - self.variants.keys():
                raise ValueError(f"the chain's {min(missing)} is not among the variants")
        return self

    @model_validator(mode="after")
    def _planted_work_is_of_variants(self) -> Self:
        if self.virtual and (missing := self.virtual.originals().keys() - self.variants.keys()):
            raise ValueError(f"the planted {min(missing)} is not among the variants")
        return self

    @model_validator(mode="after")
    def _a_sweep_is_of_variants(self) -> Self:
        for point in self.sweep.points if self.sweep else []:
            if missing := set(point.variants.values()) - self.variants.keys():
                raise ValueError(f"the sweep's {min(missing)} is not among the variants")
            if point.scenario is not None and point.scenario not in self.profile.scenarios:
                raise ValueError(f"the sweep's {point.scenario} is none of the profile's scenarios")
        return self

    def originals(self) -> dict[str, str]:
        """By variant, the name of the entry that it was made from: a twin's, a sweep's point's, or one with work."""
        swept = self.sweep.originals() if self.sweep else self.virtual.originals() if self.virtual else {}
        of = {self.twin.name: self.twin.of} if self.twin else {}
        return {name: swept.get(of.get(name, name), of.get(name, name)) for name in self.variants}

    def users_of(self, variant: str) -> int:
        """How many users load a variant on one service host: a twin as many as its original."""
        point = self.point_of(variant)
        return self.profile.users if point is None or point.users is None else point.users

    def point_of(self, variant: str) -> Point | None:
        """The point of a sweep that a variant stands for, a twin for that of its original."""
        original = self.twin.of if self.twin and variant == self.twin.name else variant
        return self.sweep.point_of(original) if self.sweep else None

    @property
    def compared_with(self) -> str:
        """The baseline; where it has no slice, the first variant that has some in every scenario, or in any."""
        measured: dict[str, set[str]] = {}
        for slice_ in self.slices:
            measured.setdefault(slice_.variant, set()).add(slice_.scenario)
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
    """The run of a folder, of whatever version its file is. Raises ShowdownError."""
    path, read = folder / FILE, read_bounded
    try:
        if not path.exists() and (folder / COMPRESSED).exists():
            path, read = folder / COMPRESSED, read_compressed
        content = read(path, MOST_BYTES)
    except OSError as error:
        raise ShowdownError(
            f"{path}: {error.strerror}: name the folder of a run, such as one of loadtests/results"
        ) from None
    try:
        content = migrated(content)
    except ShowdownError as error:
        raise ShowdownError(f"{path}: {error}") from None
    try:
        return Run.model_validate_json(content)
    except ValidationError as error:
        raise ShowdownError(
            f"{path} is not a result of this version of showdown: {faults(error, Run)[0].strip()}"
        ) from None


def json_schema() -> dict[str, Any]:
    """The JSON Schema of results.json."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema"} | Run.model_json_schema(mode="serialization")


if __name__ == "__main__":
    SCHEMA.write_text(json.dumps(json_schema(), indent=2) + "\n")
