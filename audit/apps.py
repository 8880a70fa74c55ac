"""The audit room."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """Connects the actor to every field-level entry."""

    name = "audit"

    def ready(self) -> None:
        """Register the permanent receiver that names the actor of each field-level entry."""
        from audit import diffs

        diffs.connect()
