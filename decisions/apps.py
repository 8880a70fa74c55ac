"""The decisions room."""

from django.apps import AppConfig


class DecisionsConfig(AppConfig):
    """Lets ratings and reviews follow the rooms below."""

    name = "decisions"

    def ready(self) -> None:
        """Follow."""
        from assessments import following as assessments_following
        from decisions import following
        from decisions.ratings import ratings
        from findings import following as findings_following
        from seal import checking
        from vendors import following as vendors_following

        # After the findings, which have registered before: a rating counts what an assessment has just raised.
        assessments_following.when_final(following.assessment_final)
        findings_following.register(following)
        vendors_following.when_changed(following.server_changed)
        checking.also(ratings.missing)
