"""The room of containment."""

from django.apps import AppConfig


class ContainmentConfig(AppConfig):
    """Holds the policies, and what was denied under them."""

    name = "containment"
