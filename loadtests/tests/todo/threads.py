"""The to-do list with Python's standard library and psycopg."""

import json
import os
import signal
import sys
from datetime import UTC
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import psycopg
from psycopg.rows import DictRow, dict_row


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Head and body are two writes: without this, the second waits until the client acknowledges the first.
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        match self.path.split("/")[1:]:
            case ["health"]:
                self.answer(200, {"status": "ok"})
            case ["todos"]:
                rows = query("SELECT id, title, done, created_at FROM todos ORDER BY id LIMIT 3")
                self.answer(200, {"todos": rows})
            case ["todos", number] if found := query(
                "SELECT id, title, done, created_at FROM todos WHERE id = %s", int(number)
            ):
                self.answer(200, found[0])
            case _:
                self.answer(404, {"error": "not found"})

    def do_POST(self) -> None:
        title = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["title"]
        self.answer(201, query("INSERT INTO todos (title) VALUES (%s) RETURNING id, title, done, created_at", title)[0])

    def answer(self, status: int, document: Any) -> None:
        body = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Log nothing."""


def query(text: str, *parameters: object) -> list[DictRow]:
    with psycopg.connect(os.environ["DATABASE_URL"], row_factory=dict_row) as connection:
        rows = connection.execute(text.encode(), parameters).fetchall()
    return [row | {"created_at": row["created_at"].astimezone(UTC).isoformat().replace("+00:00", "Z")} for row in rows]


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    ThreadingHTTPServer((os.environ["HOST"], int(os.environ["PORT"])), Handler).serve_forever()
