"""The whole stack: started in order, stopped in reverse, whatever happens."""

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from showdown_contract.errors import ShowdownError
from showdown_contract.files import CHECKOUT

from showdown_stack import closed, programs
from showdown_stack.contract import Contract
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
# What a service is made of, for all we know of it.
CODE = (CHECKOUT, Path(sys.executable).parent, Path(sys.base_prefix))
# Where contenders are not kept apart from what measures them.
SAME_USER = (
    "contenders run as the same user as Postgres, haproxy and the runner, and could touch them: as root they cannot"
)
READS_ALL = (
    "contenders may read every file of this machine, for Python or the checkout lies in a folder closed to others: "
    "put both elsewhere"
)


@dataclass(frozen=True)
class TierOptions:
    """What the stack is made of."""

    contract: Contract
    """What is served."""
    recipes: int
    dsn: str | None = None
    haproxy: bool = True
    pgbouncer: PoolMode | None = None
    port: int | None = None
    """Where requests go; any free port if None."""

    def __post_init__(self) -> None:
        """Raise ShowdownError for a DSN that will not do: before anything is built or made."""
        if self.dsn is not None:
            Dsn.parse(self.dsn)


@dataclass
class Tiers:
    """A running stack, to which services are started one after the other."""

    contract: Contract
    url: str
    """Where a load generator sends requests: haproxy, or the service where there is none."""
    postgres: Postgres
    service_dsn: str
    haproxy: Haproxy | None
    pgbouncer: Process | None
    logs: Path
    service_port: int
    versions: dict[str, str]
    missing: list[str] = field(default_factory=list)
    """Tiers that were wanted but are not there, or not kept apart, each with the consequence, for people."""

    @property
    def service_url(self) -> str:
        """The service itself, past haproxy."""
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
        """A service that runs in a folder, answering on its port. Raises ShowdownError where it does not come up."""
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

    `new_logs` makes the folder for what the servers write, once nothing is left that could be refused
    before anything starts; without it the state folder keeps the last.
    A missing haproxy or pgbouncer is left out and named in `missing`. `on_seeded` is told how many
    recipes are stored while the data set is made. Raises ShowdownError.
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
        # A run keeps its results beside the logs.
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
    """In what contenders are not kept apart, for people."""
    if os.geteuid() != 0:
        return [SAME_USER]
    return [READS_ALL] if closed.entrance(reads) is None else []


def _programs(options: TierOptions) -> tuple[Path | None, Path | None]:
    """Of pgbouncer and haproxy, where they are asked for and there. Raises ShowdownError for one that will not do."""
    pgbouncer = programs.find("pgbouncer") if options.pgbouncer else None
    if pgbouncer and options.pgbouncer:
        require_mode(pgbouncer, options.pgbouncer)
    return pgbouncer, programs.find("haproxy") if options.haproxy else None


def healthy(url: str) -> bool:
    """Whether a service answers there that it is."""
    return Health(url).ready()
