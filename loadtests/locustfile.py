"""The load: many users that read, list and write recipes, and check every answer.

    locust -f loadtests/locustfile.py -H http://127.0.0.1:8000 --scenario mixed

With the web UI or `--headless`, alone or with `--processes N`. The requests are the same for the
same `--seed`. A wrong status or body is a failure.
"""

from argparse import ArgumentParser
from itertools import count
from pathlib import Path
from random import Random
from typing import Any, get_args

import gevent
from locust import FastHttpUser, constant, events, task
from locust.env import Environment
from locust.runners import MasterRunner, WorkerRunner
from showdown.contract.contract import Contract, load_contract
from showdown.generators.bounded_client import bound
from showdown.generators.measurement import Measurement
from showdown.generators.workers import Reports, report_when_stopped
from showdown.requests.kind import Request, Seeded
from showdown.requests.scenarios import MOST_ANSWER_SECONDS
from showdown_contract.errors import ShowdownError
from showdown_contract.files import CONTRACT
from showdown_contract.lookup import Lookup

# Bodies are compared uncompressed.
IDENTITY = {"Accept-Encoding": "identity"}


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


@events.init_command_line_parser.add_listener
def add_arguments(parser: ArgumentParser) -> None:
    group = parser.add_argument_group("showdown")
    default = "mixed" if "mixed" in scenarios else next(iter(scenarios))
    group.add_argument("--contract", default=str(CONTRACT), help="the folder of contract.toml")
    group.add_argument("--scenario", choices=list(scenarios), default=default, help="what is asked (scenarios.toml)")
    group.add_argument("--recipes", type=int, default=chosen.size(None), help="how many recipes were seeded")
    group.add_argument("--seed", type=int, default=1, help="of the choices of recipes and users")
    group.add_argument("--lookup", choices=get_args(Lookup), default="by-id", help="which recipe the service answers")
    group.add_argument("--warm-up", type=float, default=0.0, help="seconds that do not count")
    group.add_argument("--measure", type=float, default=0.0, help="seconds that count; 0: until the end")
    group.add_argument("--summary", default="", help="write the measurement to this file, as JSON")


class Api(FastHttpUser):
    """Acts for one user of the API after another: each request has its user's session."""

    wait_time = constant(0)
    connection_timeout = network_timeout = MOST_ANSWER_SECONDS
    numbers = count()

    def on_start(self) -> None:
        bound(self.client)
        options = self.environment.parsed_options
        self.seeded = Seeded(options.recipes, options.lookup)
        # Each worker counts its own users, and workers must not all send the same requests.
        worker = self.environment.runner.worker_index if isinstance(self.environment.runner, WorkerRunner) else 0
        self.random = Random(f"{options.seed} {worker} {next(Api.numbers)}")  # noqa: S311 - load, not secrets
        requests = scenarios[options.scenario].requests
        self.kinds = [chosen.kinds[kind] for kind in requests]
        self.weights = list(requests.values())

    @task
    def request(self) -> None:
        kind = self.kinds[0] if len(self.kinds) == 1 else self.random.choices(self.kinds, self.weights)[0]
        self.ask(kind.name, kind.of_any_user(self.random, self.seeded))

    def ask(self, name: str, request: Request) -> None:
        """Send it. An answer with a wrong status or body is a failure."""
        path, right, headers, method, body, status = request
        data: Any = body  # Locust's client accepts bytes, but its types do not say so.
        try:
            response = self.client.request(
                method, path, name=name, catch_response=True, headers={**IDENTITY, **headers}, data=data
            )
        except Exception as error:  # noqa: BLE001 - Locust's client fails on some answers, and would not count them
            self.environment.events.request.fire(
                request_type=method, name=name, response_time=0, response_length=0, exception=error, context={}
            )
            return
        with response:
            if response.status_code == 0:
                response.failure(f"no answer: {response.request_meta['exception']}")
            elif response.status_code != status:
                response.failure(f"status {response.status_code}")
            elif unread := response.request_meta["exception"]:
                response.failure(f"no whole answer: {unread}")
            elif not right(response.content):
                response.failure("wrong body")


@events.init.add_listener
def measure(environment: Environment, **_: Any) -> None:
    """Measure what this process sends, and collect it in the process that writes `--summary`."""
    options = environment.parsed_options
    if options is None:
        return
    measurement = Measurement(options.warm_up, options.measure)
    for kind in chosen.kinds.values():
        kind.prepare(Seeded(options.recipes, options.lookup))
    # Locust's timers use the loop's own clock, which has stood still meanwhile.
    gevent.get_hub().loop.update_now()

    runner = environment.runner
    reports = Reports(runner, options.expect_workers) if isinstance(runner, MasterRunner) else None
    if not isinstance(runner, MasterRunner):
        environment.events.test_start.add_listener(lambda **_: measurement.start())
        environment.events.request.add_listener(measurement.on_request)
    if isinstance(runner, WorkerRunner):
        report_when_stopped(runner, measurement)
    elif options.summary:

        def write(exit_code: int) -> None:  # noqa: ARG001 - named by Locust
            lost = reports.absorbed_by(measurement) if reports else 0
            summary = measurement.summary().model_copy(update={"lost_workers": lost})
            Path(options.summary).write_text(summary.model_dump_json())

        environment.events.quit.add_listener(write)
