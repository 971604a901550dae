"""How the end of a process, a task or a unit is reported."""

from abc import ABC, abstractmethod


class Ending(ABC):
    """Something that was started and may end: a process, a task of a host, a systemd unit."""

    name: str

    @property
    @abstractmethod
    def result(self) -> str:
        """Such as `exit code 3`."""

    @abstractmethod
    def log_tail(self) -> str:
        """The end of its log, and where to find it all."""

    def how_it_ended(self, when: str = "") -> str:
        """A message with its result and the end of its log. `when`: such as " in mid-run"."""
        return f"{self.name} ended{when} ({self.result}).\n{self.log_tail()}"
