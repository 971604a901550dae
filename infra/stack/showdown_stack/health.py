"""Asks whether a service is ready, and remembers its last answer."""

from dataclasses import dataclass
from http import HTTPStatus

from showdown_stack.answers import fault

SECONDS = 2.0
MOST_BYTES = 4096


@dataclass
class Health:
    """Asks a service for its health."""

    url: str
    path: str
    last: str = "not asked yet"
    """Its last answer."""

    def ready(self) -> bool:
        """Ask now; True if the answer is 200."""
        found = fault(
            lambda answer: None if answer.status == HTTPStatus.OK else f"status {answer.status}",
            self.url, "GET", self.path, None, {}, SECONDS, MOST_BYTES,
        )  # fmt: skip
        self.last = found or "status 200"
        return found is None

    def __str__(self) -> str:
        return f"GET {self.url}{self.path}: {self.last}"
