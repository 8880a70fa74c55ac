"""The jobs room."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class JobsConfig(AppConfig):
    """Loads every app's `tasks` module, which registers its handlers."""

    name = "jobs"

    def ready(self) -> None:
        """Register the handlers of all apps."""
        autodiscover_modules("tasks")
