"""Work goes on while whoever asked for it holds the other end of stdin: a lost connection ends it, too."""

import json
import select
import sys
import time
from collections.abc import Callable
from typing import Any, BinaryIO

from showdown_contract.errors import ShowdownError

POLL_SECONDS = 0.1


class Leash:
    """The caller's end of stdin."""

    def __init__(self, stdin: BinaryIO) -> None:
        """`stdin`: unbuffered, for what is in a buffer would not be seen by select."""
        self._stdin = stdin

    def request(self) -> Any:
        """The one line of JSON that is sent before the work. Raises ShowdownError where there is none."""
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
        """Whether the caller still wants the work; takes POLL_SECONDS if he does."""
        readable, _, _ = select.select([self._stdin], [], [], 0)
        if readable and not self._stdin.read(1):
            return False
        time.sleep(POLL_SECONDS)
        return True


def announce(answer: object) -> None:
    """Send a line of JSON to the caller."""
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()
