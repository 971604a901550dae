"""Fixtures for the tests of all folders: a separate state folder, a running stack, empty databases."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from uuid import uuid4

import psutil
import psycopg
import pytest
from hypothesis import HealthCheck, settings
from psycopg import sql
from showdown.contract.contract import load_contract
from showdown_stack.tiers import TierOptions, Tiers, running_tiers
from showdown_stack.upstream import NOT_BUILT, Upstream, running_upstream
from showdown_stack.upstream import program as upstream_program

RECIPES = 2_000
POLL_SECONDS = 0.05

# No example is too slow: the machine may be busy, and these tests are not about speed.
settings.register_profile("showdown", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("showdown")

# A shell has what it starts in the background ignore Ctrl-C, and processes that a test starts would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def session_folder() -> Iterator[Path]:
    """A folder for everything that outlives a test. Unlike pytest's own, it can be reached by servers' users."""
    folder = Path(tempfile.mkdtemp(prefix="showdown-tests-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session", autouse=True)
def state(session_folder: Path) -> Iterator[Path]:
    """$SHOWDOWN_STATE for this session only. Processes that tests start may lock it, one at a time."""
    folder = session_folder / "state"
    # With an explicit mode, for a state folder that its group may write to is refused.
    folder.mkdir(mode=0o755)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SHOWDOWN_STATE", str(folder))
        yield folder


@pytest.fixture(scope="session")
def seeded_state(state: Path) -> Path:
    """The same with a cluster of RECIPES recipes. No server runs on it, so it can be copied."""
    with running_tiers(TierOptions(load_contract(), RECIPES, haproxy=False)):
        pass
    return state


@pytest.fixture(scope="session")
def stack(session_folder: Path, seeded_state: Path) -> Iterator[Tiers]:
    """The stack that tests share: Postgres with RECIPES recipes, haproxy if it is installed, and three places."""
    folder = session_folder / "shared"
    copy_folder(seeded_state, folder)
    with ExitStack() as resources:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("SHOWDOWN_STATE", str(folder))
            running = resources.enter_context(running_tiers(TierOptions(load_contract(), RECIPES, services=3)))
        yield running


@pytest.fixture(scope="session")
def real_upstream(session_folder: Path) -> Iterator[Upstream]:
    """What services call, apart from any stack."""
    built = upstream_program()
    if built is None:
        pytest.fail(NOT_BUILT, pytrace=False)
    folder = session_folder / "upstream"
    folder.mkdir(mode=0o755)
    with running_upstream(built, folder, folder) as running:
        yield running


@pytest.fixture
def reachable_folder(session_folder: Path) -> Iterator[Path]:
    """An empty folder for one test, which servers can reach."""
    folder = session_folder / f"test-{uuid4().hex[:8]}"
    folder.mkdir(mode=0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def empty_state(reachable_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """$SHOWDOWN_STATE for one test, without a cluster."""
    monkeypatch.setenv("SHOWDOWN_STATE", str(reachable_folder))
    return reachable_folder


@pytest.fixture
def own_state(empty_state: Path, seeded_state: Path) -> Path:
    """$SHOWDOWN_STATE for one test that starts a stack of its own, with a cluster of RECIPES recipes."""
    copy_folder(seeded_state, empty_state)
    return empty_state


@pytest.fixture
def new_database(stack: Tiers) -> Iterator[Callable[[], str]]:
    """Makes empty databases on the shared Postgres. Each call returns the DSN of a new one, for its owner."""
    with ExitStack() as made:

        def make() -> str:
            name = f"test_{uuid4().hex}"
            _administer(stack, sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
            made.callback(_administer, stack, sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
            return f"{stack.postgres.owner_dsn.rpartition('/')[0]}/{name}"

        yield make


@pytest.fixture
def empty_database(new_database: Callable[[], str]) -> str:
    """The DSN of an empty database."""
    return new_database()


@pytest.fixture(scope="session")
def eventually() -> Callable[[Callable[[], object]], None]:
    """Waits until a condition holds. If it never does, pytest's time-out ends the test."""

    def wait(condition: Callable[[], object]) -> None:
        while not condition():
            time.sleep(POLL_SECONDS)

    return wait


@pytest.fixture(scope="session")
def mentioning() -> Callable[[Path], list[str]]:
    """Finds the command lines of running processes that name a folder: what a stack has left behind in it."""

    def find(folder: Path) -> list[str]:
        lines = []
        for process in psutil.process_iter():
            try:
                line = " ".join(process.cmdline())
            except (psutil.NoSuchProcess, psutil.ZombieProcess, psutil.AccessDenied):
                continue
            if str(folder) in line and process.pid != os.getpid():
                lines.append(line)
        return lines

    return find


def copy_folder(source: Path, target: Path) -> None:
    """Copy the contents of a folder, including owners."""
    target.mkdir(mode=0o755, exist_ok=True)
    subprocess.run(["cp", "-a", f"{source}/.", str(target)], check=True)


def _administer(stack: Tiers, statement: sql.Composed) -> None:
    with psycopg.connect(stack.postgres.owner_dsn, autocommit=True) as connection:
        connection.execute(statement)
