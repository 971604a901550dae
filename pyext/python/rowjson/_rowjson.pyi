"""What the Rust side offers."""

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

    `default` is called with what has no JSON of its own, and its result is encoded in its place.
    `bytes` says how binary data is written.
    Raises TypeError for what cannot be encoded, and ValueError for rows that are not what their
    shape declares. The message names the path to it, as $[3].notes[0].rating.
    """

def packed(query: str, shape: Shape | None = None, /) -> str:
    """A query whose one row holds one value: all rows of `query`, packed; NULL where there are none.

    The query may hold $1-style parameters; it must be one that can stand in FROM (…). With the shape that will
    write the rows Postgres does what its columns declare: a Column of text or JSON is cast to it, and a domain
    becomes the type that it is over. Shapes with such columns, and rows with types of users and extensions, need it.
    """

@final
class Fragment:
    """JSON that exists already: written as it is, not checked."""

    def __new__(cls, contents: str | bytes, /) -> Self: ...

@final
class Column:
    """A column whose JSON its value alone does not tell.

    `type` is a built-in type's name as in pg_type (text, int4, numeric…), or one with [] for an array of it.
    json and jsonb embed text that holds JSON already, packed or not. Packed by its shape, a column declared as text
    or JSON is what Postgres casts to it, of whatever type it is (an enum, ltree, money), and an array of a domain is
    one of the declared type. Of all others the value's own type says what it is.
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

    `rows` names them: they are given to Shape.row and Shape.rows as the keyword argument of this name.
    `key` is a column of `shape`. They keep their order. Keys are whole numbers (bool among
    them) or texts (UUIDs and addresses are, too); a number is never equal to a text, which is an error. Without `key`
    and `parent` all of them belong to this row.
    """

    def __new__(cls, rows: str, shape: Shape, *, key: str | None = None, parent: str | None = None) -> Self: ...

@final
class Group:
    """In a shape with group_by: an array of objects, one of each of the group's rows.

    A row whose `column` is NULL has none: so the row that a LEFT JOIN makes up for no children.
    """

    def __new__(cls, column: str, document: _Document) -> Self: ...

@final
class Shape:
    """A document, declared once: which columns its rows have, and what is made of them.

    `columns` are all columns of a row, in order. `document` maps each member to a column's name, to an object
    of its own, or to one of Nullable, Nest, Group; without it, each column is a member under its own name.
    `group_by` makes one object of consecutive rows that agree in this column; its members are the first row's.
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
    """Rows with their shape: dumps writes it wherever it stands."""
