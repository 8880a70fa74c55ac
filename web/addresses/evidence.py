"""Addresses of evidence."""

from django.urls import URLPattern, path

from web import evidence

urlpatterns: list[URLPattern] = [
    path("evidence/<uuid:pk>/", evidence.detail, name="evidence-detail"),
    path("evidence/<uuid:pk>/file/", evidence.download, name="evidence-file"),
    path("evidence/<uuid:pk>/verify/", evidence.verify, name="evidence-verify"),
]
