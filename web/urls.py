"""Addresses of the pages: the lists of `web.addresses`, one module a noun."""

from importlib import import_module

from django.urls import URLPattern

NOUNS = (
    "accounts",
    "home",
    "vendors",
    "servers",
    "evidence",
    "assessments",
    "findings",
    "reviews",
    "reports",
    "trail",
    "admin",
)

app_name = "web"
urlpatterns: list[URLPattern] = [
    pattern for noun in NOUNS for pattern in import_module(f"web.addresses.{noun}").urlpatterns
]
