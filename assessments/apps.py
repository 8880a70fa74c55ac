"""The assessments room."""

from django.apps import AppConfig


class AssessmentsConfig(AppConfig):
    """Lets open assessments follow their server or vendor."""

    name = "assessments"

    def ready(self) -> None:
        """Follow."""
        from assessments.drafts import drafts
        from vendors import following

        following.when_changed(drafts.follow)
        following.when_vendor_changed(drafts.follow_vendor)
