"""Asks the upstream for the facts of id 1, and passes on its answer."""

import os
import signal
import ssl
import sys
from http import HTTPStatus
from http.client import HTTPException, HTTPSConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

SECONDS = 5.0
URL = urlsplit(os.environ.get("UPSTREAM_URL", ""))
TLS = ssl.create_default_context(cafile=os.environ.get("UPSTREAM_CA"))
SHARED = os.environ["CLIENT"] == "shared"


class Handler(BaseHTTPRequestHandler):
    """Has a thread for each connection, and there its connection to the upstream."""

    protocol_version = "HTTP/1.1"
    client: HTTPSConnection | None = None

    def do_GET(self) -> None:
        if self.path == "/health":
            self.answer(HTTPStatus.OK, b'{"status":"ok"}')
            return
        try:
            self.answer(HTTPStatus.OK, self.facts())
        except (OSError, HTTPException):
            self.client = None
            self.answer(HTTPStatus.BAD_GATEWAY, b"{}")

    def facts(self) -> bytes:
        client = self.client or HTTPSConnection(URL.hostname or "", URL.port, context=TLS, timeout=SECONDS)
        client.request("GET", "/facts/1")
        body = client.getresponse().read()
        if SHARED:
            self.client = client
        else:
            client.close()
        return body

    def answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Log nothing."""


def main() -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    ThreadingHTTPServer((os.environ["HOST"], int(os.environ["PORT"])), Handler).serve_forever()


if __name__ == "__main__":
    main()
