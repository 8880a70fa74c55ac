"""The room of what servers run behind and what they are used for."""

from django.apps import AppConfig


class LandscapeConfig(AppConfig):
    """Lets findings follow shared services, and profiles stand beside answers."""

    name = "landscape"

    def ready(self) -> None:
        """Follow."""
        from assessments.facts import register_facts
        from landscape import judging, profile_facts
        from vendors import following

        following.when_changed(judging.follow)
        register_facts.know(profile_facts.of)
