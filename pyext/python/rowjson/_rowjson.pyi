"""The Rust module."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, Protocol, Self, TypeAlias, final

__version__: str

class _Row(Protocol):
    """One row: an asyncpg.Record, or a tuple or list in the order of the shape's columns."""

    def __len__(self) -> int: ...
    def __getitem__(self, index: int, /) -> Any: ...

# Rows packed by Postgres: any number of record_send's results, one after the other.
_Packed: TypeAlias = bytes | bytearray | memoryview

_Document: TypeAlias = Mapping[str, _Member]
_Member: TypeAlias = str | _Document | Nullable | Nest | Group

def dumps(
    value: Any,
    /,
    *,
    default: Callable[[Any], Any] | None = None,
    bytes: Literal["base64", "hex"] = "base64",
) -> bytes:
    """JSON as compact UTF-8.

    `default` is called with an object that has no JSON form, and its result is encoded instead.
    `bytes` says how binary data is written.
    Raises TypeError for what cannot be encoded, and ValueError for rows that do not fit their shape. The message
    names the path to the value, such as $[3].notes[0].rating.
    """

def packed(query: str, shape: Shape | None = None, /) -> str:
    """A query that returns one value: all rows of `query`, packed; NULL if there are none.

    The query may have $1-style parameters, and must be one that can stand in FROM (…). Pass the shape that will
    write the rows, and Postgres converts them as its columns declare: a Column of text or JSON is cast to that, and
    a domain becomes the type that it is based on. Shapes with such columns, and rows with types of users and
    extensions, need it.
    """

@final
class Fragment:
    """JSON that exists already: written as it is, not checked."""

    def __new__(cls, contents: str | bytes, /) -> Self: ...

@final
class Column:
    """A column with a declared type.

    `type` is the name of a built-in type as in pg_type (text, int4, numeric…), or with [] of an array of it.
    json and jsonb embed text that is JSON already, packed or not. With rows that are packed by the shape, Postgres
    casts a column that is declared as text or JSON to that, whatever its type is (an enum, ltree, money), and makes
    an array of a domain one of the declared type. Otherwise the type of the value itself decides.
    """

    def __new__(cls, name: str, type: str) -> Self: ...

@final
class One:
    """A column that holds a row (a composite): an object, or null."""

    def __new__(cls, name: str, shape: Shape) -> Self: ...

@final
class Many:
    """A column that holds rows (an array of composites): an array of objects; NULL is an empty one."""

    def __new__(cls, name: str, shape: Shape) -> Self: ...

@final
class Nullable:
    """An object, or null where this column is NULL."""

    def __new__(cls, column: str, document: _Document) -> Self: ...

@final
class Nest:
    """The rows of another query that belong to this row: those whose `key` equals this row's `parent`.

    `rows` is the name of the keyword argument with which they are passed to Shape.row and Shape.rows. `key` is a
    column of `shape`. The rows keep their order. Keys are whole numbers and bools, or texts, UUIDs and addresses;
    matching a number with a text is an error, because they are never equal. Without `key` and `parent`, all of them
    belong to this row.
    """

    def __new__(cls, rows: str, shape: Shape, *, key: str | None = None, parent: str | None = None) -> Self: ...

@final
class Group:
    """In a shape with group_by: an array of objects, one for each of the group's rows.

    Rows whose `column` is NULL are left out, such as the row that a LEFT JOIN adds if there are no children.
    """

    def __new__(cls, column: str, document: _Document) -> Self: ...

@final
class Shape:
    """A document, declared once: which columns its rows have, and what is made of them.

    `columns` are all columns of a row, in order. `document` maps each member to the name of a column, to a mapping
    of members, or to a Nullable, Nest or Group; without it, each column is a member under its own name.
    `group_by` makes one object of consecutive rows that are equal in this column; its members come from the first.
    Raises ValueError for a declaration that contradicts itself.
    """

    def __new__(
        cls,
        columns: Sequence[str | Column | One | Many],
        document: _Document | None = None,
        *,
        group_by: str | None = None,
    ) -> Shape: ...
    def row(self, row: _Row | _Packed, /, **nested: Sequence[_Row] | _Packed | None) -> Shaped:
        """One row (with group_by: the rows of one group), for dumps to write as an object."""

    def rows(self, rows: Sequence[_Row] | _Packed | None, /, **nested: Sequence[_Row] | _Packed | None) -> Shaped:
        """Rows, for dumps to write as an array."""

@final
class Shaped:
    """Rows with their shape, which dumps writes wherever they stand."""
