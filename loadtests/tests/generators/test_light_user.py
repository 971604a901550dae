"""The light generators send one kind of request, as one user."""

import pytest
from showdown.contract.contract import load_contract
from showdown.generators.light_user import light_requests
from showdown.requests.kind import Seeded
from showdown.requests.registry import KINDS
from showdown.requests.scenarios import Scenario
from showdown_contract.errors import ShowdownError

SCENARIOS = load_contract().scenarios.scenarios


def test_a_scenario_of_one_kind_is_that_kinds_requests_of_one_user() -> None:
    requests = light_requests("note-create", SCENARIOS["note-create"], KINDS, Seeded(200))
    assert requests == KINDS["note-create"].of_one_user(Seeded(200))


def test_a_mix_is_refused() -> None:
    with pytest.raises(ShowdownError, match="mixed mixes recipe-detail, recipe-list, note-create: use locust"):
        light_requests("mixed", SCENARIOS["mixed"], KINDS, Seeded(2_000))


def test_too_few_recipes_are_explained() -> None:
    nothing_written = Scenario(description="", requests={"note-create": 1})
    with pytest.raises(ShowdownError, match="none of the 1 recipes belongs to oha's user: raise --size"):
        light_requests("note-create", nothing_written, KINDS, Seeded(1))
