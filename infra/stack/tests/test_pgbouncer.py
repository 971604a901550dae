"""pgbouncer stands between a service and Postgres, in a mode that its version can do."""

import stat
from pathlib import Path

import psycopg
import pytest
from showdown_contract.errors import ShowdownError
from showdown_stack import pgbouncer, programs
from showdown_stack.pgbouncer import running_pgbouncer
from showdown_stack.tiers import Tiers

PROGRAM = programs.find("pgbouncer") or Path("pgbouncer")
installed = programs.find("pgbouncer") is not None
tracks = installed and programs.version_numbers(programs.version(PROGRAM)) >= pgbouncer.PREPARED_STATEMENTS_SINCE
pytestmark = pytest.mark.skipif(not installed, reason="pgbouncer is not installed")


def test_a_session_is_served(stack: Tiers, reachable_folder: Path, tmp_path: Path) -> None:
    with running_pgbouncer(PROGRAM, "session", stack.postgres.api_dsn, 25, reachable_folder, tmp_path) as (
        dsn,
        process,
    ):
        assert dsn != stack.postgres.api_dsn
        with psycopg.connect(dsn, prepare_threshold=0) as connection:
            for _ in range(3):
                row = connection.execute("SELECT title FROM recipes WHERE id = %s", [1001]).fetchone()
                assert row is not None
        assert stat.S_IMODE((reachable_folder / "userlist.txt").stat().st_mode) == 0o600
    assert not process.running
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(dsn)


@pytest.mark.skipif(not tracks, reason="this pgbouncer is older than 1.21")
def test_prepared_statements_work_in_transaction_mode(stack: Tiers, reachable_folder: Path, tmp_path: Path) -> None:
    with running_pgbouncer(PROGRAM, "transaction", stack.postgres.api_dsn, 25, reachable_folder, tmp_path) as (dsn, _):
        clients = [psycopg.connect(dsn, prepare_threshold=0, autocommit=True) for _ in range(40)]
        for client in clients * 2:
            assert client.execute("SELECT id FROM recipes WHERE id = %s", [1001]).fetchone() == (1001,)
        for client in clients:
            client.close()


def test_a_version_that_would_break_prepared_statements_is_refused(
    stack: Tiers, reachable_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pgbouncer, "PREPARED_STATEMENTS_SINCE", (99,))
    message = rf"pgbouncer {programs.version(PROGRAM)} breaks prepared statements .*: use --pgbouncer session"
    with (
        pytest.raises(ShowdownError, match=message),
        running_pgbouncer(PROGRAM, "transaction", stack.postgres.api_dsn, 25, reachable_folder, tmp_path),
    ):
        pass


@pytest.mark.skipif(tracks, reason="this pgbouncer is 1.21 or newer")
def test_this_version_is_refused(stack: Tiers, reachable_folder: Path, tmp_path: Path) -> None:
    with (
        pytest.raises(ShowdownError, match="breaks prepared statements"),
        running_pgbouncer(PROGRAM, "transaction", stack.postgres.api_dsn, 25, reachable_folder, tmp_path),
    ):
        pass


def test_a_database_whose_name_would_be_read_as_configuration_is_refused(tmp_path: Path) -> None:
    with (
        pytest.raises(ShowdownError, match="holds no database name but of letters"),
        running_pgbouncer(PROGRAM, "session", "postgresql://me@db/x%0A[pgbouncer]", 25, tmp_path, tmp_path),
    ):
        pass
