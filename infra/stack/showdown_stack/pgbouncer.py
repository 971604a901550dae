"""pgbouncer between the service and Postgres, where it is asked for."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from showdown_contract.errors import ShowdownError

from showdown_stack import config, programs
from showdown_stack.dsn import Dsn
from showdown_stack.ports import LOOPBACK, accepts, free_port
from showdown_stack.privilege import PGBOUNCER, own, write_privately
from showdown_stack.process import Process

PoolMode = Literal["session", "transaction"]
# From here on pgbouncer itself keeps track of named prepared statements in transaction mode.
PREPARED_STATEMENTS_SINCE = (1, 21)
START_SECONDS = 10.0
# The article's.
POOL_SIZE = 25
_DATABASE = re.compile(r"[A-Za-z0-9_-]+")


@contextmanager
def running_pgbouncer(  # noqa: PLR0917 - each is one thing
    program: Path, mode: PoolMode, api_dsn: str, pool_size: int, folder: Path, logs: Path
) -> Iterator[tuple[str, Process]]:
    """Run pgbouncer before the Postgres of `api_dsn`: gives the DSN to use instead, and the process.

    Raises ShowdownError where this version cannot do it.
    """
    tracks = require_mode(program, mode)
    target = Dsn.parse(api_dsn)
    if not _DATABASE.fullmatch(target.database):
        raise ShowdownError("pgbouncer's configuration holds no database name but of letters, digits, _ and -")
    port = free_port()
    user_list = folder / "userlist.txt"
    write_privately(user_list, f'"{_quoted(target.user)}" "{_quoted(target.password)}"\n')
    settings = folder / "pgbouncer.ini"
    settings.write_text(
        config.render(
            "pgbouncer.ini",
            database=target.database,
            postgres_address=target.host,
            postgres_port=target.port,
            listen_address=LOOPBACK,
            port=port,
            user_list=str(user_list),
            pool_mode=mode,
            pool_size=pool_size,
            postgres_tls=_tls(target),
            prepared_statements="max_prepared_statements = 200" if tracks else "",
        )
    )
    own(user_list, PGBOUNCER)
    try:
        command = [str(program), str(settings)]
        with Process("pgbouncer", command, logs / "pgbouncer.log", user=PGBOUNCER) as process:
            process.wait_until(lambda: accepts(port), START_SECONDS)
            yield target.at(LOOPBACK, port).url, process
        process.require_ended()
    finally:
        user_list.unlink(missing_ok=True)


def require_mode(program: Path, mode: PoolMode) -> bool:
    """Whether this version keeps track of prepared statements. Raises ShowdownError where the mode needs that."""
    version = programs.version(program)
    tracks = programs.version_numbers(version) >= PREPARED_STATEMENTS_SINCE
    if mode == "transaction" and not tracks:
        raise ShowdownError(
            f"pgbouncer {version} breaks prepared statements in transaction mode "
            "(1.21 is the first that does not): use --pgbouncer session"
        )
    return tracks


def _tls(target: Dsn) -> str:
    """The settings for the same TLS to Postgres as a service would have without pgbouncer."""
    settings = {"server_tls_sslmode": target.sslmode, "server_tls_ca_file": target.sslrootcert}
    return "\n".join(f"{name} = {value}" for name, value in settings.items() if value is not None)


def _quoted(text: str) -> str:
    """As pgbouncer wants it between double quotes."""
    return text.replace('"', '""')
