"""The evidence room."""

from django.apps import AppConfig


class EvidenceConfig(AppConfig):
    """Registers the field-level audit of evidence."""

    name = "evidence"

    def ready(self) -> None:
        """Register the models whose fields are audited."""
        from auditlog.registry import auditlog

        auditlog.register(self.get_model("Evidence"))
        auditlog.register(self.get_model("Verification"))
