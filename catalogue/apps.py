"""The catalogue room."""

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils import timezone


class CatalogueConfig(AppConfig):
    """Publishes the catalogue's new versions after each migration."""

    name = "catalogue"

    def ready(self) -> None:
        """Declare the guards, and have the catalogue published."""
        from audit import triggers
        from catalogue import guards, publishing

        triggers.guard(*guards.GUARDS)

        def publish(**kwargs: Any) -> None:
            publishing.publish_catalogue(now=timezone.now())

        post_migrate.connect(publish, sender=self, weak=False, dispatch_uid="catalogue.publish")
