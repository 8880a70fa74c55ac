"""The room of discovery."""

from django.apps import AppConfig


class DiscoveryConfig(AppConfig):
    """Holds what was found, and knows the servers of the register by what starts them."""

    name = "discovery"

    def ready(self) -> None:
        """Follow."""
        from audit import trail
        from discovery import knowing

        trail.when_recorded(knowing.recorded)
