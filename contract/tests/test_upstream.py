"""The formulas in Python say what the upstream says."""

import http.client
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from showdown_contract import answers, upstream
from showdown_contract.files import golden_body
from showdown_stack.upstream import NOT_BUILT, Upstream, program, running_upstream

IDS = [*range(-300, 300), *range(1_001, 3_001, 7), -(2**63), 2**63 - 1]
RESOURCES: dict[str, Callable[[int], dict[str, Any]]] = {
    "analysis": upstream.analysis,
    "facts": upstream.facts,
    "price": upstream.price,
}


@pytest.fixture(scope="module")
def running(session_folder: Path) -> Iterator[Upstream]:
    built = program()
    if built is None:
        pytest.fail(NOT_BUILT, pytrace=False)
    folder = session_folder / "formulas"
    folder.mkdir(mode=0o755)
    with running_upstream(built, folder, folder) as up:
        yield up


@pytest.mark.parametrize("name", RESOURCES)
def test_every_document_is_that_of_the_upstream(name: str, running: Upstream) -> None:
    context = ssl.create_default_context(cafile=running.ca_file)
    connection = http.client.HTTPSConnection("127.0.0.1", running.port, context=context)
    for id_ in IDS:
        connection.request("GET", f"/{name}/{id_}")
        assert connection.getresponse().read() == answers.encode(RESOURCES[name](id_))
    connection.close()


def test_the_golden_body_is_made_of_them() -> None:
    made = upstream.nutrition(1, "Baked Pasta with Sausage and Ricotta")
    assert answers.encode(made) == golden_body("nutrition-usual")
