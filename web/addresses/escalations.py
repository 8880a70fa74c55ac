"""Addresses of escalations."""

from django.urls import URLPattern, path

from web import escalations

urlpatterns: list[URLPattern] = [
    path("escalations/", escalations.index, name="escalation-list"),
    path("escalations/<uuid:pk>/", escalations.detail, name="escalation-detail"),
    path("escalations/<uuid:pk>/acknowledge/", escalations.acknowledge, name="escalation-acknowledge"),
]
