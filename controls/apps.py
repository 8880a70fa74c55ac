"""The room of controls and governance tiers."""

from django.apps import AppConfig


class ControlsConfig(AppConfig):
    """Holds the statuses of controls and the plans towards a tier."""

    name = "controls"
