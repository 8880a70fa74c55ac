"""The findings room."""

from django.apps import AppConfig


class FindingsConfig(AppConfig):
    """Declares the guards of the room, and lets findings follow final assessments."""

    name = "findings"

    def ready(self) -> None:
        """Declare and follow."""
        from assessments import following
        from audit import triggers
        from findings import from_answers, guards

        triggers.guard(*guards.GUARDS)
        following.when_final(from_answers.raise_findings)
