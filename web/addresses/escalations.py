"""Addresses of escalations."""

from django.urls import URLPattern, path

from web.alerts import escalations, on_call

urlpatterns: list[URLPattern] = [
    path("on-call/", on_call.page, name="on-call"),
    path("escalations/", escalations.index, name="escalation-list"),
    path("escalations/<uuid:pk>/", escalations.detail, name="escalation-detail"),
    path("escalations/<uuid:pk>/acknowledge/", escalations.acknowledge, name="escalation-acknowledge"),
]
