"""gunicorn's worker class as in the article: uvicorn's own, as it is without uvloop and httptools."""

from typing import Any, ClassVar

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from python_service.errors import ErrorKind
from python_service.starlette_app.draining import DRAIN_SECONDS, DrainingWorker
from python_service.starlette_app.strict import Strict


class StockProtocol(H11Protocol):
    """uvicorn's protocol, but malformed requests are refused in the contract's form: without a body.

    h11 does not tell whether they are HEADs.
    """

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002  # uvicorn's text
        if self.conn.our_state in {h11.IDLE, h11.SEND_RESPONSE}:
            self.transport.write(ErrorKind.BAD_REQUEST.closing_answer(with_body=False))
        self.transport.close()


class StockWorker(DrainingWorker):
    """uvicorn on asyncio and h11, its choice where nothing faster is installed."""

    CONFIG_KWARGS: ClassVar[dict[str, Any]] = {
        "loop": "asyncio",
        "http": StockProtocol,
        "ws": "none",
        "lifespan": "on",
        "timeout_graceful_shutdown": DRAIN_SECONDS,
    }

    wsgi: Any

    def load_wsgi(self) -> None:
        super().load_wsgi()
        self.wsgi = Strict(self.wsgi)
