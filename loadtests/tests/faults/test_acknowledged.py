"""Each 201 is looked for in the table."""

import psycopg
import pytest
from showdown.faults.acknowledged import acknowledged_ids, lost
from showdown.faults.fault_file import Acknowledged
from showdown.generators.arrival_log import Arrived

NOTES = Acknowledged(kind="note-create", table="notes")


def arrived(kind: str, created: str) -> Arrived:
    return Arrived(1.0, 1.0, 2.0, kind, 201 if created else 503, None if created else "status 503", created)


@pytest.fixture
def notes(empty_database: str) -> str:
    """A database with the notes 1 and 2."""
    with psycopg.connect(empty_database) as connection:
        connection.execute("CREATE TABLE notes (id bigint PRIMARY KEY)")
        connection.execute("INSERT INTO notes VALUES (1), (2)")
    return empty_database


def test_only_a_201_of_that_kind_acknowledges() -> None:
    arrivals = [
        arrived("note-create", '{"id": 7}'), arrived("note-create", ""), arrived("other", '{"id": 8}')
    ]  # fmt: skip
    assert acknowledged_ids(arrivals, NOTES) == [7]


@pytest.mark.parametrize("body", ["nonsense", "[]", "{}", '{"id": "1"}', "null", '{"id": null}'])
def test_a_201_without_an_id_acknowledges_what_nobody_can_find(body: str, notes: str) -> None:
    ids = acknowledged_ids([arrived("note-create", body)], NOTES)
    assert ids == [None]
    assert lost(ids, NOTES, notes) == 1


@pytest.mark.parametrize(("ids", "missing"), [([], 0), ([1, 2], 0), ([1, 2, 3], 1), ([1, 1], 1), ([4, None], 2)])
def test_what_the_table_does_not_have_is_lost(ids: list[int | None], missing: int, notes: str) -> None:
    assert lost(ids, NOTES, notes) == missing
