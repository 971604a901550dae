"""A part of a document must be there, whatever else is; a missing part is named by its place."""

import pytest
from showdown_contract.subset import subset_difference

BODY = b'{"id":7,"of":[{"a":1,"b":2}],"at":"2026-01-02T03:04:05Z","none":null,"yes":true}'


@pytest.mark.parametrize(
    "subset",
    [
        {},
        {"id": 7},
        {"of": [{"b": 2}], "none": None},
        {"id": "<id>", "at": "<timestamp>"},
    ],
)
def test_a_part_that_is_there_has_no_difference(subset: object) -> None:
    assert subset_difference(BODY, subset) is None


@pytest.mark.parametrize(
    ("subset", "difference"),
    [
        ({"name": "x"}, "body has no 'name'"),
        ({"id": 8}, "body.id is 7, expected 8"),
        ({"id": "7"}, 'body.id is 7, expected "7"'),
        ({"yes": 1}, "body.yes is true, expected 1"),
        ({"yes": "<id>"}, 'body.yes is true, expected "<id>"'),
        ({"of": []}, "body.of has 1 elements, expected 0"),
        ({"of": [{"b": 3}]}, "body.of[0].b is 2, expected 3"),
        ({"of": {"b": 2}}, 'body.of is [{"a": 1, "b": 2}], expected {"b": 2}'),
        ({"id": "<timestamp>"}, 'body.id is 7, expected "<timestamp>"'),
        ([], None),
    ],
)
def test_a_missing_part_is_named(subset: object, difference: str | None) -> None:
    found = subset_difference(BODY, subset)
    assert found is not None
    assert difference is None or found == difference


def test_a_body_that_is_not_json_is_shown() -> None:
    assert subset_difference(b"<html>", {}) == "body is not JSON: b'<html>'"
