"""Checks the parts of a request. Nothing here knows a framework; every refusal is an ApiError."""

import re
from collections.abc import Iterable
from typing import Annotated
from urllib.parse import parse_qsl

import msgspec

from python_service.errors import ApiError, ErrorKind

MAX_BODY_BYTES = 16384
MAX_BIGINT = 2**63 - 1
MAX_LIMIT = 500
DEFAULT_LIMIT = 100
# HTTP's white space. Any other that Unicode has is part of a value.
WHITE_SPACE = " \t"

# [0-9], not \d: digits of other scripts are refused, although int() would accept them.
_NUMBER = re.compile(r"0|[1-9][0-9]{0,18}")
_SESSION = re.compile(r"(?:^|;)[ \t]*sessionid=([A-Za-z0-9_-]{1,128})[ \t]*(?:;|\Z)")


class _Note(msgspec.Struct, forbid_unknown_fields=True):
    text: Annotated[str, msgspec.Meta(min_length=1, max_length=2000)]


_NOTE = msgspec.json.Decoder(_Note)


def cookie(fields: Iterable[str]) -> str:
    """Several Cookie fields, joined into one."""
    return "; ".join(fields)


def session_key(cookie: str | None) -> str:
    """The session key in a Cookie header. Raises UNAUTHORIZED where none has the right form."""
    match = _SESSION.search(cookie) if cookie else None
    if match is None:
        raise ApiError(ErrorKind.UNAUTHORIZED)
    return match[1]


def recipe_id(text: str) -> int:
    """The id in a path. Raises BAD_ID."""
    return _number(text, 1, MAX_BIGINT, ErrorKind.BAD_ID)


def page(query_string: str) -> tuple[int, int]:
    """`limit` and `after` in a query string as it was sent. Raises BAD_LIMIT, or else BAD_AFTER."""
    given: dict[str, list[str]] = {"limit": [], "after": []}
    for name, value in parse_qsl(query_string, keep_blank_values=True):
        if name in given:
            given[name].append(value)
    limit = _at_most_one(given["limit"], DEFAULT_LIMIT, 1, MAX_LIMIT, ErrorKind.BAD_LIMIT)
    return limit, _at_most_one(given["after"], 0, 0, MAX_BIGINT, ErrorKind.BAD_AFTER)


def require_json(content_type: str | None) -> None:
    """Raise UNSUPPORTED_MEDIA_TYPE for any type but application/json, which may have any parameters."""
    if content_type is None or content_type.partition(";")[0].strip(WHITE_SPACE).lower() != "application/json":
        raise ApiError(ErrorKind.UNSUPPORTED_MEDIA_TYPE)


def require_small(size: int) -> None:
    """Raise BODY_TOO_LARGE for a body of more than MAX_BODY_BYTES."""
    if size > MAX_BODY_BYTES:
        raise ApiError(ErrorKind.BODY_TOO_LARGE)


def note_text(body: bytes) -> str:
    """The text in the body of a new note. Raises BAD_BODY."""
    try:
        text = _NOTE.decode(body).text
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise ApiError(ErrorKind.BAD_BODY) from None
    if "\0" in text:
        raise ApiError(ErrorKind.BAD_BODY)
    return text


def _at_most_one(values: list[str], default: int, low: int, high: int, kind: ErrorKind) -> int:
    if len(values) > 1:
        raise ApiError(kind)
    return _number(values[0], low, high, kind) if values else default


def _number(text: str, low: int, high: int, kind: ErrorKind) -> int:
    if not _NUMBER.fullmatch(text) or not low <= (number := int(text)) <= high:
        raise ApiError(kind)
    return number
