"""The room of contracts and law."""

from django.apps import AppConfig


class ContractsConfig(AppConfig):
    """Holds contracts, clauses and the rules of law."""

    name = "contracts"

    def ready(self) -> None:
        """Follow."""
        from audit import trail
        from contracts import following

        trail.when_recorded(following.recorded)
