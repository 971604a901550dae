"""What is said of something that was started and has ended."""

from abc import ABC, abstractmethod


class Ending(ABC):
    """Something that was started, and may end; whoever waits for it is told the same of a process, a task, a unit."""

    name: str

    @property
    @abstractmethod
    def result(self) -> str:
        """Such as `exit code 3`."""

    @abstractmethod
    def log_tail(self) -> str:
        """The end of its log, and where to find it all."""

    def how_it_ended(self, when: str = "") -> str:
        """That it ended (`when`: such as " in mid-run"), with what result, and the end of its log."""
        return f"{self.name} ended{when} ({self.result}).\n{self.log_tail()}"
