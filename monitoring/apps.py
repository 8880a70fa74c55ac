"""The room of monitoring."""

from django.apps import AppConfig


class MonitoringConfig(AppConfig):
    """Holds the runs of collectors and what they saw."""

    name = "monitoring"
