"""Serves the app with an HTTP server that does not read the service's settings: python -m …serve SERVER."""

import os
import sys
from pathlib import Path

from python_service.settings import Settings, load_or_exit

APP = "python_service.starlette_app.app:app"
# For requests that are under way at the end.
DRAIN_SECONDS = 8


def hypercorn(settings: Settings) -> list[str]:
    return [
        *("hypercorn", "--bind", f"{settings.host}:{settings.port}", "--workers", str(settings.workers)),
        *("--worker-class", "uvloop", "--graceful-timeout", str(DRAIN_SECONDS), APP),
    ]


def granian(settings: Settings) -> list[str]:
    return [
        *("granian", "--interface", "asgi", "--host", settings.host, "--port", str(settings.port)),
        *("--workers", str(settings.workers), "--loop", "uvloop", "--http", "1", "--no-ws"),
        *("--workers-kill-timeout", str(DRAIN_SECONDS), APP),
    ]


SERVERS = {"hypercorn": hypercorn, "granian": granian}


def main() -> None:
    """Become the server, so that signals reach it."""
    command = SERVERS[sys.argv[1]](load_or_exit())
    program = Path(sys.executable).with_name(command[0])
    os.execv(program, [str(program), *command[1:]])  # noqa: S606 - the server's own program


if __name__ == "__main__":
    main()
