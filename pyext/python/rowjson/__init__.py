"""Rows of Postgres to JSON, without a Python object per value."""

from rowjson._rowjson import (
    Column,
    Fragment,
    Group,
    Many,
    Nest,
    Nullable,
    One,
    Shape,
    Shaped,
    __version__,
    dumps,
)

__all__ = [
    "Column",
    "Fragment",
    "Group",
    "Many",
    "Nest",
    "Nullable",
    "One",
    "Shape",
    "Shaped",
    "__version__",
    "dumps",
    "packed",
]


def packed(query: str, /) -> str:
    # On lines of their own, for the query may end in a comment.
    return f"SELECT string_agg(record_send(t), ''::bytea) FROM (\n{query.rstrip().removesuffix(';')}\n) t"
