"""gunicorn's worker class for the Starlette app."""

from typing import Any, ClassVar

from uvicorn_worker import UvicornWorker

from python_service.starlette_app.protocol import Protocol

# A second less than gunicorn's graceful_timeout, which kills.
DRAIN_SECONDS = 9


class Worker(UvicornWorker):  # type: ignore[misc]  # uvicorn-worker has no types
    """uvicorn on uvloop and httptools, without what this API has no use for."""

    CONFIG_KWARGS: ClassVar[dict[str, Any]] = {
        "loop": "uvloop",
        "http": Protocol,
        "ws": "none",
        "lifespan": "on",
        "server_header": False,
        # Nothing here reads the client's address.
        "proxy_headers": False,
        "timeout_graceful_shutdown": DRAIN_SECONDS,
    }
