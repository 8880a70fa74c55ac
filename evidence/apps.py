"""The evidence room."""

from django.apps import AppConfig


class EvidenceConfig(AppConfig):
    """Guards what evidence says against change."""

    name = "evidence"

    def ready(self) -> None:
        """Declare that nothing of it changes."""
        from audit import triggers

        # Rows leave with the demo organisation; what a statement rests on is held by its foreign key.
        triggers.guard(
            triggers.AppendOnly("evidence_blob", key="sha256", unless="1 = 1"),
            triggers.AppendOnly("evidence_evidence", unless="1 = 1"),
            triggers.AppendOnly("evidence_verification", unless="1 = 1"),
        )
