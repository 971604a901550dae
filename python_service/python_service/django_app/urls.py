"""The routes."""

from django.urls import path

from python_service.django_app import endpoints, views

urlpatterns = [
    path("api/v1/recipes/<str:id>", views.recipe),
    path("api/v1/recipes", views.recipe_list),
    path("api/v1/recipes/<str:id>/nutrition", views.nutrition),
    path("api/v1/recipes/<str:id>/notes", views.create_note),
    *endpoints.ROUTES,
]

handler404 = endpoints.not_found
handler500 = endpoints.unexpected
