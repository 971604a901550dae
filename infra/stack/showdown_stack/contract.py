"""What the tiers need to know about a contract: its data set, its routes, and the answers of haproxy itself."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Protocol, runtime_checkable


class DataSet(Protocol):
    """What Postgres holds before the first request."""

    @property
    def sources(self) -> Iterable[Path]:
        """The files that it is made from."""

    @property
    def grants(self) -> Mapping[str, Sequence[str]]:
        """The rights that services have on each table, besides reading it."""

    def seed(self, dsn: str, size: int, on_progress: Callable[[int], object]) -> object:
        """Fill an empty database. `on_progress` gets the number stored so far. Raises OtherDataError, ShowdownError."""

    def held(self, dsn: str) -> int | None:
        """The size of the data set in a database; None if it is empty. Raises OtherDataError for another data set."""

    def reset(self, dsn: str) -> object:
        """Undo what clients have written since the seed."""


@runtime_checkable
class SizedData(DataSet, Protocol):
    """A data set whose size can be chosen."""

    @property
    def default_size(self) -> int: ...

    @property
    def most_size(self) -> int: ...


class Served(Protocol):
    """What the tiers need of a contract that a service implements."""

    @property
    def name(self) -> str: ...

    @property
    def root(self) -> Path:
        """The folder in which services are started."""

    @property
    def data(self) -> DataSet: ...

    @property
    def health(self) -> str:
        """The path that answers 200 when a service is ready."""

    @property
    def routes(self) -> Sequence[str]:
        """The prefixes of the API's paths."""

    def error_body(self, status: int) -> bytes:
        """The body that haproxy sends with this status."""
