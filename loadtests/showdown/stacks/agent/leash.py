"""Ties work to its caller: it ends when the caller closes stdin, or when the connection is lost."""

import json
import select
import sys
import time
from collections.abc import Callable
from typing import Any, BinaryIO

from showdown_contract.errors import ShowdownError

POLL_SECONDS = 0.1


class Leash:
    """Tells, from stdin, whether the caller still wants the work."""

    def __init__(self, stdin: BinaryIO) -> None:
        """`stdin` must be unbuffered, for select does not see what a buffer holds."""
        self._stdin = stdin

    def request(self) -> Any:
        """Read the line of JSON that holds the arguments. Raises ShowdownError if the line is not JSON."""
        line = self._stdin.readline()
        try:
            return json.loads(line)
        except ValueError:
            raise ShowdownError(f"a request is a line of JSON, not {line[:200]!r}") from None

    def heard(self) -> Any | None:
        """Another line of JSON, if one has come; takes POLL_SECONDS if none has. Raises ShowdownError."""
        readable, _, _ = select.select([self._stdin], [], [], POLL_SECONDS)
        return self.request() if readable else None

    def held_until(self, moment: float, check: Callable[[], object] = lambda: None) -> bool:
        """Wait until a moment, in seconds since 1970. Whether the caller still wants the work.

        `check` is called now and then, and may raise something.
        """
        while (left := moment - time.time()) > 0:
            if left < POLL_SECONDS:
                time.sleep(left)
            elif not self.held():
                return False
            check()
        return True

    def held(self) -> bool:
        """Whether the caller still wants the work. Takes POLL_SECONDS if so."""
        readable, _, _ = select.select([self._stdin], [], [], 0)
        if readable and not self._stdin.read(1):
            return False
        time.sleep(POLL_SECONDS)
        return True


def announce(answer: object) -> None:
    """Send a line of JSON to the caller."""
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()
