"""The evidence room."""

from django.apps import AppConfig


class EvidenceConfig(AppConfig):
    """Registers the field-level audit of evidence, and guards what it says against change."""

    name = "evidence"

    def ready(self) -> None:
        """Register the models whose fields are audited, and declare that none of them changes."""
        from auditlog.registry import auditlog

        from audit import triggers

        auditlog.register(self.get_model("Evidence"))
        auditlog.register(self.get_model("Verification"))
        # Rows leave with the demo organisation; what a statement rests on is held by its foreign key.
        triggers.guard(
            triggers.AppendOnly("evidence_blob", key="sha256", unless="1 = 1"),
            triggers.AppendOnly("evidence_evidence", unless="1 = 1"),
            triggers.AppendOnly("evidence_verification", unless="1 = 1"),
        )
