"""Puts a run together from what was asked for."""

import os
import shlex
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from local_stack.dsn import Dsn

from showdown.errors import ShowdownError
from showdown.results import FILE, Run
from showdown.run.stack import Description
from showdown.scenarios import Profile, Scenario, load_scenario_file
from showdown.selection import find, select
from showdown.variants import Variant, load_variant_file

RESULTS = Path(__file__).resolve().parents[2] / "results"


@dataclass(frozen=True)
class RunPlan:
    """What is to be measured."""

    variants: dict[str, Variant]
    baseline: str
    profile_name: str
    profile: Profile
    scenarios: dict[str, Scenario]
    generator: Literal["locust", "oha"]
    recipes: int
    seed: int
    dsn: str | None


def plan_run(  # noqa: PLR0917 - the command's options, one by one
    variants: str | None,
    scenarios: str | None,
    profile_name: str,
    generator: Literal["locust", "oha"],
    recipes: int,
    seed: int,
    dsn: str | None,
) -> RunPlan:
    """Look everything up by its name. Raises ShowdownError."""
    contenders, workloads = load_variant_file(), load_scenario_file()
    profile = find("profile", workloads.profiles, profile_name)
    chosen = select("scenario", workloads.scenarios, scenarios or ",".join(profile.scenarios))
    selected = select("variant", contenders.variants, variants) if variants is not None else contenders.by_default()
    return RunPlan(
        variants=selected,
        baseline=contenders.baseline if contenders.baseline in selected else next(iter(selected)),
        profile_name=profile_name,
        profile=profile.model_copy(update={"scenarios": list(chosen)}),
        scenarios=chosen,
        generator=generator,
        recipes=recipes,
        seed=seed,
        dsn=dsn,
    )


def new_run(plan: RunPlan, stack: Description, generator_versions: dict[str, str]) -> Run:
    """An empty run on a stack."""
    return Run(
        started_at=datetime.now(UTC).isoformat(timespec="seconds"),
        command=_command(plan.dsn),
        commit=stack.commit,
        machine=stack.machine,
        stack=stack.kind,
        hosts=stack.hosts,
        service_hosts=stack.service_hosts,
        generator_processes=stack.generator_processes,
        versions=stack.versions | generator_versions,
        profile_name=plan.profile_name,
        profile=plan.profile,
        generator=plan.generator,
        haproxy=stack.haproxy,
        pgbouncer=stack.pgbouncer,
        external_postgres=stack.external_postgres,
        missing=stack.missing,
        recipes=plan.recipes,
        seed=plan.seed,
        baseline=plan.baseline,
        variants=plan.variants,
    )


def new_folder(chosen: Path | None) -> Path:
    """An empty folder for a run's files: the one chosen, or one named by the time. Raises ShowdownError."""
    folder = chosen or RESULTS / datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise ShowdownError(f"{folder} is not empty: results are never overwritten, choose another with --out")
        if not os.access(folder, os.W_OK):
            raise ShowdownError(f"{folder} is not ours to write to: choose another with --out")
    except OSError as error:
        raise ShowdownError(f"cannot write to {folder} ({error.strerror}): choose another with --out") from None
    return folder


def latest_folder() -> Path:
    """The newest folder with results. Raises ShowdownError where there is none."""
    folders = sorted(path.parent for path in RESULTS.glob(f"*/{FILE}"))
    if not folders:
        raise ShowdownError(f"there are no results in {RESULTS} yet: `showdown run` makes some")
    return folders[-1]


def _command(dsn: str | None) -> str:
    """What was typed, without a password."""
    words = [Path(sys.argv[0]).name, *sys.argv[1:]]
    return shlex.join(word if dsn is None else word.replace(dsn, repr(Dsn.parse(dsn))) for word in words)
