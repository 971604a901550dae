"""Django's settings, made from the service's. Django reads the names in capitals."""

import secrets

from psycopg.conninfo import conninfo_to_dict

from python_service.requirements import BY_APP
from python_service.settings import Connections, Statements, load_or_exit

SERVICE = load_or_exit(*BY_APP["django_app"])

_url = conninfo_to_dict(SERVICE.database_url.get_secret_value())

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": _url.pop("dbname"),
        "USER": _url.pop("user"),
        "PASSWORD": _url.pop("password", ""),
        "HOST": _url.pop("host"),
        "PORT": _url.pop("port", ""),
        # None keeps a connection as long as the worker lives, 0 closes it after each request.
        "CONN_MAX_AGE": None if SERVICE.connections is Connections.POOLED else 0,
        "CONN_HEALTH_CHECKS": SERVICE.pool_ping,
        # The time zone of a connection: Django sets it after connecting, unless Postgres already has it. The article
        # kept Django's default. No answer depends on it, because the plan sets UTC before it reads a time.
        "TIME_ZONE": "America/Chicago" if SERVICE.set_time_zone else None,
        "OPTIONS": _url
        | {
            # Prepare at the first use, or never.
            "prepare_threshold": 0 if SERVICE.statements is Statements.CACHED else None,
        },
    }
}
ROOT_URLCONF = "python_service.django_app.urls"
MIDDLEWARE: list[str] = []
USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = False
# Django does not start without a key. Nothing is signed here, so a new one for each process will do.
SECRET_KEY = secrets.token_urlsafe(50)
# The server has set up the root logger, and Django's loggers propagate to it.
LOGGING_CONFIG = None
