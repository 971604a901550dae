"""What a request costs Locust with its FastHttpUser, and with showdown's own client: CPU, side by side, in turn.

    .venv/bin/python loadtests/bench/http_clients.py [TURNS]

Both ask the null service for the same recipes and compare the same bodies; a wrong one ends the benchmark.
"""

import json
import os
import subprocess
import sys
import time
from random import Random
from statistics import median
from time import perf_counter
from typing import Any

import gevent
from locust import FastHttpUser, User, constant, task
from locust.env import Environment
from locust.exception import CatchResponseError
from showdown.contract.contract import load_contract
from showdown.generators.http_client import HttpClient
from showdown.generators.measurement import EntryMeasurement
from showdown.requests.kind import Seeded
from showdown_stack.health import Health
from showdown_stack.ports import LOOPBACK, free_port

USERS, WARM_UP_SECONDS, SECONDS, TURNS = 50, 1.5, 4.0, 5
SCENARIO, SEEDED = "recipe-detail", Seeded(2_000)
KIND = load_contract().kinds[SCENARIO]
RANDOM = Random(1)  # noqa: S311 - load, not secrets
TURN_SECONDS = 0.05


class Fast(FastHttpUser):
    """Asks as showdown's locustfile did before it had a client of its own."""

    wait_time = constant(0)

    @task
    def request(self) -> None:
        request = KIND.of_any_user(RANDOM, SEEDED)
        headers = {"Accept-Encoding": "identity", **request.headers}
        data: Any = request.body
        with self.client.request(
            request.method, request.path, name=KIND.name, catch_response=True, headers=headers, data=data
        ) as response:
            if failure := request.failure(response.status_code, response.content):
                response.failure(failure)


class Light(User):
    """Asks as it does now."""

    wait_time = constant(0)

    def on_start(self) -> None:
        self.client = HttpClient(self.host or "")

    @task
    def requests(self) -> None:
        end = perf_counter() + TURN_SECONDS
        while self.request() < end:
            pass

    def request(self) -> float:
        request = KIND.of_any_user(RANDOM, SEEDED)
        started_at = perf_counter()
        status, body = self.client.ask(request)
        ended_at = perf_counter()
        failure = request.failure(status, body)
        self.environment.events.request.fire(
            request_type=request.method,
            name=KIND.name,
            response_time=(ended_at - started_at) * 1000,
            response_length=len(body),
            exception=failure and CatchResponseError(failure),
            context={},
        )
        return ended_at


CLIENTS: dict[str, type[User]] = {"FastHttpUser": Fast, "http_client": Light}


def measured(user: type[User], url: str) -> dict[str, float]:
    """Load for a while, in this process."""
    user.host = url
    KIND.prepare(SEEDED)
    environment = Environment(user_classes=[user])
    seen = EntryMeasurement(0.0, float("inf"))
    environment.events.request.add_listener(
        lambda response_time, exception, **_: seen.answered(response_time, exception)
    )
    runner = environment.create_local_runner()
    runner.start(USERS, USERS)
    gevent.sleep(WARM_UP_SECONDS)
    before, cpu = seen.counted(), time.process_time()
    gevent.sleep(SECONDS)
    cpu, after = time.process_time() - cpu, seen.counted()
    runner.quit()
    requests = after.requests - before.requests
    return {"cpu_us": cpu * 1e6 / max(1, requests), "requests": requests, "errors": after.errors}


def in_turn(url: str, turns: int) -> dict[str, list[float]]:
    """CPU in µs for each request, by client; each turn in a process of its own."""
    costs: dict[str, list[float]] = {name: [] for name in CLIENTS}
    for turn in range(turns):
        for name in CLIENTS if turn % 2 else reversed(CLIENTS):
            command = [sys.executable, __file__, name, url]
            seen = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
            if seen["errors"] or not seen["requests"]:
                sys.exit(f"{name}: {seen['errors']} of {seen['requests']} answers were wrong")
            print(f"turn {turn + 1}: {name}: {seen['cpu_us']:.1f} µs, {seen['requests'] / SECONDS:.0f} requests/s")
            costs[name].append(seen["cpu_us"])
    return costs


def main(turns: int = TURNS) -> None:
    port = free_port()
    url = f"http://{LOOPBACK}:{port}"
    command = [sys.executable, "-m", "showdown.generators.null_service"]
    asked = [str(SEEDED.size), SEEDED.lookup]
    with subprocess.Popen([*command, *asked], env={**os.environ, "HOST": LOOPBACK, "PORT": str(port)}) as service:
        try:
            health = Health(url, load_contract().health)
            while not health.ready():
                time.sleep(0.1)
            fast, light = in_turn(url, turns).values()
        finally:
            service.terminate()
    ratios = [one / other for one, other in zip(light, fast, strict=True)]
    print(f"median: {median(fast):.1f} and {median(light):.1f} µs of CPU for each request; ", end="")
    print(f"ratio {median(ratios):.2f} (of each turn: {', '.join(f'{ratio:.2f}' for ratio in sorted(ratios))})")


if __name__ == "__main__":
    match sys.argv[1:]:
        case [name, url]:
            print(json.dumps(measured(CLIENTS[name], url)))
        case arguments:
            main(*map(int, arguments))
