"""The assessments room."""

from django.apps import AppConfig


class AssessmentsConfig(AppConfig):
    """Lets open assessments follow their server."""

    name = "assessments"

    def ready(self) -> None:
        """Follow."""
        from assessments import drafts
        from vendors import following

        following.when_changed(drafts.follow)
