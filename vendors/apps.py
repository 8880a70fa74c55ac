"""The vendors room."""

from django.apps import AppConfig


class VendorsConfig(AppConfig):
    """Vendors, servers, releases and deployments."""

    name = "vendors"

    def ready(self) -> None:
        """Let every check of the trail compare the status of servers with its events."""
        from seal import checking
        from vendors import verifying

        checking.also(verifying.problems)
