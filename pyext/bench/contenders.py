"""Ways from records to JSON, each as a user of the library would write it for speed. All give the same bytes."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeAlias

import msgspec
import orjson
import pydantic
import rowjson

from bench.rows import COLUMNS

# Of asyncpg.Record, which is no Sequence according to asyncpg's stubs.
Records: TypeAlias = list[Any]
Encode: TypeAlias = Callable[[Records], bytes]

ORJSON, ORJSON_DEFAULT, STRUCT, PYDANTIC = "orjson, dict(record)", "orjson, default=dict", "msgspec, Struct", "pydantic"
JSON, MSGSPEC = "json, dict(record)", "msgspec, dict(record)"
ROWJSON, ROWJSON_SHAPE = "rowjson", "rowjson, Shape"


class Model(pydantic.BaseModel):
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


class Struct(msgspec.Struct):
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


SHAPE = rowjson.Shape(COLUMNS)
_MODELS = pydantic.TypeAdapter(list[Model])
_MSGSPEC = msgspec.json.Encoder()


def _json(records: Records) -> bytes:
    rows = [dict(record) for record in records]
    return _JSON.encode(rows).encode()


def _timestamp(value: datetime) -> str:
    return value.replace(tzinfo=None).isoformat() + "Z"


def _pydantic(records: Records) -> bytes:
    return _MODELS.dump_json(_MODELS.validate_python([dict(record) for record in records]))


def _orjson(records: Records) -> bytes:
    return orjson.dumps([dict(record) for record in records], option=orjson.OPT_UTC_Z)


def _orjson_default(records: Records) -> bytes:
    return orjson.dumps(records, default=dict, option=orjson.OPT_UTC_Z)


def _msgspec(records: Records) -> bytes:
    return _MSGSPEC.encode([dict(record) for record in records])


def _struct(records: Records) -> bytes:
    return _MSGSPEC.encode([Struct(*record) for record in records])


def _shape(records: Records) -> bytes:
    return rowjson.dumps(SHAPE.rows(records))


# Made once: json.dumps would make one for each call.
_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=_timestamp)

CONTENDERS: dict[str, Encode] = {
    JSON: _json,
    PYDANTIC: _pydantic,
    ORJSON: _orjson,
    ORJSON_DEFAULT: _orjson_default,
    MSGSPEC: _msgspec,
    STRUCT: _struct,
    ROWJSON: rowjson.dumps,
    ROWJSON_SHAPE: _shape,
}
