"""The WSGI application: python_service.django_orm_app.wsgi:application. The other app's, with settings of its own."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "python_service.django_orm_app.settings")

from python_service.django_app.wsgi import application  # it sets Django up

__all__ = ["application"]
