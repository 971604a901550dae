"""Serves a run's page on this machine, and tells it when there are newer results."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock, Thread

from showdown_contract.errors import ShowdownError
from showdown_stack.ports import LOOPBACK

from showdown.measure.results import COMPRESSED, FILE, read_run
from showdown.report.html.page import page, waiting
from showdown.report.prices import Prices
from showdown.report.summary import summarize

# Of a request, and of an answer that nobody takes.
TIMEOUT_SECONDS = 10.0
NONE_YET = "none"


class Watched:
    """A run's folder, while the run goes on."""

    def __init__(self, folder: Path, prices: Prices | None) -> None:
        self._folder = folder
        self._prices = prices
        self._lock = Lock()
        self._made: tuple[str, str] | None = None

    def version(self) -> str:
        """Another one whenever there are other results."""
        for name in (FILE, COMPRESSED):
            try:
                found = (self._folder / name).stat()
            except OSError:
                continue
            return f"{found.st_mtime_ns}-{found.st_size}"
        return NONE_YET

    def page(self) -> str:
        """Of the newest results, made once for all who ask for it."""
        with self._lock:
            version = self.version()
            if self._made is None or self._made[0] != version:
                self._made = version, self._page(version)
            return self._made[1]

    def _page(self, version: str) -> str:
        if version == NONE_YET:
            return waiting(f"{self._folder} has none yet: the first come when a block is over.", version)
        try:
            return page(summarize(read_run(self._folder), self._prices), version=version)
        except ShowdownError as error:
            return waiting(str(error), version)


@contextmanager
def watching(folder: Path, prices: Prices | None, port: int = 0) -> Iterator[str]:
    """Serve until the end of the context; gives the URL. `port`: 0 is any free one. Raises OSError."""
    watched = Watched(folder, prices)
    with ThreadingHTTPServer((LOOPBACK, port), _handler(watched)) as server:
        server.daemon_threads = True
        thread = Thread(target=server.serve_forever, name="live", daemon=True)
        thread.start()
        try:
            yield f"http://{LOOPBACK}:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()


def _handler(watched: Watched) -> type[BaseHTTPRequestHandler]:
    answers: dict[str, tuple[str, Callable[[], str]]] = {
        "/": ("text/html", watched.page),
        "/version": ("text/plain", watched.version),
    }

    class Handler(BaseHTTPRequestHandler):
        """Two addresses, which only read."""

        timeout = TIMEOUT_SECONDS

        def do_GET(self) -> None:
            # Another site's name that leads here is not for us: its scripts would read the page.
            if self.headers["Host"] != f"{LOOPBACK}:{self.connection.getsockname()[1]}":
                self.send_error(HTTPStatus.MISDIRECTED_REQUEST)
            elif self.path not in answers:
                self.send_error(HTTPStatus.NOT_FOUND)
            else:
                kind, answer = answers[self.path]
                body = answer().encode()
                self.send_response(HTTPStatus.OK)
                self.send_header("Content-Type", f"{kind}; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.send_header("Cache-Control", "no-store")
                self.send_header("X-Content-Type-Options", "nosniff")
                self.end_headers()
                self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class calls it so
            """Say nothing: the terminal is the reader's."""

    return Handler
