"""Addresses of the audit trail."""

from django.urls import URLPattern, path

from web import trail

urlpatterns: list[URLPattern] = [
    path("trail/", trail.trail, name="trail"),
    path("trail/<uuid:pk>/", trail.event, name="event"),
]
