"""The room of requests for servers."""

from django.apps import AppConfig


class IntakeConfig(AppConfig):
    """Lets requests follow the approvals of the servers that they led to."""

    name = "intake"

    def ready(self) -> None:
        """Follow."""
        from decisions.approvals import in_force
        from intake import following

        in_force.when_allowed(following.allowed)
