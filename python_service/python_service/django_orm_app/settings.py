"""Django's settings for the ORM: those of the other app, but for the routes and the models."""

from python_service.django_app.settings import *  # noqa: F403  # Django reads them here
from python_service.requirements import require_defaults
from python_service.settings import load_or_exit

# The ORM has no such knobs.
load_or_exit(require_defaults("plan", "lookup", "set_time_zone", "serializer"))

ROOT_URLCONF = "python_service.django_orm_app.urls"
INSTALLED_APPS = ["python_service.django_orm_app"]
