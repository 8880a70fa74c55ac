"""Addresses of the audit trail."""

from django.urls import URLPattern, path

from web.page_parts import field_history
from web.proof import seal, trail

urlpatterns: list[URLPattern] = [
    path("trail/", trail.trail, name="trail"),
    path("trail/seal/", seal.seal, name="seal"),
    path("trail/<uuid:pk>/", trail.event, name="event"),
    path("fields/<slug:kind>/<uuid:pk>/", field_history.changes, name="field-history"),
]
