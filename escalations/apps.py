"""The escalations room."""

from django.apps import AppConfig


class EscalationsConfig(AppConfig):
    """Climbs the ladder while nobody acknowledges."""

    name = "escalations"
