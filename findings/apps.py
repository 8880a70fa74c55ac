"""The findings room."""

from django.apps import AppConfig


class FindingsConfig(AppConfig):
    """Lets findings follow final assessments."""

    name = "findings"

    def ready(self) -> None:
        """Follow."""
        from assessments import following
        from findings.observed import from_answers

        following.when_final(from_answers.raise_findings)
