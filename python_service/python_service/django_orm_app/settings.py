"""Django's settings for the ORM: those of the other app, but for the routes and the models."""

from python_service.django_app.settings import *  # noqa: F403  # Django reads them here
from python_service.requirements import BY_APP
from python_service.settings import load_or_exit

load_or_exit(*BY_APP["django_orm_app"])

ROOT_URLCONF = "python_service.django_orm_app.urls"
INSTALLED_APPS = ["python_service.django_orm_app"]
