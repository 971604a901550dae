"""Documents to JSON, in four ways that give the same bytes."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import TypeAlias

import msgspec
import orjson
from pydantic import BaseModel

from python_service.document import Document
from python_service.settings import SerializerName

# Document, the model of such a document → the body. Only pydantic needs the model.
Serializer: TypeAlias = Callable[[Document, type[BaseModel]], bytes]

_MSGSPEC = msgspec.json.Encoder()


def with_pydantic(document: Document, model: type[BaseModel]) -> bytes:
    """Validated, then dumped."""
    return model.model_validate(document).model_dump_json().encode()


def with_json(document: Document, _model: type[BaseModel]) -> bytes:
    """The standard library's."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"), default=_timestamp).encode()


def with_orjson(document: Document, _model: type[BaseModel]) -> bytes:
    return orjson.dumps(document, option=orjson.OPT_UTC_Z)


def with_msgspec(document: Document, _model: type[BaseModel]) -> bytes:
    return _MSGSPEC.encode(document)


SERIALIZERS: dict[SerializerName, Serializer] = {
    SerializerName.PYDANTIC: with_pydantic,
    SerializerName.JSON: with_json,
    SerializerName.ORJSON: with_orjson,
    SerializerName.MSGSPEC: with_msgspec,
}


def _timestamp(value: object) -> str:
    if not isinstance(value, datetime):
        raise TypeError(f"{type(value).__name__} has no place in a document")
    # isoformat writes no fraction where it is zero and six digits where it is not, as the contract does.
    return value.replace(tzinfo=None).isoformat() + "Z"
