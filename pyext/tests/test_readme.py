"""The README's Python works when pasted."""

import ast
import asyncio
import inspect
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

README = Path(__file__).parents[1] / "README.md"
BLOCKS = re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL)
NOTES = (
    "SELECT n.id, n.recipe_id, n.text, u.id AS author_id, u.name AS author"
    " FROM notes n JOIN users u ON u.id = n.created_by_id WHERE n.recipe_id < 50 ORDER BY n.id"
)


async def paste(block: str, names: dict[str, Any]) -> bytes:
    """Runs a block that may use `await`, and returns the value of its last statement."""
    module = ast.parse(block)
    last = module.body[-1]
    if isinstance(last, ast.Expr):
        module.body[-1] = ast.copy_location(ast.Assign([ast.Name("body", ast.Store())], last.value), last)
        ast.fix_missing_locations(module)
    code = compile(module, str(README), "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    result = eval(code, names)  # noqa: S307  # our own README
    if inspect.isawaitable(result):
        await result
    body: bytes = names["body"]
    return body


@pytest.mark.parametrize("block", BLOCKS, ids=range(len(BLOCKS)))
def test_a_pasted_block_gives_json(
    block: str, connection: Any, fetch: Callable[[str], list[Any]], runner: asyncio.Runner
) -> None:
    names: dict[str, Any] = {"connection": connection}
    exec("from rowjson import *", names)  # noqa: S102  # what an earlier block of the README imported
    if "recipes, notes=notes" in block:
        names["recipes"] = fetch("SELECT id, title FROM recipes WHERE id < 50 ORDER BY id")
        names["notes"] = fetch(NOTES)
    rows = json.loads(runner.run(paste(block, names)))
    assert len(rows) >= 10
    assert all(row.keys() >= {"id", "title"} for row in rows)
    if "notes" in names:
        assert any(note["created_by"]["name"] for row in rows for note in row["notes"])


def test_the_recipe_for_asyncpg_is_short() -> None:
    recipe = next(block for block in BLOCKS if "packed(" in block)
    assert len([line for line in recipe.splitlines() if line]) <= 5
