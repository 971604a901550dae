"""The whole stack: its tiers are started in order and stopped in reverse, whatever happens."""

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from showdown_contract.errors import ShowdownError
from showdown_contract.files import CHECKOUT

from showdown_stack import closed, programs
from showdown_stack.contract import Served
from showdown_stack.dsn import Dsn
from showdown_stack.external import external_postgres
from showdown_stack.haproxy import Haproxy, running_haproxy
from showdown_stack.health import Health
from showdown_stack.leftovers import end_leftovers
from showdown_stack.pgbouncer import PoolMode, require_mode, running_pgbouncer
from showdown_stack.ports import LOOPBACK, free_port, require_free
from showdown_stack.postgres import Postgres, running_postgres
from showdown_stack.privilege import own_folder, reachable
from showdown_stack.process import Process
from showdown_stack.state import locked_state, require_closed_to_servers

SERVICE_START_SECONDS = 30.0
# Where the code of a service may be.
CODE = (CHECKOUT, Path(sys.executable).parent, Path(sys.base_prefix))
# What the report says if contenders are not isolated from the other tiers.
SAME_USER = (
    "contenders run as the same user as Postgres, haproxy and the runner, and could touch them: as root they cannot"
)
READS_ALL = (
    "contenders may read every file of this machine, for Python or the checkout lies in a folder closed to others: "
    "put both elsewhere"
)


@dataclass(frozen=True)
class TierOptions:
    """How to set up the stack."""

    contract: Served
    """What is served."""
    recipes: int
    dsn: str | None = None
    haproxy: bool = True
    pgbouncer: PoolMode | None = None
    port: int | None = None
    """The port for requests; any free one if None."""

    def __post_init__(self) -> None:
        """Raise ShowdownError for a DSN that cannot be used, before anything is built or started."""
        if self.dsn is not None:
            Dsn.parse(self.dsn)


@dataclass
class Tiers:
    """A running stack, on which services are started one after the other."""

    contract: Served
    url: str
    """Where a load generator sends requests: to haproxy, or to the service if there is no haproxy."""
    postgres: Postgres
    service_dsn: str
    haproxy: Haproxy | None
    pgbouncer: Process | None
    logs: Path
    service_port: int
    versions: dict[str, str]
    missing: list[str] = field(default_factory=list)
    """Notes for the report: tiers that are missing or not isolated, each with the consequence."""

    @property
    def service_url(self) -> str:
        """The service itself, without haproxy."""
        return f"http://{LOOPBACK}:{self.service_port}"

    @property
    def processes(self) -> dict[str, Process]:
        """The tiers that run on this machine, by name; services come and go beside them."""
        tiers = {
            "postgres": self.postgres.process,
            "pgbouncer": self.pgbouncer,
            "haproxy": self.haproxy.process if self.haproxy else None,
        }
        return {name: process for name, process in tiers.items() if process}

    def lost(self) -> Process | None:
        """A tier that should run and does not."""
        return next((process for process in self.processes.values() if not process.running), None)

    @contextmanager
    def service(
        self, name: str, command: Sequence[str], environment: Mapping[str, str], folder: Path = CHECKOUT
    ) -> Iterator[Process]:
        """Run a service in a folder; it is ready when this yields. Raises ShowdownError if it does not become ready."""
        require_free(self.service_port)
        settings = {"HOST": LOOPBACK, "PORT": str(self.service_port), "DATABASE_URL": self.service_dsn}
        log = self.logs / f"{name}.log"
        health = Health(self.service_url, self.contract.health)
        with Process(
            name, command, log, environment={**environment, **settings}, folder=folder, reads=(*CODE, folder)
        ) as process:
            process.wait_until(health.ready, SERVICE_START_SECONDS, health)
            yield process
        process.require_ended()


@contextmanager
def running_tiers(
    options: TierOptions,
    new_logs: Callable[[], Path] | None = None,
    on_seeded: Callable[[int], object] = lambda _: None,
) -> Iterator[Tiers]:
    """Start Postgres, pgbouncer and haproxy as asked; stop them all at the end.

    `new_logs` makes the folder for the servers' logs. It is called when all options have been checked; without it
    the logs go into the state folder, in place of the last ones. A haproxy or pgbouncer that is not installed is left
    out and named in `missing`. `on_seeded` gets the number of recipes stored so far. Raises ShowdownError.
    """
    with ExitStack() as resources:
        state = resources.enter_context(locked_state())
        if os.geteuid() == 0 and not reachable(state):
            raise ShowdownError(
                f"servers do not run as root and cannot enter {state}: set SHOWDOWN_STATE to a folder they can"
            )
        end_leftovers(state)
        folder = own_folder(state / "running")
        pgbouncer_program, haproxy_program = _programs(options)
        if options.port:
            require_free(options.port)
        if options.dsn is not None:
            postgres = external_postgres(options.dsn, options.contract.data, options.recipes, on_seeded)
        else:
            programs.postgres_programs()
        logs = new_logs() if new_logs else own_folder(state / "logs")
        logs.mkdir(parents=True, exist_ok=True)
        # The results of a run are beside the logs.
        for written in (logs, logs.parent):
            require_closed_to_servers(written.resolve())
        if options.dsn is None:
            postgres = resources.enter_context(
                running_postgres(state, logs, options.contract, options.recipes, on_seeded)
            )
        versions, missing = {"postgres": postgres.version}, _not_isolated((*CODE, options.contract.root))

        service_dsn, pgbouncer = postgres.api_dsn, None
        if options.pgbouncer:
            if program := pgbouncer_program:
                service_dsn, pgbouncer = resources.enter_context(
                    running_pgbouncer(program, options.pgbouncer, postgres.api_dsn, folder, logs)
                )
                versions["pgbouncer"] = programs.version(program)
            else:
                missing.append("pgbouncer is not installed: services connect to Postgres directly")

        port = options.port or free_port()
        service_port, haproxy = port, None
        if options.haproxy:
            if program := haproxy_program:
                service_port = free_port()
                haproxy = resources.enter_context(
                    running_haproxy(program, options.contract, port, service_port, folder, logs)
                )
                versions["haproxy"] = programs.version(program)
            else:
                missing.append("haproxy is not installed: requests go to the service directly")

        yield Tiers(
            contract=options.contract,
            url=f"http://{LOOPBACK}:{port}",
            postgres=postgres,
            service_dsn=service_dsn,
            haproxy=haproxy,
            pgbouncer=pgbouncer,
            logs=logs,
            service_port=service_port,
            versions=versions,
            missing=missing,
        )


def _not_isolated(reads: Sequence[Path] = CODE) -> list[str]:
    """Notes for the report on how contenders are not isolated from the other tiers."""
    if os.geteuid() != 0:
        return [SAME_USER]
    return [READS_ALL] if closed.entrance(reads) is None else []


def _programs(options: TierOptions) -> tuple[Path | None, Path | None]:
    """The programs pgbouncer and haproxy, if asked for and installed. Raises ShowdownError if one is too old."""
    pgbouncer = programs.find("pgbouncer") if options.pgbouncer else None
    if pgbouncer and options.pgbouncer:
        require_mode(pgbouncer, options.pgbouncer)
    return pgbouncer, programs.find("haproxy") if options.haproxy else None
