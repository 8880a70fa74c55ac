"""Addresses: pages at the root, the REST API below /api/v1/."""

from django.urls import include, path

handler500 = "web.errors.broken"
urlpatterns = [
    path("api/v1/", include("api.urls")),
    path("", include("api.gate.urls")),
    path("", include("web.urls")),
]
