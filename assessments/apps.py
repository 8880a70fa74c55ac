"""The assessments room."""

from django.apps import AppConfig

AUDITED = (
    "Assessment",
    "Answer",
    "Approval",
    "Condition",
    "Finding",
    "RemediationPlan",
    "Milestone",
    "FixClaim",
    "RiskAcceptance",
    "RatingOverride",
    "Review",
)


class AssessmentsConfig(AppConfig):
    """Registers the field-level audit of assessments and what follows from them."""

    name = "assessments"

    def ready(self) -> None:
        """Register the models whose fields are audited."""
        from auditlog.registry import auditlog

        for model in AUDITED:
            auditlog.register(self.get_model(model))
