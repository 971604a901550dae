"""Does at each path something that limits it: no answer says more than that it is done."""

import hashlib
import os
import signal
import ssl
import sys
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.request import urlopen

from psycopg_pool import ConnectionPool

POOL_SIZE = int(os.environ["POOL_SIZE"])
POOL = ConnectionPool(
    os.environ["DATABASE_URL"], min_size=POOL_SIZE, max_size=POOL_SIZE, kwargs={"autocommit": True}, open=False
)
# Some 0.1 s of CPU time, without Python's lock: many users have it on more than one core.
ROUNDS = 200_000
STATEMENTS = {
    # Connections that all came back at one moment would now and then be seen unused.
    "/limited/pool": ["SELECT pg_sleep(0.5 + 0.6 * random())"],
    # Who has the row keeps it for a while.
    "/limited/locks": ["BEGIN", "UPDATE counter SET value = value + 1 WHERE id = 1", "SELECT pg_sleep(0.05)", "COMMIT"],
    "/limited/disk": ["BEGIN", "SELECT use_slow_disk()", "INSERT INTO written DEFAULT VALUES", "COMMIT"],
    "/limited/trips": 5 * ["SELECT 1"],
    "/limited/database": ["SELECT in_turn()"],
    "/limited/database-cpu": ["SELECT busy()"],
}


class Handler(BaseHTTPRequestHandler):
    """Has a thread for each connection."""

    protocol_version = "HTTP/1.1"
    # A head that is sent apart from its body waits for the client's acknowledgement.
    wbufsize = -1

    def do_GET(self) -> None:
        if self.path == "/health":
            self.answer(b'{"status":"ok"}')
            return
        if self.path == "/limited/cpu":
            hashlib.pbkdf2_hmac("sha256", b"", b"", ROUNDS)
        elif self.path == "/limited/upstream":
            trusted = ssl.create_default_context(cafile=os.environ["UPSTREAM_CA"])
            with urlopen(f"{os.environ['UPSTREAM_URL']}/facts/1", context=trusted) as answer:  # noqa: S310 - the stack's
                answer.read()
        else:
            with POOL.connection() as connection:
                for statement in STATEMENTS[self.path]:
                    connection.execute(statement)
        self.answer(b'{"status":"done"}')

    def answer(self, body: bytes) -> None:
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Log nothing."""


def main() -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    POOL.open(wait=True)
    ThreadingHTTPServer((os.environ["HOST"], int(os.environ["PORT"])), Handler).serve_forever()


if __name__ == "__main__":
    main()
