"""The room of exit plans."""

from django.apps import AppConfig


class ExitsConfig(AppConfig):
    """Holds the plans."""

    name = "exits"
