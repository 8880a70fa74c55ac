"""The assessments room."""

from django.apps import AppConfig

AUDITED = ("Assessment", "Answer")


class AssessmentsConfig(AppConfig):
    """Declares the guards and the field-level audit of the room."""

    name = "assessments"

    def ready(self) -> None:
        """Declare the guards, and register the audited models."""
        from auditlog.registry import auditlog

        from assessments import guards
        from audit import triggers

        triggers.guard(*guards.GUARDS)
        for model in AUDITED:
            auditlog.register(self.get_model(model))
