"""gunicorn's worker class as the article had it: uvicorn's own, where neither uvloop nor httptools is installed."""

from typing import Any, ClassVar

from python_service.starlette_app.draining import DRAIN_SECONDS, DrainingWorker


class StockWorker(DrainingWorker):
    """uvicorn on asyncio and h11, which it takes by itself where there is nothing faster."""

    CONFIG_KWARGS: ClassVar[dict[str, Any]] = {
        "loop": "asyncio",
        "http": "h11",
        "ws": "none",
        "lifespan": "on",
        "timeout_graceful_shutdown": DRAIN_SECONDS,
    }
