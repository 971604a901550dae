"""gunicorn's worker class for the Starlette app."""

from typing import Any, ClassVar

from python_service.starlette_app.draining import DRAIN_SECONDS, DrainingWorker
from python_service.starlette_app.http_protocol import HttpProtocol
from python_service.starlette_app.loop import Loop


class Worker(DrainingWorker):
    """uvicorn on uvloop and httptools, without the features that this API does not use."""

    CONFIG_KWARGS: ClassVar[dict[str, Any]] = {
        "loop": f"{Loop.__module__}:{Loop.__name__}",
        "http": HttpProtocol,
        "ws": "none",
        "lifespan": "on",
        "server_header": False,
        # Nothing here reads the client's address.
        "proxy_headers": False,
        "timeout_graceful_shutdown": DRAIN_SECONDS,
    }
