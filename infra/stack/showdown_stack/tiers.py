"""The whole stack: its tiers are started in order and stopped in reverse, whatever happens."""

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from showdown_contract.errors import ShowdownError
from showdown_contract.files import CHECKOUT

from showdown_stack import closed, link, programs, upstream
from showdown_stack.contract import Served
from showdown_stack.dsn import Dsn
from showdown_stack.external import external_postgres
from showdown_stack.haproxy import Haproxy, running_haproxy
from showdown_stack.health import Health
from showdown_stack.leftovers import end_leftovers
from showdown_stack.link import Link, require_no_tls, running_link
from showdown_stack.pgbouncer import POOL_SIZE, PoolMode, require_mode, running_pgbouncer
from showdown_stack.ports import LOOPBACK, free_port, free_ports, require_free
from showdown_stack.postgres import Postgres, running_postgres
from showdown_stack.privilege import own_folder, reachable, service_user
from showdown_stack.process import Process
from showdown_stack.small_disk import unmount
from showdown_stack.state import locked_state, require_closed_to_servers
from showdown_stack.upstream import Upstream, running_upstream

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
    size: int
    dsn: str | None = None
    haproxy: bool = True
    pgbouncer: PoolMode | None = None
    port: int | None = None
    """The port for requests; any free one if None."""
    services: int = 1
    """How many can be up at once."""
    connections: int = 60
    """How many connections to Postgres they have together."""
    upstream: bool = False
    """Whether they have something to call."""
    link: bool = False
    """Whether they reach Postgres, or pgbouncer, through something that can delay each round trip."""
    instances: int = 1
    """How many of each service there may be behind haproxy."""
    disk_mib: int | None = None
    """How much room Postgres's data folder has, on a disk of its own; None: what the state folder's disk has."""

    def __post_init__(self) -> None:
        """Raise ShowdownError for a DSN that cannot be used, before anything is built or started."""
        if self.dsn is not None:
            Dsn.parse(self.dsn)
            if self.link and not self.pgbouncer:
                require_no_tls(self.dsn)


@dataclass(frozen=True)
class Place:
    """Where a service can be."""

    number: int
    """From 1."""
    url: str
    """Where a load generator sends requests: to haproxy, or to the service if there is no haproxy."""
    service_port: int
    others: Sequence[int] = ()
    """The ports of further instances of the service."""

    def instance(self, number: int) -> "Place":
        """Where an instance of the service can be, by its number from 1."""
        return replace(self, service_port=[self.service_port, *self.others][number - 1])

    @property
    def service_url(self) -> str:
        """The service itself, without haproxy."""
        return f"http://{LOOPBACK}:{self.service_port}"


@dataclass
class Tiers:
    """A running stack, on which services are started."""

    contract: Served
    places: Sequence[Place]
    postgres: Postgres
    service_dsn: str
    haproxy: Haproxy | None
    pgbouncer: Process | None
    logs: Path
    versions: dict[str, str]
    upstream: Upstream | None = None
    link: Link | None = None
    missing: list[str] = field(default_factory=list)
    """Tiers that were wanted but are not there, or not kept apart, each with the consequence, for people."""

    @property
    def url(self) -> str:
        """Of the first place, as the other two: most commands have but one service."""
        return self.places[0].url

    @property
    def service_url(self) -> str:
        return self.places[0].service_url

    @property
    def service_port(self) -> int:
        return self.places[0].service_port

    @property
    def processes(self) -> dict[str, Process]:
        """The tiers that run on this machine, by name; services come and go beside them."""
        tiers = {
            "postgres": self.postgres.process,
            "pgbouncer": self.pgbouncer,
            "haproxy": self.haproxy.process if self.haproxy else None,
            "upstream": self.upstream.process if self.upstream else None,
            "link": self.link.process if self.link else None,
        }
        return {name: process for name, process in tiers.items() if process}

    def lost(self) -> Process | None:
        """A tier that should run and does not."""
        return next((process for process in self.processes.values() if not process.running), None)

    def start_service(
        self,
        name: str,
        command: Sequence[str],
        environment: Mapping[str, str],
        folder: Path = CHECKOUT,
        place: Place | None = None,
    ) -> "Service":
        """Start a service that runs in a folder, at the first place if None. It has to be stopped.

        Raises ShowdownError where it cannot even be started.
        """
        place = place or self.places[0]
        require_free(place.service_port)
        settings = {"HOST": LOOPBACK, "PORT": str(place.service_port), "DATABASE_URL": self.service_dsn}
        process = Process(
            name,
            command,
            self.logs / f"{name}.log",
            environment={**environment, **settings, **(self.upstream.environment if self.upstream else {})},
            folder=folder,
            user=service_user(place.number),
            reads=(*CODE, folder),
        )
        return Service(process, Health(place.service_url, self.contract.health), place)

    @contextmanager
    def service(
        self, name: str, command: Sequence[str], environment: Mapping[str, str], folder: Path = CHECKOUT
    ) -> Iterator[Process]:
        """Run a service at the first place. It is ready when this yields, else ShowdownError is raised."""
        service = self.start_service(name, command, environment, folder)
        with service.process as process:
            service.wait_until_ready()
            yield process
        process.require_ended()


