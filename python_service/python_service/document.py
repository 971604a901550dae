"""Rows to documents: what most serializers start from.

A row is a sequence, read by position in the order of its query's columns. A document holds what the
JSON will say, with members in the contract's order; its timestamps are still datetimes, in UTC.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias

Row: TypeAlias = Sequence[Any]
Document: TypeAlias = dict[str, Any]


def recipe(row: Row) -> Document:
    """The whole document, from a row of recipe_single.sql."""
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
            for id_, position, quantity, name, description, optional in ingredients or ()
        ],
        "sections": [{"id": id_, "position": position, "title": title} for id_, position, title in sections or ()],
        "steps": [{"id": id_, "position": position, "text": text} for id_, position, text in steps or ()],
        "timeline": {
            "events": [
                {
                    "id": id_,
                    "action": action,
                    "created_by": None if person is None else {"id": person, "name": name},
                    "created_at": created_at,
                }
                for id_, action, person, name, created_at in events or ()
            ],
            "notes": [note(row) for row in notes or ()],
        },
    }


def note(row: Row) -> Document:
    """One note, from the columns of notes.sql and its reactions: rows of reactions.sql without note_id, or None."""
    id_, text, person, name, created_at, updated_at, reactions = row
    return {
        "id": id_,
        "text": text,
        "created_by": {"id": person, "name": name},
        "created_at": created_at,
        "updated_at": updated_at,
        "reactions": [
            {"id": id_, "emoji": emoji, "created_by": {"id": person, "name": name}, "created_at": created_at}
            for id_, emoji, person, name, created_at in reactions or ()
        ],
    }


def with_reactions(notes: Iterable[Row], reactions: Iterable[Row]) -> list[Row]:
    """The rows of notes.sql, each with its rows of reactions.sql as the last column, as in recipe_single.sql."""
    by_note: defaultdict[int, list[Row]] = defaultdict(list)
    for note_id, *reaction in reactions:
        by_note[note_id].append(reaction)
    return [(*note, by_note[note[0]]) for note in notes]


def recipe_list(rows: Sequence[Row], next_after: int | None) -> Document:
    """A page of summaries, from the rows of recipe_list.sql."""
    return {
        "recipes": [
            {
                "id": id_,
                "title": title,
                "author": author,
                "source": source,
                "servings": servings,
                "minutes": minutes,
                "tags": tags,
                "archived": archived,
                "created_at": created_at,
                "updated_at": updated_at,
            }
            for id_, title, author, source, servings, minutes, tags, archived, created_at, updated_at in rows
        ],
        "next_after": next_after,
    }
