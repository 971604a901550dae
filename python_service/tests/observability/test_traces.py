"""How spans are named."""

import pytest
from python_service.observability.traces import operation

from python_service import queries


@pytest.mark.parametrize(
    ("sql", "name"),
    [
        (queries.load().nutrition_recipe, "SELECT"),
        (queries.load().recipe_single, "SELECT"),
        ("-- one\n  -- two\nINSERT INTO notes", "INSERT"),
        ("SET TIME ZONE 'UTC'", "SET"),
        ("BEGIN", "BEGIN"),
    ],
)
def test_a_statement_is_named_by_its_first_word(sql: str, name: str) -> None:
    assert operation(sql) == name
