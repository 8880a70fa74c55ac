"""The decisions room."""

from datetime import datetime
from typing import Any

from django.apps import AppConfig

from vendors.signals import server_changed


class DecisionsConfig(AppConfig):
    """Declares the guards of the room, and lets ratings and reviews follow the rooms below."""

    name = "decisions"

    def ready(self) -> None:
        """Declare and follow."""
        from assessments import following as assessments_following
        from audit import triggers
        from decisions import following, guards, ratings, reviews
        from findings import following as findings_following

        triggers.guard(*guards.GUARDS)
        # After the findings, which have registered before: a rating counts what an assessment has just raised.
        assessments_following.when_final(following.assessment_final)
        findings_following.register(following)

        def follow(server: Any, reason: str, now: datetime, **kwargs: Any) -> None:
            # Reviews first: the rating says when the next one is due.
            reviews.follow(server, now=now)
            ratings.refresh(server, reason=reason, now=now)

        server_changed.connect(follow, weak=False, dispatch_uid="decisions.follow")
