"""The assessments room."""

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils import timezone

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
    """Registers the field-level audit of the room, and publishes the catalogue after each migration."""

    name = "assessments"

    def ready(self) -> None:
        """Register the audited models and the publication of new catalogue versions."""
        from auditlog.registry import auditlog

        from assessments import four_eyes, publishing
        from audit import triggers

        triggers.guard(*four_eyes.GUARDS)

        def publish(**kwargs: Any) -> None:
            publishing.publish_catalogue(now=timezone.now())

        post_migrate.connect(publish, sender=self, weak=False, dispatch_uid="assessments.publish_catalogue")
        for model in AUDITED:
            auditlog.register(self.get_model(model))
