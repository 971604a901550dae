"""Counts how often Python's ssl loads CAs, and times it: by a method of ssl.SSLContext around each that loads.

Prints a line for each operation and what is trusted. It cannot see into pyreqwest, which has its own TLS.
"""

import json
import ssl
import sys
import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from outbound.benchmarks import plan
from outbound.operations import cpu_seconds

CALLS = 10
# Whatever else loads CAs calls these.
LOADING = ("load_verify_locations", "set_default_verify_paths")


class Loads:
    """How many there were, and the CPU time that they took."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        self.count = 0
        self.nanoseconds = 0

    def around(self, method: Callable[..., None]) -> Callable[..., None]:
        @wraps(method)
        def counted(*arguments: Any, **more: Any) -> None:
            before = time.process_time_ns()
            try:
                method(*arguments, **more)
            finally:
                self.count += 1
                self.nanoseconds += time.process_time_ns() - before

        return counted


def main(module: str) -> None:
    loads = Loads()
    for name in LOADING:
        setattr(ssl.SSLContext, name, loads.around(getattr(ssl.SSLContext, name)))
    for operation, trusted in plan(module):
        seconds = cpu_seconds(module, operation, trusted, CALLS, loads.forget)
        counted = {
            "loads": loads.count / CALLS,
            "load_seconds": loads.nanoseconds / CALLS / 1e9,
            "seconds": seconds / CALLS,
        }
        sys.stdout.write(json.dumps({"operation": operation, "trusted": trusted} | counted) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
