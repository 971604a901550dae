"""Plans a run from the command's options."""

import shlex
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Literal

from showdown_contract.errors import ShowdownError
from showdown_stack.dsn import Dsn
from showdown_stack.state import require_closed_to_servers

from showdown.contenders.chains import Chain
from showdown.contenders.variants import Variant
from showdown.contenders.versions import common_and_own
from showdown.contract.contract import Contract
from showdown.measure.rates import Rate
from showdown.measure.results import FILE, Run, Twin
from showdown.measure.sweeps import Sweep
from showdown.measure.virtual import Virtual
from showdown.requests.latency import at_latencies, latencies_ms, with_latencies
from showdown.requests.scenarios import Profile, Scenario
from showdown.sampling.profilers import ProfilerName
from showdown.selection import find, select
from showdown.stacks.stack import Description
from showdown.types import MOST_NAME

# The folder in a run's folder that has the generators' files.
BLOCKS = "blocks"
# The one that has the logs of its tiers.
LOGS = "logs"
TWIN = "-twin"
MOST_MINUTES = 30
# Of variants that are made for a run: all are up at once, and each has processes of its own.
MOST_SERVICES = 40
RESULTS = Path(__file__).resolve().parents[2] / "results"


@dataclass(frozen=True)
class Until:
    """Blocks are added until intervals are narrow enough, or the time is over."""

    half_width: float
    """Of every interval against the baseline, as a share: 0.03 is 3%."""
    most_minutes: int = MOST_MINUTES


@dataclass(frozen=True)
class RunPlan:
    """What is to be measured."""

    variants: dict[str, Variant]
    """The twin among them."""
    baseline: str
    twin: Twin | None
    profile_name: str
    profile: Profile
    scenarios: dict[str, Scenario]
    generator: Literal["locust", "oha"]
    size: int
    seed: int
    dsn: str | None
    contract: Contract
    until: Until | None = None
    """None: as many blocks as the profile says."""
    rate: Rate | None = None
    """None: in a closed loop."""
    latency_ms: Mapping[str, float] = field(default_factory=dict)
    """By scenario, of those that have one, how much longer a round trip between service and Postgres takes."""
    chain: Chain | None = None
    """Of which all variants are, or of the one beside it."""
    beside: Chain | None = None
    """Another chain, which is measured in the same run."""
    sweep: Sweep | None = None
    """Of whose points all variants are."""
    profiler: ProfilerName | None = None
    """What looks at the services after the blocks."""
    virtual: Virtual | None = None
    """Planted work, which all variants do."""
    resumed: Run | None = None
    """The earlier run that this one goes on with."""


def plan_run(  # noqa: PLR0917 - the command's options, one by one
    variants: str | None,
    scenarios: str | None,
    profile_name: str,
    generator: Literal["locust", "oha"],
    size: int,
    seed: int,
    dsn: str | None,
    contract: Contract,
    variants_file: Path | None = None,
    *,
    twin: bool = True,
    until: Until | None = None,
    rate: Rate | None = None,
    latencies: Sequence[float] | None = None,
) -> RunPlan:
    """Look everything up by its name. Raises ShowdownError.

    `twin`: whether one of the variants is measured twice. `latencies`: at which each scenario is measured, in ms.
    """
    contenders, workloads = contract.contenders(variants_file), contract.scenarios
    profile = find("profile", workloads.profiles, profile_name)
    wanted = profile.scenarios if not scenarios else [name.strip() for name in scenarios.split(",")]
    wanted = at_latencies(filter(None, wanted), latencies) if latencies else wanted
    chosen = select("scenario", with_latencies(workloads.scenarios, wanted), ",".join(wanted))
    selected = contenders.to_measure(variants)
    paired = twin_of(contenders.twin, selected) if twin else None
    if until and not paired and len(selected) == 1:
        raise ShowdownError("--until narrows comparisons, and there is one variant only: name two, or keep its twin")
    return RunPlan(
        variants=with_twin(selected, paired),
        baseline=contenders.baseline if contenders.baseline in selected else next(iter(selected)),
        twin=paired,
        profile_name=profile_name,
        profile=profile.model_copy(update={"scenarios": list(chosen)} | ({"blocks": 1} if until else {})),
        scenarios=chosen,
        generator=generator,
        size=size,
        seed=seed,
        dsn=dsn,
        contract=contract,
        until=until,
        rate=rate,
        latency_ms=latencies_ms(workloads.scenarios, chosen),
    )


def twin_of(preferred: str | None, selected: Mapping[str, Variant]) -> Twin:
    """The variant that is measured twice: the preferred one, the second of those selected, or the only one."""
    names = list(selected)
    of = preferred if preferred is not None and preferred in selected else names[min(1, len(names) - 1)]
    name = f"{of[: MOST_NAME - len(TWIN)]}{TWIN}"
    if name in selected:
        raise ShowdownError(f"{name} is what the twin of {of} is called: rename that variant, or say --no-twin")
    return Twin(of=of, name=name)


