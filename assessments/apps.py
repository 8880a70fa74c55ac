"""The assessments room."""

from datetime import datetime
from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils import timezone

from vendors.signals import server_changed

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

        from assessments import four_eyes, publishing, ratings, reviews
        from audit import triggers
        from riskregister import trigrams

        triggers.guard(*four_eyes.GUARDS)
        trigrams.index("assessments_finding", "title", "question_key")

        def publish(**kwargs: Any) -> None:
            publishing.publish_catalogue(now=timezone.now())

        def follow(server: Any, reason: str, now: datetime, **kwargs: Any) -> None:
            # Reviews first: the rating says when the next one is due.
            reviews.follow(server, now=now)
            ratings.refresh(server, reason=reason, now=now)

        server_changed.connect(follow, weak=False, dispatch_uid="assessments.follow")
        post_migrate.connect(publish, sender=self, weak=False, dispatch_uid="assessments.publish_catalogue")
        for model in AUDITED:
            auditlog.register(self.get_model(model))
