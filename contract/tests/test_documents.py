"""Documents are made from their index alone, and never change."""

import hashlib
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from itertools import chain, pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from showdown_contract import people
from showdown_contract.answers import encode
from showdown_contract.documents import SUMMARY, generated_recipe, golden_recipes, summary, timestamp

# Every published number was measured with these documents, so a change makes all of them void.
FIRST_THIRTY = "51dad7e35b730471919f199fc8bbb4c5729b06850f7806baaa8a94ef7b706bec"

MANY = [generated_recipe(index) for index in range(300)]


def test_the_first_documents_are_what_they_have_always_been() -> None:
    encoded = b"\n".join(encode(generated_recipe(index)) for index in range(30))
    assert hashlib.sha256(encoded).hexdigest() == FIRST_THIRTY


@pytest.mark.parametrize("hash_seed", ["0", "1"])
def test_a_document_does_not_depend_on_the_process(hash_seed: str) -> None:
    program = (
        "import sys; from showdown_contract.answers import recipe; sys.stdout.buffer.write(recipe(7) + recipe(31337))"
    )
    made = subprocess.run(
        [sys.executable, "-c", program], env={"PYTHONHASHSEED": hash_seed}, capture_output=True, check=True
    )
    assert made.stdout == encode(generated_recipe(7)) + encode(generated_recipe(31337))


def test_a_document_is_about_as_large_as_the_articles() -> None:
    average = sum(len(encode(recipe)) for recipe in MANY) / len(MANY)
    assert 3 * 1024 <= average <= 4.5 * 1024


@pytest.mark.parametrize("name", ["author", "source", "servings", "minutes"])
def test_what_may_be_null_sometimes_is(name: str) -> None:
    assert 0 < sum(recipe[name] is None for recipe in MANY) < len(MANY) / 2


@pytest.mark.parametrize("name", ["tags", "sections"])
def test_what_may_be_empty_sometimes_is(name: str) -> None:
    assert 0 < sum(recipe[name] == [] for recipe in MANY) < len(MANY) / 2


def test_some_events_have_no_author_and_some_notes_no_reactions() -> None:
    events = [event for recipe in MANY for event in recipe["timeline"]["events"]]
    notes = [note for recipe in MANY for note in recipe["timeline"]["notes"]]
    assert 0 < sum(event["created_by"] is None for event in events) < len(events) / 2
    assert 0 < sum(note["reactions"] == [] for note in notes) < len(notes) / 2


@pytest.mark.parametrize("table", ["ingredients", "sections", "steps", "events", "notes", "reactions"])
def test_ids_ascend_through_all_recipes(table: str) -> None:
    ids = [child["id"] for recipe in MANY for child in children(recipe, table)]
    assert all(earlier < later for earlier, later in pairwise(ids))
    assert ids[0] >= people.FIRST_ID


@given(st.integers(0, 999_999))
def test_every_text_is_of_its_time(index: int) -> None:
    recipe = generated_recipe(index)
    assert recipe["id"] == people.FIRST_ID + index
    assert recipe["updated_at"] >= recipe["created_at"]
    for note in recipe["timeline"]["notes"]:
        assert note["created_at"] >= recipe["created_at"]
        assert all(reaction["created_at"] >= note["created_at"] for reaction in note["reactions"])


def test_the_golden_recipes_come_in_order_of_id_and_below_the_generated() -> None:
    ids = [recipe["id"] for recipe in golden_recipes()]
    assert ids == sorted(ids)
    assert len(ids) == len(set(ids)) == 10
    assert max(ids) < people.FIRST_ID


def test_a_summary_is_the_first_part_of_a_recipe_without_its_owner_and_children() -> None:
    recipe = generated_recipe(3)
    assert tuple(summary(recipe)) == SUMMARY
    assert summary(recipe).items() <= recipe.items()


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (datetime(2022, 3, 1, 9, 30, tzinfo=UTC), "2022-03-01T09:30:00Z"),
        (datetime(2022, 3, 1, 9, 30, 0, 1, tzinfo=UTC), "2022-03-01T09:30:00.000001Z"),
        (datetime(2022, 3, 1, 9, 30, 0, 500_000, tzinfo=UTC), "2022-03-01T09:30:00.500000Z"),
        (datetime(1, 1, 1, tzinfo=UTC), "0001-01-01T00:00:00Z"),
        (datetime(2022, 3, 1, 1, tzinfo=timezone(timedelta(hours=2))), "2022-02-28T23:00:00Z"),
    ],
)
def test_timestamps_are_utc_with_six_fractional_digits_or_none(moment: datetime, text: str) -> None:
    assert timestamp(moment) == text


@given(st.datetimes(timezones=st.just(UTC)))
def test_a_timestamp_reads_back_as_the_same_moment(moment: datetime) -> None:
    assert datetime.fromisoformat(timestamp(moment)) == moment


def children(recipe: dict[str, Any], table: str) -> list[dict[str, Any]]:
    timeline = recipe["timeline"]
    if table == "reactions":
        return list(chain.from_iterable(note["reactions"] for note in timeline["notes"]))
    found: list[dict[str, Any]] = timeline[table] if table in timeline else recipe[table]
    return found
