"""The room of composition."""

from django.apps import AppConfig


class CompositionConfig(AppConfig):
    """Holds inventories, components, advisories and what matches them."""

    name = "composition"

    def ready(self) -> None:
        """Let feeds of the kinds that tell of packages be taken in."""
        from composition.advisories.exploited import Exploited
        from composition.advisories.likelihood import Likelihood
        from composition.advisories.osv_dumps import OsvDumps
        from feeds import kinds

        kinds.register(OsvDumps())
        kinds.register(Exploited())
        kinds.register(Likelihood())
