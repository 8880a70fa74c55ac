"""Addresses of rules."""

from django.urls import URLPattern, path

from web.alerts import alert_rules

urlpatterns: list[URLPattern] = [
    path("alert-rules/", alert_rules.index, name="alert-rule-list"),
    path("alert-rules/add/", alert_rules.write, name="alert-rule-write"),
    path("alert-rules/<uuid:pk>/", alert_rules.detail, name="alert-rule-detail"),
    path("alert-rules/<uuid:pk>/last-week/", alert_rules.last_week, name="alert-rule-last-week"),
    path("alert-rules/<uuid:pk>/change/", alert_rules.rewrite, name="alert-rule-rewrite"),
    path("alert-rules/<uuid:pk>/start/", alert_rules.start, name="alert-rule-start"),
    path("alert-rules/<uuid:pk>/pause/", alert_rules.pause, name="alert-rule-pause"),
    path("alert-rules/<uuid:pk>/retire/", alert_rules.retire, name="alert-rule-retire"),
]
