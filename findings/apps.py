"""The findings room."""

from django.apps import AppConfig

AUDITED = ("Finding", "RemediationPlan", "Milestone", "FixClaim", "RiskAcceptance")


class FindingsConfig(AppConfig):
    """Declares the guards and the field-level audit of the room, and lets findings follow final assessments."""

    name = "findings"

    def ready(self) -> None:
        """Declare, register and follow."""
        from auditlog.registry import auditlog

        from assessments import following
        from audit import triggers
        from findings import guards, observing
        from riskregister import trigrams

        triggers.guard(*guards.GUARDS)
        trigrams.index("findings_finding", "title", "question_key")
        following.when_final(observing.raise_from_answers)
        for model in AUDITED:
            auditlog.register(self.get_model(model))
