"""The tables as SQLAlchemy's ORM knows them.

As in https://docs.sqlalchemy.org/en/21/orm/quickstart.html#declare-models. Nothing is loaded by looking at it, which an
event loop cannot wait for: a query names what it loads.
"""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import ARRAY, BigInteger, DateTime, FetchedValue, ForeignKey, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class Base(DeclarativeBase):
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        int: BigInteger,
        datetime: DateTime(timezone=True),
        list[str]: ARRAY(Text),
    }


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class Team(Base):
    __tablename__ = "teams"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class Membership(Base):
    __tablename__ = "memberships"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"), primary_key=True)
    active: Mapped[bool]


class Session(Base):
    __tablename__ = "sessions"

    key: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    expires_at: Mapped[datetime]


class Recipe(Base):
    __tablename__ = "recipes"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    author: Mapped[str | None]
    source: Mapped[str | None]
    servings: Mapped[str | None]
    minutes: Mapped[int | None]
    tags: Mapped[list[str]]
    archived: Mapped[bool]
    owner_user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    owner_team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id"))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    owner_user: Mapped[User | None] = relationship(lazy="raise")
    owner_team: Mapped[Team | None] = relationship(lazy="raise")
    ingredients: Mapped[list["Ingredient"]] = relationship(order_by="Ingredient.position", lazy="raise")
    sections: Mapped[list["Section"]] = relationship(order_by="Section.position", lazy="raise")
    steps: Mapped[list["Step"]] = relationship(order_by="Step.position", lazy="raise")
    events: Mapped[list["Event"]] = relationship(order_by="Event.id", lazy="raise")
    notes: Mapped[list["Note"]] = relationship(order_by="Note.id", lazy="raise")

    @property
    def owner(self) -> dict[str, Any]:
        """As the response model has it."""
        kind, owner = ("user", self.owner_user) if self.owner_team is None else ("team", self.owner_team)
        assert owner is not None  # noqa: S101  # a constraint of the table
        return {"type": kind, "id": owner.id, "name": owner.name}

    @property
    def timeline(self) -> dict[str, Any]:
        """As the response model has it."""
        return {"events": self.events, "notes": self.notes}


class Ingredient(Base):
    __tablename__ = "ingredients"

    id: Mapped[int] = mapped_column(primary_key=True)
    recipe_id: Mapped[int] = mapped_column(ForeignKey("recipes.id"))
    position: Mapped[int]
    quantity: Mapped[str]
    name: Mapped[str]
    description: Mapped[str]
    optional: Mapped[bool]


class Section(Base):
    __tablename__ = "sections"

    id: Mapped[int] = mapped_column(primary_key=True)
    recipe_id: Mapped[int] = mapped_column(ForeignKey("recipes.id"))
    position: Mapped[int]
    title: Mapped[str]


class Step(Base):
    __tablename__ = "steps"

    id: Mapped[int] = mapped_column(primary_key=True)
    recipe_id: Mapped[int] = mapped_column(ForeignKey("recipes.id"))
    position: Mapped[int]
    text: Mapped[str]


class Event(Base):
    __tablename__ = "events"

    id: Mapped[int] = mapped_column(primary_key=True)
    recipe_id: Mapped[int] = mapped_column(ForeignKey("recipes.id"))
    action: Mapped[str]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime]

    created_by: Mapped[User | None] = relationship(lazy="raise")


class Note(Base):
    __tablename__ = "notes"

    id: Mapped[int] = mapped_column(primary_key=True)
    recipe_id: Mapped[int] = mapped_column(ForeignKey("recipes.id"))
    text: Mapped[str]
    created_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    # Postgres has defaults for these, which the INSERT returns.
    created_at: Mapped[datetime] = mapped_column(server_default=FetchedValue())
    updated_at: Mapped[datetime] = mapped_column(server_default=FetchedValue())

    created_by: Mapped[User] = relationship(lazy="raise")
    reactions: Mapped[list["Reaction"]] = relationship(order_by="Reaction.id", lazy="raise")


class Reaction(Base):
    __tablename__ = "reactions"

    id: Mapped[int] = mapped_column(primary_key=True)
    note_id: Mapped[int] = mapped_column(ForeignKey("notes.id"))
    emoji: Mapped[str]
    created_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime]

    created_by: Mapped[User] = relationship(lazy="raise")
