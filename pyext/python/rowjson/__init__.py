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
    packed,
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
