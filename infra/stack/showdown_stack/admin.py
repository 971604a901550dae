"""The second port of the upstream and of the link: counters to read, and settings to change."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from typing import Any

from showdown_contract.errors import ShowdownError

from showdown_stack.ports import LOOPBACK

ANSWER_SECONDS = 2.0
MOST_BYTES = 64 * 1024


@dataclass(frozen=True)
class Admin:
    """Where one of them is asked."""

    who: str
    """In messages."""
    port: int
    token: str = field(repr=False)
    """So that no service can change what it is measured with."""

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.port}"

    @property
    def headers(self) -> dict[str, str]:
        """What has to be said there."""
        return {"Authorization": f"Bearer {self.token}"}

    def get(self, path: str) -> Any:
        """Raises ShowdownError."""
        return self._ask("GET", path)

    def put_settings(self, settings: Mapping[str, Any]) -> None:
        """Raises ShowdownError."""
        self._ask("PUT", "/settings", json.dumps(settings))

    def post(self, path: str) -> Any:
        """Raises ShowdownError."""
        return self._ask("POST", path)

    def answers(self) -> bool:
        """Whether it is up."""
        try:
            self.get("/counters")
        except ShowdownError:
            return False
        return True

    def _ask(self, method: str, path: str, body: str | None = None) -> Any:
        connection = HTTPConnection(LOOPBACK, self.port, timeout=ANSWER_SECONDS)
        try:
            connection.request(method, path, body, self.headers)
            answer = connection.getresponse()
            said = json.loads(answer.read(MOST_BYTES))
        except (OSError, HTTPException, ValueError) as error:
            raise ShowdownError(f"the {self.who} does not answer {method} {path}: {error}") from None
        finally:
            connection.close()
        if answer.status != HTTPStatus.OK:
            raise ShowdownError(f"the {self.who} refuses {method} {path}: {said['error']}")
        return said
