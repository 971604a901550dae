"""The load: many users that read, list and write recipes, and check every answer.

    locust -f loadtests/locustfile.py -H http://127.0.0.1:8000 --scenario mixed

With the web UI or `--headless`, alone or with `--processes N`. What is asked is the same for the
same `--seed`. A wrong status or body is a failure, however fast it came. With `--rate 500` requests
arrive when they are due, and not when those before are answered: latency counts from then on, and
there must be enough users (`-u`) to send them all. With `--timetable` the users go from one service
to the next by the clock, as `showdown run` has them do.
"""

import logging
import sys
from argparse import ArgumentParser, ArgumentTypeError
from http import HTTPStatus
from itertools import count
from pathlib import Path
from random import Random
from time import perf_counter, time
from typing import Any, ClassVar, get_args

import gevent
from locust import User, constant, events, task
from locust.env import Environment
from locust.exception import (
    CatchResponseError,
    InterruptTaskSet,
    RescheduleTask,
    RescheduleTaskImmediately,
    StopTest,
    StopUser,
)
from locust.runners import MasterRunner, WorkerRunner
from showdown.contract.contract import Contract, load_contract
from showdown.generators.arrivals import Pattern
from showdown.generators.due_arrivals import Schedule
from showdown.generators.following import Follower
from showdown.generators.http_client import HttpClient, NoAnswerError
from showdown.generators.measurement import Measurement
from showdown.generators.timetable import Entry
from showdown.generators.workers import Reports, report_when_stopped
from showdown.requests.kind import Request, Seeded
from showdown.requests.latency import with_latencies
from showdown_contract.errors import ShowdownError
from showdown_contract.files import CONTRACT
from showdown_contract.lookup import Lookup

# Users ask for so long before Locust has its turn, whose tasks cost a fifth of a request.
TURN_SECONDS = 0.05
# What the contract says to whoever is refused.
RETRY_AFTER_SECONDS = 1.0
# Exceptions by which Locust and its listeners give a user orders.
ORDERS = (InterruptTaskSet, RescheduleTask, RescheduleTaskImmediately, StopTest, StopUser)


def contract(arguments: list[str] | None = None) -> Contract:
    """The contract of --contract, which determines the choices of other options."""
    early = ArgumentParser(add_help=False, allow_abbrev=False)
    early.add_argument("--contract", type=Path, default=CONTRACT)
    try:
        return load_contract(early.parse_known_args(arguments)[0].contract.absolute())
    except ShowdownError as error:
        raise SystemExit(f"locust: {error}") from None


chosen = contract()
scenarios = chosen.scenarios.scenarios
measurement = Measurement()
follower = Follower(measurement.start)
schedules: dict[Entry, Schedule] = {}


def address(host: str) -> str:
    """The value of --host. Raises ArgumentTypeError if it is not an address."""
    try:
        HttpClient(host)
    except ShowdownError as error:
        raise ArgumentTypeError(error) from None
    return host


@events.init_command_line_parser.add_listener
def add_arguments(parser: ArgumentParser) -> None:
    # Locust itself accepts anything. Refused here, it does not even start workers.
    host = next(each for each in parser._actions if each.dest == "host")  # noqa: SLF001
    host.type = address
    # In its web UI it can be said later, and a timetable names one for each entry.
    host.required = not {"--headless", "--autostart"}.isdisjoint(sys.argv) and "--timetable" not in sys.argv
    group = parser.add_argument_group("showdown")
    default = "mixed" if "mixed" in scenarios else next(iter(scenarios))
    group.add_argument("--contract", default=str(CONTRACT), help="the folder of contract.toml")
    group.add_argument("--scenario", choices=list(scenarios), default=default, help="what is asked (scenarios.toml)")
    group.add_argument("--size", type=int, default=chosen.size(None), help="how many recipes were seeded")
    group.add_argument("--seed", type=int, default=1, help="of the choices of recipes and users")
    group.add_argument("--lookup", choices=get_args(Lookup), default="by-id", help="which recipe the service answers")
    group.add_argument("--warm-up", type=float, default=0.0, help="seconds that do not count")
    group.add_argument("--measure", type=float, default=0.0, help="seconds that count; 0: until the end")
    group.add_argument("--rate", type=float, default=0.0, help="requests per second; 0: without a pause")
    group.add_argument("--arrivals", choices=get_args(Pattern), default="constant", help="how a rate's requests arrive")
    group.add_argument("--summary", default="", help="write the measurement to this file, as JSON")
    group.add_argument("--timetable", default="", help="wait for this file, and load what it says when it says so")
    group.add_argument("--worker-count", type=int, default=1, help="how many workers share a timetable's users")


