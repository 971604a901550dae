"""Each fault is really caused, on a real stack under a little load, and taken away again."""

import os
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path
from threading import Event

import psutil
import psycopg
import pytest
from showdown.contenders.start import resolved_command, service_environment
from showdown.contract.contract import load_contract
from showdown.faults.action_log import ActionLog, NoEffectError, confirm
from showdown.faults.actions.all_actions import ACTIONS
from showdown.faults.actions.freezing import frozen
from showdown.faults.actions.limits import open_files_limit
from showdown.faults.bench import Bench
from showdown.faults.fault_file import load_fault_file
from showdown_stack import link, programs, upstream
from showdown_stack.answers import NoAnswerError, ask
from showdown_stack.link import Link
from showdown_stack.small_disk import DISK
from showdown_stack.tiers import Service, TierOptions, Tiers, running_tiers

VARIANT = "starlette"
RECIPES = 2_000
ADA = {"Cookie": "sessionid=golden-ada"}
ASKED = ("/api/v1/recipes/1", "/api/v1/recipes/1/nutrition")
CLIENTS = 4
LACKING = [
    *(name for name in ("haproxy", "pgbouncer") if programs.find(name) is None),
    *([link.NOT_BUILT] if link.program() is None else []),
    *([upstream.NOT_BUILT] if upstream.program() is None else []),
]
pytestmark = pytest.mark.skipif(bool(LACKING), reason=f"lacking: {LACKING}")


@pytest.fixture(scope="module")
def tiers(session_folder: Path, seeded_state: Path) -> Iterator[Tiers]:
    """A stack with every tier there is, and room for two instances of a service."""
    folder = session_folder / "faults"
    folder.mkdir(mode=0o755)
    subprocess.run(["cp", "-a", f"{seeded_state}/.", str(folder)], check=True)
    options = TierOptions(
        load_contract(), RECIPES, pgbouncer="session", upstream=True, link=True, instances=2,
        disk_mib=32 if os.geteuid() == 0 else None,
    )  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SHOWDOWN_STATE", str(folder))
        with running_tiers(options) as running:
            yield running
    assert not (folder / DISK).exists()


@pytest.fixture(scope="module")
def services(tiers: Tiers) -> Iterator[list[Service]]:
    """Two instances of one variant, both behind haproxy."""
    variant = load_contract().variants.variants[VARIANT]
    environment = service_environment() | variant.settings() | {"POOL_SIZE": "4"}
    with ExitStack() as resources:
        started = [
            tiers.start_service(
                f"{VARIANT}-{number}", resolved_command(VARIANT, variant), environment, variant.folder,
                tiers.places[0].instance(number),
            )
            for number in (1, 2)
        ]  # fmt: skip
        for service in started:
            resources.enter_context(service.process)
            service.wait_until_ready()
        yield started


@pytest.fixture
def bench(tiers: Tiers, services: list[Service]) -> Iterator[Bench]:
    """Under a little load, from a few clients that go on whatever they get."""
    ended = Event()

    def go_on(path: str) -> None:
        while not ended.is_set():
            with suppress(NoAnswerError):
                ask(tiers.url, "GET", path, None, ADA, 20, 1 << 20)
            time.sleep(0.01)

    # A fault before may have ended haproxy, which forgets what it was told.
    haproxy = tiers.haproxy
    assert haproxy
    haproxy.set_state(1, 2, "ready")
    scenario = load_contract().scenarios.scenarios["nutrition"]
    with ThreadPoolExecutor(CLIENTS) as threads:
        for number in range(CLIENTS):
            threads.submit(go_on, ASKED[number % 2])
        try:
            confirm("answers are right", lambda: is_right(tiers), 60)
            yield Bench(tiers, services, scenario, "notes", ActionLog(time.time()), seconds=0.3, latency_ms=200)
        finally:
            ended.set()


def is_right(tiers: Tiers) -> bool:
    return all(status(tiers.url, path) == 200 for path in ASKED)


def status(url: str, path: str) -> int | None:
    try:
        return ask(url, "GET", path, None, ADA, 20, 1 << 20).status
    except NoAnswerError:
        return None


@pytest.mark.timeout(120)
@pytest.mark.parametrize("action", ACTIONS)
def test_a_fault_shows_and_passes(bench: Bench, action: str) -> None:
    if action == "fill-disk" and bench.tiers.postgres.disk is None:
        pytest.skip("only root can mount a small disk")
    limits = [open_files_limit(each.process.pid) for each in bench.services]
    ACTIONS[action](bench)
    assert bench.log.lines
    for line in bench.log.lines:
        assert line.effect
        assert line.pid
    confirm("answers are right again", lambda: is_right(bench.tiers), 60)
    assert bench.tiers.lost() is None
    assert [open_files_limit(each.process.pid) for each in bench.services] == limits


def test_what_was_stopped_goes_on_whatever_happens(bench: Bench) -> None:
    root = bench.postgres.pid
    stopping = frozen(root)
    pids = stopping.__enter__()
    assert {psutil.Process(pid).status() for pid in pids} == {psutil.STATUS_STOPPED}
    assert not stopping.__exit__(KeyboardInterrupt, KeyboardInterrupt(), None)
    confirm("all go on", lambda: psutil.STATUS_STOPPED not in {psutil.Process(pid).status() for pid in pids})


def test_a_latency_that_is_not_there_has_no_effect(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Link, "set", lambda *_: None)
    with pytest.raises(NoEffectError, match="as if it had no latency"):
        ACTIONS["slow-down-link"](replace(bench, latency_ms=1_000))


def test_a_lock_that_nobody_waits_for_has_no_effect(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("showdown.faults.action_log.EFFECT_SECONDS", 0.2)
    with psycopg.connect(bench.tiers.postgres.owner_dsn, autocommit=True) as connection:
        connection.execute("CREATE TABLE nobodys (id int)")
    with pytest.raises(NoEffectError, match="somebody waits for nobodys"):
        ACTIONS["lock-table"](replace(bench, table="nobodys"))


def test_every_action_is_a_fault_of_the_recipes() -> None:
    assert {fault.action for fault in load_fault_file(load_contract()).faults.values()} == ACTIONS.keys()
