"""Several ways from rows to JSON. All give the same bytes."""

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol, TypeAlias

import msgspec
import orjson
import pydantic.v1
from pydantic import BaseModel

from python_service import document, models, models_v1
from python_service.document import Document, Row
from python_service.settings import HAS_ROWJSON, SerializerName

if HAS_ROWJSON:
    import rowjson

    from python_service import shapes


class Serializer(Protocol):
    """The body of each response, from the rows of the queries."""

    def recipe(self, row: Row, reactions: Sequence[Row] | None = None) -> bytes:
        """From a row of recipe_single.sql; or from one whose notes lack their reactions, and these apart."""

    def recipe_list(self, rows: Sequence[Row], next_after: int | None) -> bytes:
        """A page of summaries, and where the next page starts."""

    def note(self, row: Row) -> bytes:
        """A new note, which has no reactions yet."""


# From a document and its model to JSON. Only pydantic needs the model.
Encode: TypeAlias = Callable[[Document, type[BaseModel]], bytes]


class Documents:
    """Makes dicts, which a JSON library encodes."""

    def __init__(self, encode: Encode) -> None:
        self._encode = encode

    def recipe(self, row: Row, reactions: Sequence[Row] | None = None) -> bytes:
        if reactions is not None:
            *others, notes = row
            row = (*others, document.with_reactions(notes, reactions))
        return self._encode(document.recipe(row), models.Recipe)

    def recipe_list(self, rows: Sequence[Row], next_after: int | None) -> bytes:
        return self._encode(document.recipe_list(rows, next_after), models.Page)

    def note(self, row: Row) -> bytes:
        return self._encode(document.note((*row, None)), models.Note)


class RowModels:
    """Makes one model of pydantic 1 for each row, then dicts, which orjson encodes: as the article's services did."""

    def recipe(self, row: Row, reactions: Sequence[Row] | None = None) -> bytes:
        if reactions is not None:
            *others, notes = row
            row = (*others, document.with_reactions(notes, reactions))
        return _dumps(models_v1.recipe(row))

    def recipe_list(self, rows: Sequence[Row], next_after: int | None) -> bytes:
        return _dumps(models_v1.recipe_list(rows, next_after))

    def note(self, row: Row) -> bytes:
        return _dumps(models_v1.note((*row, None)))


class Shapes:
    """Uses rowjson, without dicts. A row, or all rows, may also be bytes that Postgres has packed."""

    def recipe(self, row: Row, reactions: Sequence[Row] | None = None) -> bytes:
        if reactions is None:
            return rowjson.dumps(shapes.RECIPE.row(row))
        return rowjson.dumps(shapes.RECIPE_APART.row(row, reactions=reactions))

    def recipe_list(self, rows: Sequence[Row], next_after: int | None) -> bytes:
        return rowjson.dumps({"recipes": shapes.SUMMARY.rows(rows), "next_after": next_after})

    def note(self, row: Row) -> bytes:
        return rowjson.dumps(shapes.NOTE_APART.row(row, reactions=None))


def with_pydantic(document: Document, model: type[BaseModel]) -> bytes:
    """Validate the document, then dump it."""
    return model.model_validate(document).model_dump_json().encode()


def with_json(document: Document, _model: type[BaseModel]) -> bytes:
    """Use the standard library."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"), default=_timestamp).encode()


def with_orjson(document: Document, _model: type[BaseModel]) -> bytes:
    return orjson.dumps(document, option=orjson.OPT_UTC_Z)


def with_msgspec(document: Document, _model: type[BaseModel]) -> bytes:
    return _MSGSPEC.encode(document)


_MSGSPEC = msgspec.json.Encoder()


def _dumps(model: pydantic.v1.BaseModel) -> bytes:
    # orjson does not know pydantic 1. It asks for the dict of the outermost model, which holds those of all others.
    return orjson.dumps(model, default=_members, option=orjson.OPT_UTC_Z)


def _members(value: object) -> dict[str, object]:
    if not isinstance(value, pydantic.v1.BaseModel):
        raise TypeError(f"{type(value).__name__} has no place in a document")
    return value.dict()


def _timestamp(value: object) -> str:
    if not isinstance(value, datetime):
        raise TypeError(f"{type(value).__name__} has no place in a document")
    # isoformat writes no fraction where it is zero and six digits where it is not, as the contract does.
    return value.replace(tzinfo=None).isoformat() + "Z"


SERIALIZERS: dict[SerializerName, Serializer] = {
    SerializerName.PYDANTIC: Documents(with_pydantic),
    SerializerName.PYDANTIC_V1: RowModels(),
    SerializerName.JSON: Documents(with_json),
    SerializerName.ORJSON: Documents(with_orjson),
    SerializerName.MSGSPEC: Documents(with_msgspec),
    SerializerName.ROWJSON: Shapes(),
}