def with_twin(selected: Mapping[str, Variant], twin: Twin | None) -> dict[str, Variant]:
    """The variants, in their order, and behind one of them its twin."""
    variants: dict[str, Variant] = {}
    for name, variant in selected.items():
        variants[name] = variant
        if twin and name == twin.of:
            again = {"description": f"{name} once more, under another name", "note": None, "build": None}
            variants[twin.name] = variant.model_copy(update=again)
    return variants


def new_run(
    plan: RunPlan,
    stack: Description,
    generator_versions: dict[str, str],
    variant_versions: Mapping[str, Mapping[str, str]],
) -> Run:
    """An empty run on a stack. `variant_versions`: the versions that each variant reports."""
    common, own = common_and_own(variant_versions)
    return Run(
        started_at=datetime.now(UTC).isoformat(timespec="seconds"),
        command=_command(plan.dsn),
        commit=stack.commit,
        machine=stack.machine,
        stack=stack.kind,
        hosts=stack.hosts,
        service_hosts=stack.service_hosts,
        generator_processes=stack.generator_processes,
        versions=stack.versions | common | generator_versions,
        variant_versions=own,
        profile_name=plan.profile_name,
        # It grows as blocks are added.
        profile=plan.profile.model_copy(),
        until_half_width=None if plan.until is None else plan.until.half_width,
        rate=plan.rate,
        generator=plan.generator,
        haproxy=stack.haproxy,
        pgbouncer=stack.pgbouncer,
        external_postgres=stack.external_postgres,
        notes=[*stack.notes, *_left_out(plan)],
        contract=plan.contract.digest,
        size=plan.size,
        seed=plan.seed,
        baseline=plan.baseline,
        variants=plan.variants,
        twin=plan.twin,
        chain=plan.chain,
        beside=plan.beside,
        sweep=plan.sweep,
        virtual=plan.virtual,
        upstream={
            name: scenario.upstream
            for name, scenario in plan.scenarios.items()
            if scenario.calls_upstream(plan.contract.kinds)
        },
        latency_ms=dict(plan.latency_ms),
    )


def _left_out(plan: RunPlan) -> list[str]:
    """Notes on what this contract lacks."""
    return [] if plan.contract.has_ceilings else ["the contract names no ceiling: pgbench is not measured"]


def require_new_folder(chosen: Path | None) -> None:
    """Raise ShowdownError early if new_folder would refuse this folder. Leaves nothing behind."""
    folder = chosen or RESULTS
    with _explained(folder):
        if chosen is not None and folder.exists():
            _require_empty(folder)
        ancestor = next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())
        # Try it: permission bits do not bind root, and do not show a read-only file system.
        Path(tempfile.mkdtemp(prefix=".showdown-", dir=ancestor)).rmdir()
        require_closed_to_servers(ancestor.resolve())


def new_folder(chosen: Path | None) -> Path:
    """An empty folder for a run's files: the chosen one, or one named by the time. Raises ShowdownError.

    If two runs ask for the same folder at the same time, one of them is refused or gets another name.
    """
    folder = chosen.absolute() if chosen else RESULTS / datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    with _explained(folder):
        if chosen is None:
            RESULTS.mkdir(parents=True, exist_ok=True)
            return _numbered(folder)
        folder.mkdir(parents=True, exist_ok=True)
        _require_empty(folder)
        # The run that creates this folder owns it.
        try:
            (folder / BLOCKS).mkdir()
        except FileExistsError:
            _require_empty(folder)
    return folder


def new_logs(chosen: Path | None) -> Path:
    """A folder for logs, in a new folder for a run's files. Raises ShowdownError."""
    logs = new_folder(chosen) / LOGS
    logs.mkdir()
    return logs


def _numbered(folder: Path) -> Path:
    """A new folder of that name, with a number appended if the name is taken."""
    for number in count(1):
        candidate = folder if number == 1 else folder.with_name(f"{folder.name}-{number}")
        try:
            candidate.mkdir()
        except FileExistsError:
            continue
        break
    (candidate / BLOCKS).mkdir()
    return candidate


def _require_empty(folder: Path) -> None:
    if any(folder.iterdir()):
        raise ShowdownError(f"{folder} is not empty: results are never overwritten, choose another with --out")


@contextmanager
def _explained(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ShowdownError(f"cannot write to {folder} ({error.strerror}): choose another with --out") from None


def latest_folder() -> Path:
    """The newest folder with results. Raises ShowdownError where there is none."""
    # Of two folders of one second, the one with the larger number is newer.
    folders = sorted(
        # A sweep of several runs has a folder for each in its own.
        {path.parent for path in RESULTS.glob(f"*/{FILE}")}
        | {path.parent.parent for path in RESULTS.glob(f"*/*/{FILE}")},
        key=lambda path: (path.name[:16], len(path.name), path.name),
    )
    if not folders:
        raise ShowdownError(f"there are no results in {RESULTS} yet: `showdown run` makes some")
    return folders[-1]


def _command(dsn: str | None) -> str:
    """What was typed, without a password."""
    words = [Path(sys.argv[0]).name, *sys.argv[1:]]
    return shlex.join(word if dsn is None else word.replace(dsn, repr(Dsn.parse(dsn))) for word in words)
