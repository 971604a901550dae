"""pgbouncer between the service and Postgres, where it is asked for."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from local_stack import config, programs
from local_stack.errors import StackError
from local_stack.ports import LOOPBACK, accepts, free_port
from local_stack.privilege import own
from local_stack.process import Process

PoolMode = Literal["session", "transaction"]
# From here on pgbouncer itself keeps track of named prepared statements in transaction mode.
PREPARED_STATEMENTS_SINCE = (1, 21)
START_SECONDS = 10.0


@contextmanager
def running_pgbouncer(
    program: Path, mode: PoolMode, api_dsn: str, folder: Path, logs: Path
) -> Iterator[tuple[str, Process]]:
    """Run pgbouncer before the Postgres of `api_dsn`: gives the DSN to use instead, and the process.

    Raises StackError where this version cannot do it.
    """
    tracks = programs.version_numbers(programs.version(program)) >= PREPARED_STATEMENTS_SINCE
    if mode == "transaction" and not tracks:
        raise StackError(
            f"pgbouncer {programs.version(program)} breaks prepared statements in transaction mode "
            "(1.21 is the first that does not): use --pgbouncer session"
        )
    target = urlsplit(api_dsn)
    port = free_port()
    user_list = folder / "userlist.txt"
    user_list.touch(mode=0o600)
    user_list.write_text(f'"{target.username}" "{target.password or ""}"\n')
    settings = folder / "pgbouncer.ini"
    settings.write_text(
        config.render(
            "pgbouncer.ini",
            database=target.path.removeprefix("/"),
            postgres_address=target.hostname or LOOPBACK,
            postgres_port=target.port or 5432,
            listen_address=LOOPBACK,
            port=port,
            user_list=str(user_list),
            pool_mode=mode,
            prepared_statements="max_prepared_statements = 200" if tracks else "",
        )
    )
    own(user_list)
    with Process("pgbouncer", [str(program), str(settings)], logs / "pgbouncer.log") as process:
        process.wait_until(lambda: accepts(port), START_SECONDS)
        yield target._replace(netloc=f"{target.username}:{target.password}@{LOOPBACK}:{port}").geturl(), process
