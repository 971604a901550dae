"""The null service is taken for a real one: every answer is right, by the way that a real one's answers take."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from gevent import socket
from showdown.contract.contract import Contract, load_contract
from showdown.generators.http_client import HttpClient
from showdown.generators.locust import LOCUSTFILE
from showdown.generators.measurement import LoadSummary
from showdown.generators.null_service import answering, is_known, null_service, serve
from showdown.requests.kind import Answer, Request, Seeded
from showdown.stacks.local import started_service
from showdown_stack.ports import LOOPBACK
from showdown_stack.tiers import Tiers

TODO = Path(__file__).parents[1] / "todo"
RECIPES = 2_000


@contextmanager
def serving(contract: Contract) -> Iterator[str]:
    """The URL of one within this process."""
    server = serve(LOOPBACK, 0, answering(contract, Seeded(RECIPES)))
    server.start()
    try:
        yield f"http://{LOOPBACK}:{server.server_port}"
    finally:
        server.stop(timeout=1)


@pytest.mark.parametrize(("folder", "scenario"), [(None, "mixed"), (None, "healthz"), (TODO, "mixed")])
def test_whatever_a_scenario_asks_is_answered_right(folder: Path | None, scenario: str) -> None:
    contract = load_contract(folder) if folder else load_contract()
    random = Random(1)  # noqa: S311 - load, not secrets
    with serving(contract) as url, closing(HttpClient(url)) as client:
        for name in contract.scenarios.scenarios[scenario].requests:
            for _ in range(50):
                request = contract.kinds[name].of_any_user(random, Seeded(RECIPES))
                status, body = client.ask(request)
                assert status == request.status
                assert request.right(body)


def test_it_is_well_and_knows_nothing_else() -> None:
    with serving(load_contract(TODO)) as url, closing(HttpClient(url)) as client:
        assert client.ask(Request("/health", bool)) == Answer(200, b"{}")
        assert client.ask(Request("/nothing", bool)).status == 404


@pytest.mark.parametrize(
    "said", [b"\x00 nothing of the kind\r\n\r\n", b"GET /api/v1/recipes?limit=100 HTTP/1.1\r\n\r\n"]
)
def test_whoever_asks_something_odd_is_left(said: bytes) -> None:
    with serving(load_contract()) as url:
        port = int(url.rpartition(":")[2])
        with socket.create_connection((LOOPBACK, port)) as connection:
            connection.sendall(said)
            connection.settimeout(10)
            assert connection.recv(1) == b""


def test_a_connection_is_closed_where_that_is_asked() -> None:
    with serving(load_contract()) as url, closing(HttpClient(url)) as client:
        asked = Request("/healthz", bool, {"Connection": "close"})
        assert [client.ask(asked).status for _ in range(2)] == [200, 200]


def test_it_knows_a_scenario_whose_kinds_say_what_is_right() -> None:
    contract = load_contract()
    mixed = contract.scenarios.scenarios["mixed"]
    assert is_known(contract, mixed)
    silent = {name: replace(kind, answer=None) for name, kind in contract.kinds.items()}
    assert not is_known(replace(contract, kinds=silent), mixed)


@pytest.mark.parametrize("scenario", ["mixed", "recipe-list"])
def test_locust_gets_every_body_right_by_the_way_of_a_variants_service(
    stack: Tiers, tmp_path: Path, scenario: str
) -> None:
    file = tmp_path / "summary.json"
    load = ["-H", stack.url, "-u", "10", "-r", "10", "-t", "4s", "--scenario", scenario, "--summary", str(file)]
    with started_service(stack, "null", null_service(load_contract(), RECIPES)):
        subprocess.run([sys.executable, "-m", "locust", "-f", str(LOCUSTFILE), "--headless", *load], check=True)
    (counted,) = LoadSummary.model_validate_json(file.read_bytes()).entries
    assert counted.failures == {}
    assert counted.requests > 0
