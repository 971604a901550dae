"""A whole recipe as showdown's contract has it: its models, its dicts, and its Shape, from a row of recipe_single.sql.

A copy, so that the benchmark of the extension depends on no service.
"""

from collections.abc import Sequence
from typing import Any

from pydantic import AwareDatetime, BaseModel
from rowjson import Many, Nullable, Shape


class Person(BaseModel):
    id: int
    name: str


class Owner(BaseModel):
    type: str
    id: int
    name: str


class Ingredient(BaseModel):
    id: int
    position: int
    quantity: str
    name: str
    description: str
    optional: bool


class Section(BaseModel):
    id: int
    position: int
    title: str


class Step(BaseModel):
    id: int
    position: int
    text: str


class Event(BaseModel):
    id: int
    action: str
    created_by: Person | None
    created_at: AwareDatetime


class Reaction(BaseModel):
    id: int
    emoji: str
    created_by: Person
    created_at: AwareDatetime


class Note(BaseModel):
    id: int
    text: str
    created_by: Person
    created_at: AwareDatetime
    updated_at: AwareDatetime
    reactions: list[Reaction]


class Timeline(BaseModel):
    events: list[Event]
    notes: list[Note]


class Recipe(BaseModel):
    id: int
    title: str
    author: str | None
    source: str | None
    servings: str | None
    minutes: int | None
    tags: list[str]
    archived: bool
    owner: Owner
    created_at: AwareDatetime
    updated_at: AwareDatetime
    ingredients: list[Ingredient]
    sections: list[Section]
    steps: list[Step]
    timeline: Timeline


def recipe(row: Sequence[Any]) -> dict[str, Any]:
    """The recipe as dicts, which a JSON library encodes."""
    id_, title, author, source, servings, minutes, tags, archived, *more = row
    owner_type, owner_id, owner_name, created_at, updated_at, *children = more
    ingredients, sections, steps, events, notes = children
    return {
        "id": id_,
        "title": title,
        "author": author,
        "source": source,
        "servings": servings,
        "minutes": minutes,
        "tags": tags,
        "archived": archived,
        "owner": {"type": owner_type, "id": owner_id, "name": owner_name},
        "created_at": created_at,
        "updated_at": updated_at,
        "ingredients": [
            {
                "id": id_,
                "position": position,
                "quantity": quantity,
                "name": name,
                "description": description,
                "optional": optional,
            }
            for id_, position, quantity, name, description, optional in ingredients
        ],
        "sections": [{"id": id_, "position": position, "title": title} for id_, position, title in sections],
        "steps": [{"id": id_, "position": position, "text": text} for id_, position, text in steps],
        "timeline": {
            "events": [
                {
                    "id": id_,
                    "action": action,
                    "created_by": None if person is None else {"id": person, "name": name},
                    "created_at": at,
                }
                for id_, action, person, name, at in events
            ],
            "notes": [
                {
                    "id": id_,
                    "text": text,
                    "created_by": {"id": person, "name": name},
                    "created_at": created,
                    "updated_at": updated,
                    "reactions": [
                        {"id": id_, "emoji": emoji, "created_by": {"id": person, "name": name}, "created_at": at}
                        for id_, emoji, person, name, at in reactions
                    ],
                }
                for id_, text, person, name, created, updated, reactions in notes
            ],
        },
    }


_PERSON = {"id": "created_by_id", "name": "created_by_name"}
_PERSON_COLUMNS = ["created_by_id", "created_by_name"]
_COLUMNS = ["id", "title", "author", "source", "servings", "minutes", "tags", "archived"]
_INGREDIENT = Shape(["id", "position", "quantity", "name", "description", "optional"])
_EVENT = Shape(
    ["id", "action", *_PERSON_COLUMNS, "created_at"],
    {
        "id": "id",
        "action": "action",
        "created_by": Nullable("created_by_id", _PERSON),
        "created_at": "created_at",
    },
)
_REACTION = Shape(
    ["id", "emoji", *_PERSON_COLUMNS, "created_at"],
    {"id": "id", "emoji": "emoji", "created_by": _PERSON, "created_at": "created_at"},
)
_NOTE = Shape(
    ["id", "text", *_PERSON_COLUMNS, "created_at", "updated_at", Many("reactions", _REACTION)],
    {
        "id": "id",
        "text": "text",
        "created_by": _PERSON,
        "created_at": "created_at",
        "updated_at": "updated_at",
        "reactions": "reactions",
    },
)
SHAPE = Shape(
    [
        *_COLUMNS,
        "owner_type",
        "owner_id",
        "owner_name",
        "created_at",
        "updated_at",
        Many("ingredients", _INGREDIENT),
        Many("sections", Shape(["id", "position", "title"])),
        Many("steps", Shape(["id", "position", "text"])),
        Many("events", _EVENT),
        Many("notes", _NOTE),
    ],
    {
        **{name: name for name in _COLUMNS},
        "owner": {"type": "owner_type", "id": "owner_id", "name": "owner_name"},
        "created_at": "created_at",
        "updated_at": "updated_at",
        "ingredients": "ingredients",
        "sections": "sections",
        "steps": "steps",
        "timeline": {"events": "events", "notes": "notes"},
    },
)
"""The same document, written from the row without dicts."""
