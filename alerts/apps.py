"""The alerts room."""

from django.apps import AppConfig


class AlertsConfig(AppConfig):
    """In-app alerts and their deliveries."""

    name = "alerts"
