"""The routes."""

from django.urls import path

from python_service.django_app import views
from python_service.django_app.settings import SERVICE

urlpatterns = [
    path("api/v1/recipes/<str:id>", views.recipe),
    path("api/v1/recipes", views.recipe_list),
    path("api/v1/recipes/<str:id>/nutrition", views.nutrition),
    path("api/v1/recipes/<str:id>/notes", views.create_note),
    path("healthz", views.healthz),
]
if SERVICE.metrics:
    urlpatterns.append(path("metrics", views.metrics))

handler404 = views.not_found
handler500 = views.unexpected
