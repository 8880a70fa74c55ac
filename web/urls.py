"""Addresses of the pages: the lists of `web.addresses`, one module a noun."""

from importlib import import_module
from pkgutil import iter_modules

from django.urls import URLPattern

from web import addresses

app_name = "web"
urlpatterns: list[URLPattern] = [
    pattern
    for noun in iter_modules(addresses.__path__)
    for pattern in import_module(f"web.addresses.{noun.name}").urlpatterns
]