@dataclass(frozen=True)
class Service:
    """One that was started."""

    process: Process
    health: Health
    place: Place

    def wait_until_ready(self) -> None:
        """Return once it answers. Raises ShowdownError where it does not come up."""
        self.process.wait_until(self.health.ready, SERVICE_START_SECONDS, self.health)


@contextmanager
def running_tiers(
    options: TierOptions,
    new_logs: Callable[[], Path] | None = None,
    on_seeded: Callable[[int], object] = lambda _: None,
) -> Iterator[Tiers]:
    """Start Postgres, pgbouncer, the link, the upstream and haproxy as asked; stop them all at the end.

    `new_logs` makes the folder for the servers' logs. It is called when all options have been checked; without it
    the logs go into the state folder, in place of the last ones. A tier but Postgres and the link whose program is not
    there is left out and named in `missing`. `on_seeded` gets the number of recipes stored so far. Raises
    ShowdownError.
    """
    with ExitStack() as resources:
        state = resources.enter_context(locked_state())
        if os.geteuid() == 0 and not reachable(state):
            raise ShowdownError(
                f"servers do not run as root and cannot enter {state}: set SHOWDOWN_STATE to a folder they can"
            )
        end_leftovers(state)
        unmount(state)
        folder = own_folder(state / "running")
        pgbouncer_program, haproxy_program = _programs(options)
        if options.port:
            require_free(options.port)
        if options.dsn is not None:
            postgres = external_postgres(options.dsn, options.contract.data, options.size, on_seeded)
        else:
            programs.postgres_programs()
        logs = new_logs() if new_logs else own_folder(state / "logs")
        logs.mkdir(parents=True, exist_ok=True)
        # The results of a run are beside the logs.
        for written in (logs, logs.parent):
            require_closed_to_servers(written.resolve())
        if options.dsn is None:
            postgres = resources.enter_context(
                running_postgres(
                    state, logs, options.contract, options.size, options.connections, on_seeded, options.disk_mib
                )
            )
        versions, missing = {"postgres": postgres.version}, _not_isolated((*CODE, options.contract.root))

        service_dsn, pgbouncer = postgres.api_dsn, None
        if options.pgbouncer:
            if program := pgbouncer_program:
                pool_size = POOL_SIZE if options.services == 1 else max(POOL_SIZE, options.connections)
                service_dsn, pgbouncer = resources.enter_context(
                    running_pgbouncer(program, options.pgbouncer, postgres.api_dsn, pool_size, folder, logs)
                )
                versions["pgbouncer"] = programs.version(program)
            else:
                missing.append("pgbouncer is not installed: services connect to Postgres directly")
        slowed = resources.enter_context(_link(options, service_dsn, folder, logs))
        service_dsn = slowed.dsn if slowed else service_dsn

        ports = [options.port or free_port(), *free_ports(options.services - 1)]
        service_ports, haproxy = ports, None
        others: dict[int, Sequence[int]] = {port: free_ports(options.instances - 1) for port in ports}
        if options.haproxy:
            if program := haproxy_program:
                service_ports = free_ports(options.services)
                behind = dict(zip(ports, service_ports, strict=True))
                haproxy = resources.enter_context(
                    running_haproxy(program, options.contract, behind, folder, logs, others)
                )
                versions["haproxy"] = programs.version(program)
            else:
                missing.append("haproxy is not installed: requests go to the service directly")

        yield Tiers(
            contract=options.contract,
            places=[
                Place(number, f"http://{LOOPBACK}:{port}", service_port, others[port])
                for number, (port, service_port) in enumerate(zip(ports, service_ports, strict=True), start=1)
            ],
            postgres=postgres,
            service_dsn=service_dsn,
            haproxy=haproxy,
            pgbouncer=pgbouncer,
            logs=logs,
            versions=versions,
            upstream=resources.enter_context(_upstream(options, folder, logs, missing)),
            link=slowed,
            missing=missing,
        )


@contextmanager
def _upstream(options: TierOptions, folder: Path, logs: Path, missing: list[str]) -> Iterator[Upstream | None]:
    """What services call, if it is asked for and built; `missing` is told if only that."""
    program = upstream.program() if options.upstream else None
    if program is None:
        missing += [f"{upstream.NOT_BUILT}; without it services have nothing to call"] if options.upstream else []
        yield None
        return
    with running_upstream(program, folder, logs) as running:
        yield running


@contextmanager
def _link(options: TierOptions, dsn: str, folder: Path, logs: Path) -> Iterator[Link | None]:
    """What delays round trips, if it is asked for. Raises ShowdownError if it is not built: without it all is quick."""
    if not options.link:
        yield None
        return
    program = link.program()
    if program is None:
        raise ShowdownError(link.NOT_BUILT)
    with running_link(program, dsn, folder, logs) as running:
        yield running


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
