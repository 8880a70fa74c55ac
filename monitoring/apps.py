"""The room of monitoring."""

from django.apps import AppConfig


class MonitoringConfig(AppConfig):
    """Holds the runs of collectors and what they saw."""

    name = "monitoring"

    def ready(self) -> None:
        """Let every check of the trail compare them with its events."""
        from monitoring import verifying
        from seal import checking

        checking.also(verifying.problems)
