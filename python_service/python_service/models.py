"""The documents as pydantic models, for SERIALIZER=pydantic and FastAPI. Members are in the contract's order."""

from pydantic import AwareDatetime, BaseModel


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


class Summary(BaseModel):
    id: int
    title: str
    author: str | None
    source: str | None
    servings: str | None
    minutes: int | None
    tags: list[str]
    archived: bool
    created_at: AwareDatetime
    updated_at: AwareDatetime


class Page(BaseModel):
    recipes: list[Summary]
    next_after: int | None
