"""The WSGI application: python_service.django_app.wsgi:application."""

import logging
import os

from django.core.wsgi import get_wsgi_application

from python_service.django_app import database

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "python_service.django_app.settings")
# Django has a line for every answer of 400 and above: an access log. Its exceptions are wanted.
logging.getLogger("django.request").addFilter(lambda record: record.exc_info is not None)
database.set_up()
application = get_wsgi_application()
