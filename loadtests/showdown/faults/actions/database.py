"""Faults of Postgres: its processes, a lock, its disk."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import psutil
import psycopg
from psycopg import sql
from showdown_contract.errors import ShowdownError
from showdown_stack.postgres import answers

from showdown.faults.action_log import NoEffectError, confirm
from showdown.faults.actions.processes import is_gone
from showdown.faults.bench import Bench

# Of those who serve the services, the one that has worked last.
_BACKEND = """
SELECT pid FROM pg_stat_activity
WHERE backend_type = 'client backend' AND datname = current_database() AND usename <> current_user
ORDER BY state_change DESC LIMIT 1
"""
_STARTED = "SELECT min(backend_start) FROM pg_stat_activity WHERE backend_type = 'checkpointer'"
_WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = %s::regclass"
RECOVERY_SECONDS = 60.0
FILLER = "filler"
PIECE = bytes(2**20)
# Once as much fails as a page that a table gets.
_ONE_MORE = "CREATE TABLE filler AS SELECT repeat('x', 1000) FROM generate_series(1, 1000)"


def kill_backend(bench: Bench) -> None:
    """SIGKILL for one backend: Postgres then ends all others, and recovers."""
    dsn = bench.tiers.postgres.owner_dsn
    before = _started(dsn)
    with psycopg.connect(dsn, autocommit=True) as connection:
        found = connection.execute(_BACKEND).fetchone()
    if found is None:
        raise ShowdownError("no backend of Postgres serves the service")
    backend = psutil.Process(found[0])
    at = time.time()
    backend.kill()
    confirm(f"process {backend.pid} is gone", lambda: is_gone(backend))
    bench.log.did("kill -9 of a backend", backend.pid, "gone from the table of processes", at)
    what = "Postgres has ended its other processes, as it does when a backend was killed, and answers"
    confirm(what, lambda: _started(dsn) not in {None, before}, RECOVERY_SECONDS)
    bench.log.did("Postgres recovers", bench.postgres.pid, "its processes are new, and it answers", time.time())


def _started(dsn: str) -> datetime | None:
    """Since when Postgres's own processes run; None while it does not answer."""
    try:
        with psycopg.connect(dsn, autocommit=True) as connection:
            (started,) = connection.execute(_STARTED).fetchone() or (None,)
    except psycopg.OperationalError:
        return None
    return started if isinstance(started, datetime) else None


def kill_postmaster(bench: Bench) -> None:
    """SIGKILL for the postmaster; after the fault's seconds a new start."""
    postgres = bench.postgres
    at, pid = time.time(), postgres.pid
    os.kill(pid, signal.SIGKILL)
    confirm("Postgres has ended", lambda: not postgres.running)
    bench.log.did("kill -9 of the postmaster", pid, postgres.result, at)
    bench.stay(at)
    _start_again(bench)


def lock_table(bench: Bench) -> None:
    """Lock a table that every request reads, so that all connections wait."""
    dsn, at = bench.tiers.postgres.owner_dsn, time.time()
    with psycopg.connect(dsn) as connection, psycopg.connect(dsn, autocommit=True) as other:
        connection.execute(sql.SQL("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE").format(sql.Identifier(bench.table)))
        pid = connection.info.backend_pid
        confirm(f"somebody waits for {bench.table}", lambda: _waiting(other, bench.table))
        bench.log.did(f"LOCK TABLE {bench.table}", pid, f"{_waiting(other, bench.table)} backends wait in pg_locks", at)
        bench.stay(at)
        connection.rollback()
        bench.log.did("ROLLBACK", pid, "the lock is given back", time.time())


def _waiting(connection: psycopg.Connection, table: str) -> int:
    (count,) = connection.execute(_WAITING, [table]).fetchone() or (0,)
    return int(count)


def fill_disk(bench: Bench) -> None:
    """Fill the disk of the data folder for a while."""
    disk = bench.tiers.postgres.disk
    if disk is None:
        raise ShowdownError("Postgres has no small disk of its own, and the machine's is not to be filled")
    at = time.time()
    with _filled(disk):
        what = f"{_free(disk)} bytes are free; {_refusal(bench)}"
        bench.log.did(f"a file fills {disk}", bench.postgres.pid, what, at)
        bench.stay(at)
    if not bench.postgres.running:
        # Where it cannot write its log, it ends.
        _start_again(bench)
    else:
        _until_it_answers(bench)
    bench.log.did("the file is deleted", bench.postgres.pid, f"{_free(disk)} bytes are free", time.time())


@contextmanager
def _filled(disk: Path) -> Iterator[None]:
    filler = disk / FILLER
    try:
        with filler.open("wb", buffering=0) as file:
            piece = PIECE
            while piece:
                try:
                    file.write(piece)
                except OSError:
                    # Down to the last byte, however large a page is.
                    piece = piece[: len(piece) // 2]
        yield
    finally:
        filler.unlink(missing_ok=True)


def _refusal(bench: Bench) -> str:
    """What Postgres says to somebody who wants to write. Raises NoEffectError where it lets them."""
    try:
        with psycopg.connect(bench.tiers.postgres.owner_dsn, autocommit=True) as connection:
            connection.execute(_ONE_MORE)
            connection.execute("DROP TABLE filler")
    except psycopg.Error as error:
        return f"Postgres says: {str(error).splitlines()[0]}"
    raise NoEffectError("the disk is full, and Postgres still finds room for a table")


def _free(disk: Path) -> int:
    found = os.statvfs(disk)
    return found.f_bavail * found.f_frsize


def _start_again(bench: Bench) -> None:
    at = time.time()
    bench.postgres.start_again()
    _until_it_answers(bench)
    bench.log.did("started again", bench.postgres.pid, f"it answers after {time.time() - at:.1f} s", at)


def _until_it_answers(bench: Bench) -> None:
    confirm("Postgres answers", lambda: answers(bench.tiers.postgres.owner_dsn), RECOVERY_SECONDS)
