"""The room of intelligence."""

from django.apps import AppConfig


class IntelligenceConfig(AppConfig):
    """Holds indicators, watch lists and their hits."""

    name = "intelligence"

    def ready(self) -> None:
        """Take in feeds of indicators, and follow what is recorded of servers."""
        from audit import trail
        from intelligence import feed_kinds, following

        feed_kinds.register()
        trail.when_recorded(following.recorded)
