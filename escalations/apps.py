"""The escalations room."""

from django.apps import AppConfig


class EscalationsConfig(AppConfig):
    """Climbs the ladder while nobody acknowledges, and ends what a step has done."""

    name = "escalations"

    def ready(self) -> None:
        """Follow."""
        from audit import trail
        from escalations import following

        trail.when_recorded(following.recorded)
