"""The web door."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Configuration of the web package."""

    name = "web"
