"""The load generators, on the host from which the load comes."""

import os
import pwd
import tempfile
from collections.abc import Callable, Iterator
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
from showdown.stacks.agent.leash import Leash, announce
from showdown.stacks.agent.tiers import write_database_ca
from showdown.stacks.recorder import Recorder

USER = "showdown"


def locust(leash: Leash, load: Any, role: list[str]) -> dict[str, Any]:
    """Run the master or a worker of a Locust that is spread over hosts. Only the master returns a summary."""
    generator = LocustGenerator(tuple(role))
    with _as_generator(load) as ours:
        samples = _loaded(leash, generator.start, ours)
        return {"samples": samples, "summary": generator.summary(ours).model_dump() if "--master" in role else None}


def ceiling(leash: Leash, load: Any, dsn: str, database_ca: str, connections: int) -> dict[str, Any]:
    """Run pgbench."""
    write_database_ca(database_ca)
    with _as_generator(load) as ours:
        samples = _loaded(leash, lambda load: pgbench.start(load, dsn, connections, load_contract().kinds), ours)
        return {"samples": samples, "summary": asdict(pgbench.summary(ours))}


@contextmanager
def _as_generator(load: Any) -> Iterator[Load]:
    """Become the user that generators run as, and yield the load with a new folder for its files."""
    account = pwd.getpwnam(USER)
    os.initgroups(USER, account.pw_gid)
    os.setgid(account.pw_gid)
    os.setuid(account.pw_uid)
    os.environ["HOME"] = account.pw_dir
    with tempfile.TemporaryDirectory(prefix="showdown-") as folder:
        yield replace(LOAD.validate_python(load), files=Path(folder) / "load")


def _loaded(leash: Leash, start: Callable[[Load], Process], load: Load) -> list[dict[str, Any]]:
    """Run a generator to its end and return samples of what it cost. Raises ShowdownError if it is let go before."""
    with start(load) as process, Recorder({"generator": process.pid}, lambda: 0) as recorder:
        announce("ready")
        while process.running:
            if not leash.held():
                raise ShowdownError(f"{process.name} was stopped before its end")
    if process.exit_code != 0:
        raise ShowdownError(process.how_it_ended())
    return [asdict(sample) for sample in recorder.samples]
