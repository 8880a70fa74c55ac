"""The room of intelligence."""

from django.apps import AppConfig


class IntelligenceConfig(AppConfig):
    """Holds indicators, watch lists and their hits."""

    name = "intelligence"
