"""gunicorn for both apps, from the service's settings. The command names the app and the worker class:

gunicorn --config python_service/gunicorn.conf.py \
    --worker-class python_service.starlette_app.worker.Worker python_service.starlette_app.app:app
gunicorn --config python_service/gunicorn.conf.py python_service.django_app.wsgi:application
"""

import logging
import signal
from pathlib import Path

from gunicorn.arbiter import Arbiter
from gunicorn.workers.base import Worker
from python_service.settings import load_or_exit

from python_service import limits, listening, logs

_settings = load_or_exit()
logs.configure(_settings.log_level)
_log = logging.getLogger("python_service.server")

bind = f"[{_settings.host}]:{_settings.port}" if ":" in _settings.host else f"{_settings.host}:{_settings.port}"
workers = _settings.workers
# The command names another for the Starlette app.
worker_class = "python_service.django_app.worker.Worker"
# What is wrong with an app is found once, here, and not by each worker again and again.
preload_app = True
backlog = 2048
# Longer than a proxy in front keeps an idle connection, so that the proxy is the one to close it.
keepalive = limits.IDLE_SECONDS
graceful_timeout = 10
# For a worker that is stuck as a whole: no statement waits so long.
timeout = 30
# The most that gunicorn takes.
limit_request_line = 8190
# A field may be as large as a head; how large that may be, the worker says.
limit_request_field_size = limits.HEAD_BYTES
# Nobody in front sets paths, names or schemes by header fields: such fields are a client's, and mean nothing.
forwarded_allow_ips = ""
# The file by which a worker shows that it is alive, where a busy disk cannot hold it up.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108  # gunicorn makes it unguessable
control_socket_disable = True
loglevel = str(_settings.log_level)
logger_class = logs.GunicornLogger
# uvicorn writes its own lines, to where gunicorn's go.
accesslog = "-" if _settings.access_log else None
access_log_format = '%(h)s - "%(r)s" %(s)s'


def when_ready(server: Arbiter) -> None:
    # Which port it is, where any free one was asked for.
    port = server.LISTENERS[0].sock.getsockname()[1]
    _log.info("started", extra=_settings.public() | {"port": port})
    drain = server.handle_term

    def stop() -> None:
        _log.info("stopping")
        for listener in server.LISTENERS:
            listening.take_no_more(listener.sock)
        drain()

    # gunicorn drops requests on SIGINT; here it is as good as SIGTERM.
    server.handle_term = server.handle_int = stop


def post_worker_init(_worker: Worker) -> None:
    # Ctrl-C reaches every process of the terminal, and the master tells the workers by SIGTERM.
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def on_exit(_server: Arbiter) -> None:
    _log.info("stopped")
