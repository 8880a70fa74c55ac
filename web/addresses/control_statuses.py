"""Addresses of the statuses of controls."""

from django.urls import URLPattern, path

from web.controls import control_statuses

urlpatterns: list[URLPattern] = [
    path("control-statuses/", control_statuses.index, name="control-status-list"),
    path("control-statuses/<uuid:pk>/", control_statuses.detail, name="control-status-detail"),
    path("control-statuses/<uuid:pk>/restate/", control_statuses.restate, name="control-status-restate"),
    path("control-statuses/<uuid:pk>/withdraw/", control_statuses.withdraw, name="control-status-withdraw"),
]
