"""Notes go to recipes that no request reads, and the answer must repeat the note."""

import json
from random import Random

import pytest
from showdown.requests.kind import Seeded
from showdown.requests.note_create import KIND
from showdown_contract import answers, people
from showdown_contract.errors import ShowdownError

RANDOM = Random(1)  # noqa: S311 - load, not secrets


def index(path: str) -> int:
    return int(path.split("/")[4]) - people.FIRST_ID


def test_notes_go_to_recipes_that_nobody_reads() -> None:
    for request in [*KIND.of_one_user(Seeded(200)), KIND.of_any_user(RANDOM, Seeded(200))]:
        assert people.is_written(index(request.path))
        assert request.path.endswith("/notes")
        assert request.method == "POST"
        assert request.status == 201
        assert request.headers["Content-Type"] == "application/json"
        text = json.loads(request.body or b"")["text"]
        assert request.right(answers.encode({"id": 1, "text": text, "reactions": []}))
        assert not request.right(answers.encode({"id": 1, "text": "other"}))


def test_too_few_recipes_are_explained() -> None:
    with pytest.raises(ShowdownError, match="none of the 1 recipes belongs to oha's user: raise --size"):
        KIND.of_one_user(Seeded(1))
