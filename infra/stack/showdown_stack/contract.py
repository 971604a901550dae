"""What the tiers have to know of a contract: its data set, its routes, and what haproxy answers by itself."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Protocol, runtime_checkable


class DataSet(Protocol):
    """What Postgres holds before anything is asked."""

    @property
    def sources(self) -> Iterable[Path]:
        """The files that it is made from."""

    @property
    def grants(self) -> Mapping[str, Sequence[str]]:
        """What services may do to a table beside reading it."""

    def seed(self, dsn: str, size: int, on_progress: Callable[[int], object]) -> object:
        """Fill an empty database. `on_progress` is told how much is stored. Raises NotEmptyError, ShowdownError."""

    def held(self, dsn: str) -> int | None:
        """The size of what a database holds; None where it is empty. Raises NotEmptyError for another data set."""

    def reset(self, dsn: str) -> object:
        """Undo what clients have written since the seed."""


@runtime_checkable
class SizedData(DataSet, Protocol):
    """One that is as large as asked for."""

    @property
    def default_size(self) -> int: ...

    @property
    def most_size(self) -> int: ...


class Contract(Protocol):
    """What is served."""

    @property
    def name(self) -> str: ...

    @property
    def root(self) -> Path:
        """The folder in which services are started."""

    @property
    def data(self) -> DataSet: ...

    @property
    def health(self) -> str:
        """The path that answers 200 where a service is ready."""

    @property
    def routes(self) -> Sequence[str]:
        """How the paths of the API begin."""

    def error_body(self, status: int) -> bytes:
        """What haproxy answers with this status."""
