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
    """A query whose one row holds one value: all rows of `query`, packed; NULL where there are none.

    The query may hold $1-style parameters; it must be one that can stand in FROM (…).
    """
    # On lines of their own, for the query may end in a comment.
    query = query.rstrip().removesuffix(";")
    # A column of the rows' own name would be sent in their place: so theirs is none that a column has.
    rows = '"rowjson: all columns"'
    return f"SELECT string_agg(record_send({rows}), ''::bytea) FROM (\n{query}\n) {rows}"  # noqa: S608  # SQL from SQL
