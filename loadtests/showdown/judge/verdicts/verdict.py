"""What a doubt is."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from enum import IntEnum
from typing import ClassVar


class Consequence(IntEnum):
    """What follows from a doubt, from the mildest to the gravest."""

    NOTE = 1
    """The reader is told."""
    UNRANKED = 2
    """The row is shown, dimmed and with the reason, and has no rank."""
    REFUSED = 3
    """The row's numbers are not shown: they are of something else."""


@dataclass(frozen=True)
class About:
    """Which rows a doubt is about. None: of all."""

    scenario: str | None = None
    service_hosts: int | None = None
    variant: str | None = None

    def covers(self, scenario: str, service_hosts: int, variant: str) -> bool:
        """Whether a row is among them."""
        return (
            self.scenario in {None, scenario}
            and self.service_hosts in {None, service_hosts}
            and self.variant in {None, variant}
        )


def signed(share: float, decimals: int = 0) -> str:
    """0.039 is +4%, and -0.039 is −4%."""
    return f"{share:+.{decimals}%}".replace("-", "−")


@dataclass(frozen=True)
class Verdict(ABC):
    """A doubt. Its fields are the numbers behind it."""

    about: About

    label: ClassVar[str]
    """In a table: at most two words."""

    @property
    @abstractmethod
    def consequence(self) -> Consequence: ...

    @property
    @abstractmethod
    def seen(self) -> str:
        """What was seen, with the numbers; the row's name stands before it where it is about one."""

    @property
    @abstractmethod
    def advice(self) -> str:
        """What to do about it, in one sentence."""