class Api(User):
    """One user of the API after another: every request is some user's, with that user's session."""

    wait_time = constant(0)
    numbers = count()
    told: ClassVar[set[type[Exception]]] = set()
    """The exceptions that have been logged."""

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        try:
            self.client = HttpClient(self.host or "")
        except ShowdownError as error:
            raise StopTest(f"--host: {error}") from None

    def on_start(self) -> None:
        options = self.environment.parsed_options
        # Each worker counts its own users, and two workers must not send the same.
        worker = self.environment.runner.worker_index if isinstance(self.environment.runner, WorkerRunner) else 0
        self.number = next(Api.numbers) * options.worker_count + worker
        self.who = f"{worker} {self.number}"
        self.index = -1
        self.entry: Entry | None = None

    def on_stop(self) -> None:
        self.client.close()

    @task
    def requests(self) -> None:
        """Ask one after the other for a moment; or go on to the next entry, where this one is over."""
        entry = self.entry
        if entry is None or time() >= entry.end:
            self.client.close()
            if found := follower.next_entry(self.index, self.number):
                self.enter(*found)
            return
        now = time()
        end = perf_counter() + min(TURN_SECONDS, entry.end - now)
        self.is_asking = False
        ask = self.request if entry.rate is None else self.request_when_due
        # Forever is more than a timer takes.
        patience = gevent.Timeout(entry.left_at - now if entry.end < float("inf") else None)
        try:
            with patience:
                while ask() < end:
                    pass
        except gevent.Timeout as timeout:
            if timeout is not patience:
                raise
            # Without a request of its own, the user was waiting for one to be due.
            if self.is_asking:
                measurement.of(self.index).left()
        except ORDERS:
            raise
        except Exception as error:  # noqa: BLE001 - whatever a contract's own code does wrong
            self.failed(error)

    def failed(self, error: Exception) -> None:
        """Count an exception as an error: left out, it would make the service look right."""
        kind = type(error)
        if kind not in Api.told:
            # Once for each kind, because users go on at once.
            Api.told.add(kind)
            logging.getLogger("showdown").error("in a user", exc_info=error)
        self.environment.events.request.fire(
            request_type="",
            name="user",
            response_time=0,
            response_length=0,
            exception=CatchResponseError(f"{kind.__name__}: {error}"),
            context={"entry": self.index, "moment": None},
        )

    def enter(self, index: int, entry: Entry) -> None:
        """Send requests to this entry's service from now on."""
        options = self.environment.parsed_options
        self.index, self.entry = index, entry
        self.client = HttpClient(entry.url)
        self.seeded = Seeded(options.size, entry.lookup)
        self.random = Random(f"{entry.seed} {self.who}")  # noqa: S311 - load, not secrets
        # Which latency a scenario has is set elsewhere.
        requests = with_latencies(scenarios, [entry.scenario])[entry.scenario].requests
        self.kinds = [chosen.kinds[kind] for kind in requests]
        self.weights = list(requests.values())

    def request(self) -> float:
        """Send any request; returns when its answer came."""
        return self.ask(*self.drawn())

    def request_when_due(self) -> float:
        """Send the next request when it is due; returns when its answer came, or that nothing is due for now."""
        assert self.entry is not None  # noqa: S101 - there is a rate
        moment = schedule(self.environment, self.index, self.entry).take()
        if moment is None:
            return perf_counter()
        return self.ask(*self.drawn(), None if self.entry.is_overload else moment)

    def drawn(self) -> tuple[str, Request]:
        """A kind of request by its name, and one of that kind."""
        kind = self.kinds[0] if len(self.kinds) == 1 else self.random.choices(self.kinds, self.weights)[0]
        return kind.name, kind.of_any_user(self.random, self.seeded)

    def ask(self, name: str, request: Request, moment: float | None = None) -> float:
        """Send it; an answer with another status, or whose body is not right, is a failure.

        Latency counts from the moment for which it was meant, if there is one.
        """
        body = b""
        failure = None
        late_by = 0.0
        if moment is not None:
            late_by = time() - moment
            measurement.of(self.index).sent(moment, late_by)
        started_at = perf_counter()
        status = None
        self.is_asking = True
        try:
            status, body = self.client.ask(request)
        except NoAnswerError as error:
            failure = str(error)
        ended_at = perf_counter()
        self.is_asking = False
        if status is not None:
            failure = request.failure(status, body)
        self.environment.events.request.fire(
            request_type=request.method,
            name=name,
            response_time=(late_by + ended_at - started_at) * 1000,
            response_length=len(body),
            exception=failure and CatchResponseError(failure),
            context={"entry": self.index, "moment": moment, "status": status},
        )
        if status == HTTPStatus.SERVICE_UNAVAILABLE and self.entry and self.entry.is_overload and not self.entry.rate:
            gevent.sleep(max(0.0, min(RETRY_AFTER_SECONDS, self.entry.end - time())))
        return ended_at


