"""The WSGI application: python_service.django_app.wsgi:application."""

import logging
import os
from collections.abc import Iterable
from typing import Any

from django.core.wsgi import get_wsgi_application
from gunicorn.util import split_request_uri

from python_service.django_app import database, observed

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "python_service.django_app.settings")
# Django logs every answer of 400 and above, as an access log would. Only its exceptions are wanted.
logging.getLogger("django.request").addFilter(lambda record: record.exc_info is not None)
database.set_up()
_django = observed.observe(get_wsgi_application())


def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Django, which gets the path as it was sent: the server has decoded it."""
    if "%" in environ["RAW_URI"]:
        environ["PATH_INFO"] = split_request_uri(environ["RAW_URI"]).path
    response = _django(environ, start_response)
    if environ["REQUEST_METHOD"] == "HEAD":
        # The headers are those of GET, Content-Length included. gunicorn would drop the body, and log a warning.
        for _ in response:
            # A span ends with the body.
            pass
        response.close()  # type: ignore[attr-defined]  # WSGI allows others
        return []
    return response
