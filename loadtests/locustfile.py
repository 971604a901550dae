"""The load: many users who read, list and write recipes, and look at every answer.

    locust -f loadtests/locustfile.py -H http://127.0.0.1:8000 --scenario mixed

With the web UI or `--headless`, alone or with `--processes N`. What is asked is the same for the
same `--seed`. A wrong status or body is a failure, however fast it came.
"""

from argparse import ArgumentParser
from collections.abc import Callable
from functools import partial
from itertools import count
from pathlib import Path
from random import Random
from typing import Any, get_args

import gevent
from locust import FastHttpUser, constant, events, task
from locust.env import Environment
from locust.runners import MasterRunner, WorkerRunner
from showdown.generators.bounded_client import bound
from showdown.generators.measurement import Measurement
from showdown.generators.workers import Reports, report_when_stopped
from showdown.requests.scenarios import LIST_LIMIT, MOST_ANSWER_SECONDS, NOTE, load_scenarios
from showdown_contract import answers, people
from showdown_contract.lookup import Lookup, is_recipe_of
from showdown_contract.seed import DEFAULT_RECIPES

NOTE_BODY = answers.encode({"text": NOTE})
NOTE_MEMBER = NOTE_BODY.removeprefix(b"{").removesuffix(b"}")
# Bodies are compared as they come.
IDENTITY = {"Accept-Encoding": "identity"}
# Above as many recipes as answers are kept for, only one answer of so many is compared to the last byte.
SAMPLE_OF_LARGE = 64

scenarios = load_scenarios()


@events.init_command_line_parser.add_listener
def add_arguments(parser: ArgumentParser) -> None:
    group = parser.add_argument_group("showdown")
    group.add_argument("--scenario", choices=list(scenarios), default="mixed", help="what is asked (scenarios.toml)")
    group.add_argument("--recipes", type=int, default=DEFAULT_RECIPES, help="how many recipes were seeded")
    group.add_argument("--seed", type=int, default=1, help="of the choices of recipes and users")
    group.add_argument("--lookup", choices=get_args(Lookup), default="by-id", help="which recipe the service answers")
    group.add_argument("--warm-up", type=float, default=0.0, help="seconds that do not count")
    group.add_argument("--measure", type=float, default=0.0, help="seconds that count; 0: until the end")
    group.add_argument("--summary", default="", help="write the measurement to this file, as JSON")


class Api(FastHttpUser):
    """One user of the API after another: every request is some user's, with that user's session."""

    wait_time = constant(0)
    connection_timeout = network_timeout = MOST_ANSWER_SECONDS
    numbers = count()

    def on_start(self) -> None:
        bound(self.client)
        options = self.environment.parsed_options
        self.recipes: int = options.recipes
        self.lookup: Lookup = options.lookup
        # Workers count their users each for itself, and shall not all ask the same.
        worker = self.environment.runner.worker_index if isinstance(self.environment.runner, WorkerRunner) else 0
        self.random = Random(f"{options.seed} {worker} {next(Api.numbers)}")  # noqa: S311 - load, not secrets
        requests = scenarios[options.scenario].requests
        self.kinds = [REQUESTS[kind] for kind in requests]
        self.weights = list(requests.values())

    @task
    def request(self) -> None:
        kind = self.kinds[0] if len(self.kinds) == 1 else self.random.choices(self.kinds, self.weights)[0]
        kind(self)

    def a_recipe(self, *, written: bool) -> tuple[int, int]:
        """A random recipe index and a user index that may see it."""
        while True:
            recipe = self.random.randrange(self.recipes)
            if people.is_written(recipe) == written:
                break
        return recipe, self.random.choice(people.readers(recipe))

    def cookie(self, user: int) -> dict[str, str]:
        return {"Cookie": f"sessionid={people.session_key(user)}"}

    def ask(self, name: str, path: str, right: Callable[[bytes], bool], **request: Any) -> None:
        """One request; an answer with another status than `status` or for which `right` is false is a failure."""
        method, status = request.pop("method", "GET"), request.pop("status", 200)
        headers = IDENTITY | request.pop("headers", {})
        try:
            response = self.client.request(method, path, name=name, catch_response=True, headers=headers, **request)
        except Exception as error:  # noqa: BLE001 - Locust's client trips over some answers, and would not count them
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

    def compares_fully(self) -> bool:
        return self.recipes <= answers.KEPT or self.random.randrange(SAMPLE_OF_LARGE) == 0


def healthz(user: Api) -> None:
    user.ask("healthz", "/healthz", b'{"status":"ok"}'.__eq__)


def recipe_detail(user: Api) -> None:
    recipe, reader = user.a_recipe(written=False)
    recipe_id = people.FIRST_ID + recipe
    if user.lookup == "random":
        right: Callable[[bytes], bool] = partial(is_recipe_of, reader, user.recipes)
    elif user.compares_fully():
        right = answers.recipe(recipe).__eq__
    else:
        start = b'{"id":%d,' % recipe_id
        right = lambda body: body.startswith(start) and body.endswith(b"}}")  # noqa: E731 - a check, like the other
    user.ask("recipe-detail", f"/api/v1/recipes/{recipe_id}", right, headers=user.cookie(reader))


def recipe_list(user: Api) -> None:
    reader = user.random.randrange(people.USERS)
    if user.compares_fully():
        right: Callable[[bytes], bool] = answers.first_page(reader, user.recipes, LIST_LIMIT).__eq__
    else:
        right = lambda body: body.count(b'"updated_at":') == LIST_LIMIT  # noqa: E731 - a check, like the other
    user.ask("recipe-list", f"/api/v1/recipes?limit={LIST_LIMIT}", right, headers=user.cookie(reader))


def note_create(user: Api) -> None:
    recipe, reader = user.a_recipe(written=True)
    headers = user.cookie(reader) | {"Content-Type": "application/json"}
    user.ask(
        "note-create",
        f"/api/v1/recipes/{people.FIRST_ID + recipe}/notes",
        lambda body: NOTE_MEMBER in body,
        method="POST",
        status=201,
        headers=headers,
        data=NOTE_BODY,
    )


REQUESTS: dict[str, Callable[[Api], None]] = {
    "healthz": healthz,
    "recipe-detail": recipe_detail,
    "recipe-list": recipe_list,
    "note-create": note_create,
}


@events.init.add_listener
def measure(environment: Environment, **_: Any) -> None:
    """Measure what this process sends, and bring it all together where `--summary` is written."""
    options = environment.parsed_options
    if options is None:
        return
    measurement = Measurement(options.warm_up, options.measure)
    for recipe in range(min(options.recipes, answers.KEPT)):
        # Now, and not as a delay of the first requests.
        answers.recipe(recipe)
    # Locust's timers count from the loop's own clock, which has stood still meanwhile.
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
