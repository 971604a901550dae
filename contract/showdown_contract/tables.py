"""Turns documents into rows of the tables, in the text format of COPY."""

import tomllib
from collections.abc import Iterable, Iterator
from typing import Any, TypeAlias

from showdown_contract import people
from showdown_contract.documents import Document, golden_recipes, team_name, user_name
from showdown_contract.files import GOLDEN

Row: TypeAlias = tuple[Any, ...]

# Parents before children.
COLUMNS = {
    "users": ("id", "name"),
    "teams": ("id", "name"),
    "memberships": ("user_id", "team_id", "active"),
    "sessions": ("key", "user_id", "expires_at"),
    "recipes": (
        "id", "title", "author", "source", "servings", "minutes", "tags", "archived", "owner_user_id", "owner_team_id",
        "created_at", "updated_at",
    ),
    "ingredients": ("id", "recipe_id", "position", "quantity", "name", "description", "optional"),
    "sections": ("id", "recipe_id", "position", "title"),
    "steps": ("id", "recipe_id", "position", "text"),
    "events": ("id", "recipe_id", "action", "created_by_id", "created_at"),
    "notes": ("id", "recipe_id", "text", "created_by_id", "created_at", "updated_at"),
    "reactions": ("id", "note_id", "emoji", "created_by_id", "created_at"),
}  # fmt: skip


def people_rows() -> Iterator[tuple[str, Row]]:
    """Every user, team, membership and session, as (table, row)."""
    yield from _golden_people()
    for team in range(people.TEAMS):
        yield "teams", (people.FIRST_ID + team, team_name(team))
    for user in range(people.USERS):
        user_id = people.FIRST_ID + user
        yield "users", (user_id, user_name(user))
        yield "sessions", (people.session_key(user), user_id, "2999-01-01T00:00:00Z")
        for team in people.active_teams(user):
            yield "memberships", (user_id, people.FIRST_ID + team, True)
        yield "memberships", (user_id, people.FIRST_ID + people.left_team(user), False)


def recipe_rows(recipe: Document) -> Iterator[tuple[str, Row]]:
    """The rows of one document, as (table, row)."""
    recipe_id, owner, timeline = recipe["id"], recipe["owner"], recipe["timeline"]
    stored = recipe | {
        "owner_user_id": owner["id"] if owner["type"] == "user" else None,
        "owner_team_id": owner["id"] if owner["type"] == "team" else None,
    }
    yield "recipes", tuple(stored[column] for column in COLUMNS["recipes"])
    for table in ("ingredients", "sections", "steps"):
        yield from ((table, _child_row(table, child, recipe_id)) for child in recipe[table])
    for table in ("events", "notes"):
        yield from ((table, _child_row(table, child, recipe_id)) for child in timeline[table])
    for note in timeline["notes"]:
        yield from (("reactions", _child_row("reactions", reaction, note["id"])) for reaction in note["reactions"])


def copy_text(rows: Iterable[Row]) -> bytes:
    """Rows in COPY's text format."""
    return "".join("\t".join(map(_field, row)) + "\n" for row in rows).encode()


def _golden_people() -> Iterator[tuple[str, Row]]:
    named: dict[str, dict[int, str]] = {"user": {}, "team": {}}
    for recipe in golden_recipes():
        timeline = recipe["timeline"]
        owner = recipe["owner"]
        named[owner["type"]][owner["id"]] = owner["name"]
        written = [*timeline["events"], *timeline["notes"], *(r for n in timeline["notes"] for r in n["reactions"])]
        named["user"] |= {
            entry["created_by"]["id"]: entry["created_by"]["name"] for entry in written if entry["created_by"]
        }
    yield from (("users", row) for row in sorted(named["user"].items()))
    yield from (("teams", row) for row in sorted(named["team"].items()))
    access = tomllib.loads((GOLDEN / "seed.toml").read_text())
    for table in ("memberships", "sessions"):
        yield from ((table, tuple(entry[column] for column in COLUMNS[table])) for entry in access[table])


def _child_row(table: str, child: Document, parent_id: int) -> Row:
    created_by = child.get("created_by")
    stored = child | {
        "recipe_id": parent_id,
        "note_id": parent_id,
        "created_by_id": created_by["id"] if created_by else None,
    }
    return tuple(stored[column] for column in COLUMNS[table])


_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def _field(value: Any) -> str:
    match value:
        case None:
            return "\\N"
        case bool():
            return "t" if value else "f"
        case list():
            elements = (element.replace("\\", "\\\\").replace('"', '\\"') for element in value)
            return ("{" + ",".join(f'"{element}"' for element in elements) + "}").translate(_ESCAPES)
        case _:
            return str(value).translate(_ESCAPES)
