"""The light generators' requests are one user's, and it is known what each must answer."""

import json

import pytest
from showdown.generators.light_user import USER, light_requests
from showdown.requests.scenarios import LIST_LIMIT, Scenario, load_scenarios
from showdown_contract import answers, people
from showdown_contract.errors import ShowdownError

SCENARIOS = load_scenarios()


def index(path: str) -> int:
    return int(path.split("/")[4]) - people.FIRST_ID


def test_every_document_asked_for_is_one_that_the_user_may_see() -> None:
    requests = light_requests("recipe-detail", SCENARIOS["recipe-detail"], 200)
    asked = {index(path) for path in requests.paths}
    assert asked
    assert asked < set(people.recipes_of(USER, 200))
    assert not any(map(people.is_written, asked))
    assert requests.headers == {"Cookie": f"sessionid={people.session_key(USER)}"}


def test_only_the_right_document_of_a_path_is_right() -> None:
    requests = light_requests("recipe-detail", SCENARIOS["recipe-detail"], 200)
    first, second = requests.paths[:2]
    assert requests.right(first, answers.recipe(index(first)))
    assert not requests.right(first, answers.recipe(index(second)))


def test_where_the_look_up_is_random_any_document_of_the_users_is_right() -> None:
    requests = light_requests("recipe-detail", SCENARIOS["recipe-detail"], 200, "random")
    first, second = requests.paths[:2]
    assert requests.right(first, answers.recipe(index(second)))
    stranger = next(recipe for recipe in range(200) if not people.may_see(USER, recipe))
    assert not requests.right(first, answers.recipe(stranger))


def test_a_list_is_the_users_first_page() -> None:
    requests = light_requests("recipe-list", SCENARIOS["recipe-list"], 2_000)
    assert requests.paths == [f"/api/v1/recipes?limit={LIST_LIMIT}"]
    assert requests.right(requests.paths[0], answers.first_page(USER, 2_000, LIST_LIMIT))
    assert not requests.right(requests.paths[0], answers.first_page(USER + 1, 2_000, LIST_LIMIT))


def test_notes_go_to_recipes_that_nobody_reads() -> None:
    requests = light_requests("note-create", SCENARIOS["note-create"], 200)
    assert all(people.is_written(index(path)) for path in requests.paths)
    assert all(path.endswith("/notes") for path in requests.paths)
    assert requests.status == 201
    assert requests.headers["Content-Type"] == "application/json"
    text = json.loads(requests.body or b"")["text"]
    assert requests.right("", answers.encode({"id": 1, "text": text, "reactions": []}))
    assert not requests.right("", answers.encode({"id": 1, "text": "other"}))


def test_health_is_asked_without_a_session() -> None:
    requests = light_requests("healthz", SCENARIOS["healthz"], 1)
    assert (requests.paths, requests.headers, requests.body) == (["/healthz"], {}, None)
    assert requests.right("/healthz", b'{"status":"ok"}')
    assert not requests.right("/healthz", b"{}")


def test_a_mix_is_refused() -> None:
    with pytest.raises(ShowdownError, match="mixed mixes recipe-detail, recipe-list, note-create: use locust"):
        light_requests("mixed", SCENARIOS["mixed"], 2_000)


def test_too_few_recipes_are_explained() -> None:
    nothing_written = Scenario(description="", requests={"note-create": 1})
    with pytest.raises(ShowdownError, match="among 1 recipes there is none for oha's user: seed more"):
        light_requests("note-create", nothing_written, 1)
