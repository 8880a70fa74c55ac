"""Running the register as a whole."""

from django.apps import AppConfig


class OperationsConfig(AppConfig):
    """Brings the command that runs everything on one machine; has no rows of its own."""

    name = "operations"
