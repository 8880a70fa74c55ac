"""The assessments room."""

from django.apps import AppConfig


class AssessmentsConfig(AppConfig):
    """Declares the guards of the room."""

    name = "assessments"

    def ready(self) -> None:
        """Declare the guards."""
        from assessments import guards
        from audit import triggers

        triggers.guard(*guards.GUARDS)
