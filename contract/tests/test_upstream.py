"""The formulas in Python say what the upstream says."""

import http.client
import ssl
from collections.abc import Callable
from typing import Any

import pytest
from showdown_contract import answers, upstream
from showdown_contract.files import golden_body
from showdown_stack.upstream import Upstream

IDS = [*range(-300, 300), *range(1_001, 3_001, 7), -(2**63), 2**63 - 1]
RESOURCES: dict[str, Callable[[int], dict[str, Any]]] = {
    "analysis": upstream.analysis,
    "facts": upstream.facts,
    "price": upstream.price,
}


@pytest.mark.parametrize("name", RESOURCES)
def test_every_document_is_that_of_the_upstream(name: str, real_upstream: Upstream) -> None:
    context = ssl.create_default_context(cafile=real_upstream.ca_file)
    connection = http.client.HTTPSConnection("127.0.0.1", real_upstream.port, context=context)
    for id_ in IDS:
        connection.request("GET", f"/{name}/{id_}")
        assert connection.getresponse().read() == answers.encode(RESOURCES[name](id_))
    connection.close()


def test_the_golden_body_is_made_of_them() -> None:
    made = upstream.nutrition(1, "Baked Pasta with Sausage and Ricotta")
    assert answers.encode(made) == golden_body("nutrition-usual")
