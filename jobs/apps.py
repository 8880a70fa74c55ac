"""The jobs room."""

from django.apps import AppConfig
from django.conf import settings
from django.utils.module_loading import autodiscover_modules


class JobsConfig(AppConfig):
    """Loads every app's `tasks` module, which registers its handlers; lets a broker, if there is one, wake workers."""

    name = "jobs"

    def ready(self) -> None:
        """Register the handlers of all apps, and who wakes a worker."""
        autodiscover_modules("tasks")
        if settings.REDIS_URL:
            from jobs import celery_tasks, queue

            queue.woken_by(celery_tasks.wake)
