"""What the upstream answers, and the document that is made of it."""

from collections.abc import Sequence
from typing import TypeVar

import msgspec
import orjson

from python_service.upstream.calls import CallError

_A = TypeVar("_A", bound="_Answer")
_NUMBER = frozenset(b"-0123456789")


class _Answer(msgspec.Struct):
    id: int


class _Analysis(_Answer):
    summary: str
    confidence: msgspec.Raw


class _Facts(_Answer):
    energy_kcal: msgspec.Raw
    protein_g: msgspec.Raw
    fat_g: msgspec.Raw
    carbohydrate_g: msgspec.Raw


class _Price(_Answer):
    price_cents: msgspec.Raw
    currency: str


_ANALYSIS = msgspec.json.Decoder(_Analysis)
_FACTS = msgspec.json.Decoder(_Facts)
_PRICE = msgspec.json.Decoder(_Price)


def nutrition(recipe_id: int, name: str, bodies: Sequence[bytes]) -> bytes:
    """The document as JSON, from the bodies of RESOURCES in their order. Raises CallError for a body that is not right.

    Numbers are carried as the upstream wrote them.
    """
    analysis_body, facts_body, price_body = bodies
    analysis = _read(_ANALYSIS, analysis_body, recipe_id)
    facts = _read(_FACTS, facts_body, recipe_id)
    price = _read(_PRICE, price_body, recipe_id)
    numbers = (analysis.confidence, facts.energy_kcal, facts.protein_g, facts.fat_g, facts.carbohydrate_g)
    confidence, energy, protein, fat, carbohydrate = map(_number, numbers)
    return (
        b'{"id":%d,"name":%b,"summary":%b,"confidence":%b,"energy_kcal":%b,"protein_g":%b,"fat_g":%b,'
        b'"carbohydrate_g":%b,"price_cents":%b,"currency":%b}'
    ) % (
        recipe_id,
        orjson.dumps(name),
        orjson.dumps(analysis.summary),
        *(confidence, energy, protein, fat, carbohydrate),
        _number(price.price_cents),
        orjson.dumps(price.currency),
    )


def _read(decoder: msgspec.json.Decoder[_A], body: bytes, recipe_id: int) -> _A:
    try:
        answer = decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise CallError(f"the body is not the resource: {error}") from None
    if answer.id != recipe_id:
        raise CallError(f"the body is of recipe {answer.id}")
    return answer


def _number(raw: msgspec.Raw) -> bytes:
    """A value that has been read as JSON, if it is a number."""
    text = bytes(raw)
    if text[0] not in _NUMBER:
        raise CallError("a member that must be a number is none")
    return text
