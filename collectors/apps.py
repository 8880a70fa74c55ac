"""The room of collectors."""

from django.apps import AppConfig


class CollectorsConfig(AppConfig):
    """Lets what was observed stand beside the answers; it has no rows of its own."""

    name = "collectors"

    def ready(self) -> None:
        """Let it."""
        from assessments.facts import register_facts
        from collectors import facts

        register_facts.know(facts.of)
