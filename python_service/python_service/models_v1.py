"""Rows to models of pydantic 1, for SERIALIZER=pydantic-v1: making a model validates its row.

models.py has the same models for pydantic 2, which is much faster; document.py makes dicts.
"""

from collections.abc import Sequence
from datetime import datetime

from pydantic.v1 import BaseModel

from python_service.document import Row


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
    created_at: datetime


class Reaction(BaseModel):
    id: int
    emoji: str
    created_by: Person
    created_at: datetime


class Note(BaseModel):
    id: int
    text: str
    created_by: Person
    created_at: datetime
    updated_at: datetime
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
    created_at: datetime
    updated_at: datetime
    ingredients: list[Ingredient]
    sections: list[Section]
    steps: list[Step]
    timeline: Timeline


class Summary(BaseModel):
    id: int
    title: str
    author: str | None
    source: str | None
    servings: str | None
    minutes: int | None
    tags: list[str]
    archived: bool
    created_at: datetime
    updated_at: datetime


class Page(BaseModel):
    recipes: list[Summary]
    next_after: int | None


def recipe(row: Row) -> Recipe:
    """The whole document, from a row of recipe_single.sql."""
    id_, title, author, source, servings, minutes, tags, archived, *more = row
    owner_type, owner_id, owner_name, created_at, updated_at, *children = more
    ingredients, sections, steps, events, notes = children
    return Recipe(
        id=id_,
        title=title,
        author=author,
        source=source,
        servings=servings,
        minutes=minutes,
        tags=tags,
        archived=archived,
        owner=Owner(type=owner_type, id=owner_id, name=owner_name),
        created_at=created_at,
        updated_at=updated_at,
        ingredients=[
            Ingredient(
                id=id_, position=position, quantity=quantity, name=name, description=description, optional=optional
            )
            for id_, position, quantity, name, description, optional in ingredients or ()
        ],
        sections=[Section(id=id_, position=position, title=title) for id_, position, title in sections or ()],
        steps=[Step(id=id_, position=position, text=text) for id_, position, text in steps or ()],
        timeline=Timeline(
            events=[
                Event(
                    id=id_,
                    action=action,
                    created_by=None if person is None else Person(id=person, name=name),
                    created_at=created_at,
                )
                for id_, action, person, name, created_at in events or ()
            ],
            notes=[note(row) for row in notes or ()],
        ),
    )


def note(row: Row) -> Note:
    """One note, from the columns of notes.sql and its reactions: rows of reactions.sql without note_id, or None."""
    id_, text, person, name, created_at, updated_at, reactions = row
    return Note(
        id=id_,
        text=text,
        created_by=Person(id=person, name=name),
        created_at=created_at,
        updated_at=updated_at,
        reactions=[
            Reaction(id=id_, emoji=emoji, created_by=Person(id=person, name=name), created_at=created_at)
            for id_, emoji, person, name, created_at in reactions or ()
        ],
    )


def recipe_list(rows: Sequence[Row], next_after: int | None) -> Page:
    """A page of summaries, from the rows of recipe_list.sql."""
    return Page(
        recipes=[
            Summary(
                id=id_,
                title=title,
                author=author,
                source=source,
                servings=servings,
                minutes=minutes,
                tags=tags,
                archived=archived,
                created_at=created_at,
                updated_at=updated_at,
            )
            for id_, title, author, source, servings, minutes, tags, archived, created_at, updated_at in rows
        ],
        next_after=next_after,
    )
