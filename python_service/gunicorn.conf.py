"""gunicorn's configuration for all apps, from the service's settings. The command names app and worker class:

gunicorn --config python_service/gunicorn.conf.py \
    --worker-class python_service.starlette_app.worker.Worker python_service.starlette_app.app:app
gunicorn --config python_service/gunicorn.conf.py python_service.django_app.wsgi:application

fastapi_app has the first of these worker classes, and django_orm_app the second.
"""

import logging
import signal
from pathlib import Path

from gunicorn.arbiter import Arbiter
from gunicorn.workers.base import Worker
from python_service.observability import workers as metric_files
from python_service.settings import load_or_exit

from python_service import limits, listening, logs, memory

_settings = load_or_exit()
logs.configure(_settings.log_level)
_log = logging.getLogger("python_service.server")

bind = f"[{_settings.host}]:{_settings.port}" if ":" in _settings.host else f"{_settings.host}:{_settings.port}"
workers = _settings.workers
# For the asynchronous apps the command names another one.
worker_class = "python_service.django_app.worker.Worker"
# So that a fault of an app is found once, at the start, and not by each worker again and again.
preload_app = True
backlog = 2048
# Longer than a proxy in front keeps an idle connection, so that the proxy is the one that closes it.
keepalive = limits.IDLE_SECONDS
graceful_timeout = 10
# For a worker that is stuck: no statement takes so long.
timeout = 30
# The most that gunicorn allows.
limit_request_line = 8190
# A field may be as large as a head. The worker bounds the head.
limit_request_field_size = limits.HEAD_BYTES
# No proxy in front sets paths, names or schemes by header fields. Such fields come from clients, and are ignored.
forwarded_allow_ips = ""
# The folder of the file by which a worker shows that it is alive. In memory, so that a busy disk cannot delay it.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108  # gunicorn makes it unguessable
control_socket_disable = True
if _settings.is_measured:
    # Before anything imports prometheus_client.
    metric_files.share(worker_tmp_dir)
loglevel = str(_settings.log_level)
logger_class = logs.GunicornLogger
# uvicorn writes its own lines, by gunicorn's handlers.
accesslog = "-" if _settings.access_log else None
access_log_format = '%(h)s - "%(r)s" %(s)s'


def when_ready(server: Arbiter) -> None:
    # With PORT=0 the system has chosen the port.
    port = server.LISTENERS[0].sock.getsockname()[1]
    _log.info("started", extra=_settings.public() | {"port": port})
    drain = server.handle_term

    def stop() -> None:
        _log.info("stopping")
        for listener in server.LISTENERS:
            listening.take_no_more(listener.sock)
        drain()

    # gunicorn drops requests on SIGINT. Here SIGINT does what SIGTERM does.
    server.handle_term = server.handle_int = stop


def post_worker_init(_worker: Worker) -> None:
    # Ctrl-C reaches every process of the terminal, but the master stops the workers, by SIGTERM.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    memory.begin()


def worker_exit(_server: Arbiter, _worker: Worker) -> None:
    # uvicorn's worker never comes here, for SIGTERM ends it. The Starlette app does this itself.
    memory.log_kept()


def child_exit(_server: Arbiter, worker: Worker) -> None:
    if _settings.is_measured:
        metric_files.forget(worker.pid)


def on_exit(_server: Arbiter) -> None:
    if _settings.is_measured:
        metric_files.remove()
    _log.info("stopped")