def schedule(environment: Environment, index: int, entry: Entry) -> Schedule:
    """That of an entry with a rate, which the users of this process share."""
    if entry not in schedules:
        runner = environment.runner
        options: Any = environment.parsed_options
        workers = max(1, options.worker_count)
        share = (runner.worker_index % workers, workers) if isinstance(runner, WorkerRunner) else (0, 1)
        schedules[entry] = Schedule(entry.moments(share), measurement.of(index).due)
    return schedules[entry]


def end_schedules() -> None:
    """Nothing more is due."""
    for each in schedules.values():
        each.stop()
    schedules.clear()


@events.init.add_listener
def measure(environment: Environment, **_: Any) -> None:
    """Measure what this process sends, and collect it in the process that writes `--summary`."""
    options = environment.parsed_options
    if options is None:
        return
    for kind in chosen.kinds.values():
        kind.prepare(Seeded(options.size, options.lookup))
    # Locust's timers use the loop's own clock, which has stood still meanwhile.
    gevent.get_hub().loop.update_now()

    runner = environment.runner
    if isinstance(runner, MasterRunner):
        # Workers are told with the other options.
        master = runner
        environment.events.test_start.add_listener(lambda **_: setattr(options, "worker_count", master.worker_count))
    environment.events.test_stop.add_listener(lambda **_: end_schedules())
    reports = Reports(runner, options.expect_workers) if isinstance(runner, MasterRunner) else None
    if not isinstance(runner, MasterRunner):
        environment.events.request.add_listener(measurement.on_request)
    if options.timetable:
        follow_file(environment, Path(options.timetable))
    else:
        environment.events.test_start.add_listener(lambda **_: follow_options(environment))
    if isinstance(runner, WorkerRunner):
        report_when_stopped(runner, measurement)
    else:
        environment.events.quit.add_listener(lambda **_: tell(options.summary, reports))


def tell(file: str, reports: Reports | None) -> None:
    """What was seen, and whether a rate was kept."""
    seen = measurement.summary(reports.absorbed_by(measurement) if reports else 0)
    if file:
        Path(file).write_text(seen.model_dump_json())
    for each in seen.entries:
        if each.arrivals and each.arrivals.were_missed:
            logging.getLogger("showdown").warning(each.arrivals)


def follow_options(environment: Environment) -> None:
    """The load that the options describe, until somebody stops it."""
    options: Any = environment.parsed_options
    counted_from = time() + options.warm_up
    counted_to = counted_from + options.measure if options.measure else float("inf")
    # A master only absorbs what its workers have measured.
    if not isinstance(environment.runner, MasterRunner):
        only = Entry(
            start=time() if options.rate else 0.0,
            counted_from=counted_from,
            counted_to=counted_to,
            end=float("inf"),
            left_at=float("inf"),
            url=environment.host or "",
            scenario=options.scenario,
            users=sys.maxsize,
            seed=str(options.seed),
            lookup=options.lookup,
            rate=options.rate or None,
            pattern=options.arrivals,
        )
        follower.follow([only])


def follow_file(environment: Environment, path: Path) -> None:
    """Say that the users are there, by a file beside the timetable; follow it; and end."""
    runner = environment.runner
    assert runner is not None  # noqa: S101 - Locust has made one before this event
    environment.events.spawning_complete.add_listener(lambda **_: path.with_suffix(".awaited").touch())

    def follow(**_: Any) -> None:
        follower.follow_file(path)
        # A worker ends with its master, which ends when all have reported.
        if not isinstance(runner, WorkerRunner):
            runner.quit()

    environment.events.test_start.add_listener(lambda **_: gevent.spawn(follow))
