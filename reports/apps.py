"""The reports room."""

from django.apps import AppConfig


class ReportsConfig(AppConfig):
    """Registers the field-level audit of reports."""

    name = "reports"

    def ready(self) -> None:
        """Register the models whose fields are audited."""
        from auditlog.registry import auditlog

        # What a report prints can be megabytes; its digest is audited.
        auditlog.register(self.get_model("Report"), exclude_fields=["data"])
