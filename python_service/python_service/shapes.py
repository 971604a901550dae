"""The documents for rowjson: each shape names the columns of a query, in their order, and the document made of them.

With one query for each table the reactions are rows of their own, not a column of the notes. The shapes that take
them so, as `reactions`, are named …_APART.
"""

from typing import Any

from rowjson import Many, Nest, Nullable, Shape

_PERSON = {"id": "created_by_id", "name": "created_by_name"}

_INGREDIENT = Shape(["id", "position", "quantity", "name", "description", "optional"])
_SECTION = Shape(["id", "position", "title"])
_STEP = Shape(["id", "position", "text"])
_EVENT = Shape(
    ["id", "action", "created_by_id", "created_by_name", "created_at"],
    {
        "id": "id",
        "action": "action",
        "created_by": Nullable("created_by_id", _PERSON),
        "created_at": "created_at",
    },
)

_REACTION_COLUMNS = ["id", "emoji", "created_by_id", "created_by_name", "created_at"]
_REACTION_DOCUMENT: dict[str, Any] = {"id": "id", "emoji": "emoji", "created_by": _PERSON, "created_at": "created_at"}
_REACTION = Shape(_REACTION_COLUMNS, _REACTION_DOCUMENT)
_REACTION_APART = Shape(["note_id", *_REACTION_COLUMNS], _REACTION_DOCUMENT)

_NOTE_COLUMNS = ["id", "text", "created_by_id", "created_by_name", "created_at", "updated_at"]
_NOTE_DOCUMENT: dict[str, Any] = {
    "id": "id",
    "text": "text",
    "created_by": _PERSON,
    "created_at": "created_at",
    "updated_at": "updated_at",
}
_NOTE = Shape([*_NOTE_COLUMNS, Many("reactions", _REACTION)], {**_NOTE_DOCUMENT, "reactions": "reactions"})
NOTE_APART = Shape(
    _NOTE_COLUMNS,
    {**_NOTE_DOCUMENT, "reactions": Nest("reactions", _REACTION_APART, key="note_id", parent="id")},
)

_SUMMARY_COLUMNS = ["id", "title", "author", "source", "servings", "minutes", "tags", "archived"]
SUMMARY = Shape([*_SUMMARY_COLUMNS, "created_at", "updated_at"])


def _recipe(note: Shape) -> Shape:
    return Shape(
        [
            *_SUMMARY_COLUMNS,
            "owner_type",
            "owner_id",
            "owner_name",
            "created_at",
            "updated_at",
            Many("ingredients", _INGREDIENT),
            Many("sections", _SECTION),
            Many("steps", _STEP),
            Many("events", _EVENT),
            Many("notes", note),
        ],
        {
            **{name: name for name in _SUMMARY_COLUMNS},
            "owner": {"type": "owner_type", "id": "owner_id", "name": "owner_name"},
            "created_at": "created_at",
            "updated_at": "updated_at",
            "ingredients": "ingredients",
            "sections": "sections",
            "steps": "steps",
            "timeline": {"events": "events", "notes": "notes"},
        },
    )


RECIPE = _recipe(_NOTE)
RECIPE_APART = _recipe(NOTE_APART)
