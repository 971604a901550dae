"""Postgres runs on a host of its own, over a cluster that is made once, with the settings that a run sends."""

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from showdown.stacks.agent import own_postgres
from showdown.stacks.agent.leash import Leash
from showdown.stacks.agent.own_postgres import run_postgres, watch_postgres
from showdown_contract.errors import ShowdownError
from showdown_stack.programs import postgres_programs

FILES = {"postgresql.conf": "port = 5432\n", "pg_hba.conf": "host all all 10.0.0.2/32 scram-sha-256\n"}


@pytest.fixture
def cluster(folder: Path, reachable_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Of an agent whose units are a stand-in's."""
    monkeypatch.setattr(own_postgres, "CLUSTER", reachable_folder / "postgres")
    monkeypatch.setattr(own_postgres, "SETTINGS", folder)
    return reachable_folder / "postgres"


def restarts(folder: Path) -> int:
    return (folder / "told").read_text().splitlines().count("restart showdown-postgres.service")


def test_the_cluster_and_its_passwords_are_made_once(cluster: Path, folder: Path) -> None:
    made = run_postgres(Leash(subprocess.DEVNULL), FILES)  # type: ignore[arg-type]
    assert made.keys() == {"showdown", "api"}
    assert len(set(made.values())) == 2
    assert (cluster / "passwords.json").stat().st_mode & 0o077 == 0
    version = subprocess.run(
        [postgres_programs() / "pg_controldata", cluster / "data"], capture_output=True, text=True, check=False
    )
    assert version.returncode == 0, version.stderr
    assert {name: (folder / name).read_text() for name in FILES} == FILES
    assert restarts(folder) == 1
    assert run_postgres(Leash(subprocess.DEVNULL), FILES) == made  # type: ignore[arg-type]
    assert restarts(folder) == 1


def test_other_settings_need_another_start(cluster: Path, folder: Path) -> None:
    assert cluster.parent.exists()
    made = run_postgres(Leash(subprocess.DEVNULL), FILES)  # type: ignore[arg-type]
    assert run_postgres(Leash(subprocess.DEVNULL), FILES | {"postgresql.conf": "port = 5433\n"}) == made  # type: ignore[arg-type]
    assert restarts(folder) == 2
    assert (folder / "postgresql.conf").read_text() == "port = 5433\n"


def test_one_that_does_not_start_is_shown_with_its_log(cluster: Path, stand_in: Callable[[str, str], None]) -> None:
    stand_in("systemctl", 'test "$1" != restart')
    with pytest.raises(ShowdownError, match=r"(?s)showdown-postgres.*out of memory"):
        run_postgres(Leash(subprocess.DEVNULL), FILES)  # type: ignore[arg-type]
    assert cluster.exists()


def test_it_is_watched_window_by_window(folder: Path, ask: Callable[..., Any], mortal: Callable[[], Any]) -> None:
    assert watch_postgres.__doc__
    with mortal():
        task = ask("watch-postgres", windows=[])
        assert task.wait_until_ready().answer() == {"seen": []}
    assert folder.exists()
