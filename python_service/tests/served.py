"""A service under test: gunicorn in a process of its own, and requests over a real socket."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from python_service.settings import Settings

CHECKOUT = Path(__file__).resolve().parents[2]
COMMANDS = {
    "starlette": [
        "--worker-class",
        "python_service.starlette_app.worker.Worker",
        "python_service.starlette_app.app:app",
    ],
    "starlette-psycopg": [
        "--worker-class",
        "python_service.starlette_app.worker.Worker",
        "python_service.starlette_app.app:app",
    ],
    "starlette-stock": [
        "--worker-class",
        "python_service.starlette_app.stock_worker.StockWorker",
        "python_service.starlette_app.app:app",
    ],
    "fastapi": ["--worker-class", "python_service.starlette_app.worker.Worker", "python_service.fastapi_app.app:app"],
    "django": ["python_service.django_app.wsgi:application"],
    "django-orm": ["python_service.django_orm_app.wsgi:application"],
}
# What else an app is started with.
ENVIRONMENTS = {"starlette-psycopg": {"DRIVER": "psycopg"}}
# Without starlette-stock, which is the same app with the article's worker class.
APPS = ("starlette", "django")
# Apps that differ from these only below the endpoints: in the driver, or in the ORM and what it needs.
ORMS = ("fastapi", "django-orm")
CONTENDERS = ("starlette-psycopg", *ORMS)
ALL = APPS + CONTENDERS
SYNC = ("django", "django-orm")
ADA = {"cookie": "sessionid=golden-ada"}
RECIPE = "/api/v1/recipes/1"


@dataclass(frozen=True)
class Answer:
    """An answer. Header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Service:
    """A running service. `log` is the file of its stderr."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path

    def ask(
        self,
        method: str = "GET",
        path: str = RECIPE,
        headers: Mapping[str, str] = ADA,
        body: bytes | None = None,
    ) -> Answer:
        """Send one request on a new connection, with the path as written."""
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)) as connection:
            connection.putrequest(method, path, skip_accept_encoding=True)
            for name, value in headers.items():
                connection.putheader(name, value.encode())
            if body is not None:
                connection.putheader("content-length", str(len(body)))
            connection.endheaders(body or None)
            response = connection.getresponse()
            answer_headers = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, answer_headers, response.read())

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Stop the service. Returns its exit code."""
        self.process.send_signal(number)
        return self.process.wait(timeout=20)

    def lines(self) -> list[dict[str, Any]]:
        """The whole lines that it has logged so far."""
        return [json.loads(line) for line in self.log.read_text().splitlines(keepends=True) if line.endswith("\n")]


def exchange(port: int, request: bytes) -> tuple[int, bytes]:
    """Send these bytes and nothing more. Returns status and body of the answer."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(request)
        response = http.client.HTTPResponse(connection)
        with closing(response):
            response.begin()
            return response.status, response.read()


def everything(port: int, request: bytes) -> bytes:
    """Send these bytes. Returns all that comes back until the service ends the connection."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(request)
        with connection.makefile("rb") as answers:
            return answers.read()


def command(app: str) -> list[str]:
    return [sys.executable, "-m", "gunicorn", "--config", "python_service/gunicorn.conf.py", *COMMANDS[app]]


def environment(**settings: object) -> dict[str, str]:
    """The tests' environment, in which the service has these settings and no others."""
    kept = {name: value for name, value in os.environ.items() if name.lower() not in Settings.model_fields}
    return kept | {name: str(value) for name, value in settings.items()}


@contextmanager
def serve(app: str, database_url: str, **settings: object) -> Iterator[Service]:
    """Serve the app with these settings, and wait until it answers. By default it has one worker and one connection."""
    port = free_port()
    variables = environment(
        **(
            {"DATABASE_URL": database_url, "PORT": port, "WORKERS": 1, "POOL_SIZE": 1}
            | ENVIRONMENTS.get(app, {})
            | settings
        )
    )
    with tempfile.NamedTemporaryFile(suffix=".log") as log:
        process = subprocess.Popen(command(app), cwd=CHECKOUT, env=variables, stderr=log)
        service = Service(process, port, Path(log.name))
        try:
            _await_healthz(service)
            yield service
        finally:
            process.terminate()
            process.wait(timeout=20)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def with_parameters(url: str, **parameters: str) -> str:
    """The database URL with more connection parameters."""
    parts = urlsplit(url)
    query = "&".join(filter(None, [parts.query, urlencode(parameters)]))
    return parts._replace(query=query.replace("+", "%20")).geturl()


def _await_healthz(service: Service) -> None:
    while service.process.poll() is None:
        try:
            if service.ask(path="/healthz").status == http.HTTPStatus.OK:
                return
        except OSError:
            time.sleep(0.02)
    raise AssertionError(f"exit code {service.process.returncode}: {service.log.read_text()}")
