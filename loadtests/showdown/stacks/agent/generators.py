"""The load generators, on the host from which the load comes."""

import os
import pwd
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from showdown_contract.errors import ShowdownError
from showdown_stack.process import Process

from showdown.contract.contract import load_contract
from showdown.generators import pgbench
from showdown.generators.load import LOAD, Load
from showdown.generators.locust import LocustGenerator
from showdown.generators.pgbench import CEILING_TURNS
from showdown.generators.timetable import TIMETABLE
from showdown.stacks.agent.leash import Leash, announce
from showdown.stacks.agent.tiers import write_database_ca
from showdown.stacks.agent.watch import look_in, seen_in

USER = "showdown"
# For pgbench to end by itself, and write its log.
END_SECONDS = 5.0


def locust(leash: Leash, load: Any, role: list[str]) -> dict[str, Any]:
    """Run one of several Locusts by the timetable that comes once all are ready. Only the master returns a summary."""
    generator = LocustGenerator(tuple(role))
    with _as_generator(load) as ours, generator.start(ours) as loading:
        while not loading.is_ready:
            _go_on(leash, loading.process)
        announce("ready")
        while (said := leash.heard()) is None:
            loading.check()
        timetable = TIMETABLE.validate_python(said)
        loading.follow(timetable)
        windows = [(entry.counted_from, entry.counted_to) for entry in timetable]
        seen = seen_in(leash, windows, lambda _: loading.process.pid, loading.check)
        while loading.process.running:
            _go_on(leash, loading.process)
        loading.check()
        return {"seen": seen, "summary": loading.summary().model_dump() if "--master" in role else None}


def ceilings(leash: Leash, turns: list[Any], dsn: str, database_ca: str) -> dict[str, Any]:
    """Run pgbench in each of these turns, by the clock; a turn that gave nothing says why."""
    write_database_ca(database_ca)
    seen, summaries = [], []
    with _folder_of_a_generator() as folder:
        announce("ready")
        for number, asked in enumerate(CEILING_TURNS.validate_python(turns)):
            turn = replace(asked, files=folder / str(number))
            if not leash.held_until(turn.start):
                raise ShowdownError("pgbench was stopped before its end")
            with pgbench.start(turn, dsn, load_contract().kinds) as process:
                seen.append(look_in(leash, (turn.counted_from, turn.counted_to), process.pid).model_dump())
                process.wait_until(lambda ended=process: not ended.running, END_SECONDS)  # type: ignore[misc]
            try:
                summaries.append(asdict(pgbench.summary(turn)))
            except ShowdownError as error:
                summaries.append({"error": f"{error}\n{process.log_tail()}"})
    return {"seen": seen, "summaries": summaries}


def _go_on(leash: Leash, process: Process) -> None:
    """Raise ShowdownError if a generator has failed, or is not wanted any more."""
    if not leash.held():
        raise ShowdownError(f"{process.name} was stopped before its end")
    if not process.running and process.exit_code != 0:
        raise ShowdownError(process.how_it_ended())


@contextmanager
def _folder_of_a_generator() -> Iterator[Path]:
    """Become the user that generators run as, and yield a new folder for its files."""
    account = pwd.getpwnam(USER)
    os.initgroups(USER, account.pw_gid)
    os.setgid(account.pw_gid)
    os.setuid(account.pw_uid)
    os.environ["HOME"] = account.pw_dir
    with tempfile.TemporaryDirectory(prefix="showdown-") as folder:
        yield Path(folder)


@contextmanager
def _as_generator(load: Any) -> Iterator[Load]:
    """Become the user that generators run as, and yield the load with a new folder for its files."""
    with _folder_of_a_generator() as folder:
        yield replace(LOAD.validate_python(load), files=folder / "load")
