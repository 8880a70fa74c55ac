"""The demo organisation."""

from django.apps import AppConfig


class DemoConfig(AppConfig):
    """Configuration of the demo package."""

    name = "demo"
