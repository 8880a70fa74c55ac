"""The catalogue room."""

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils import timezone


class CatalogueConfig(AppConfig):
    """Publishes the catalogue's new versions after each migration."""

    name = "catalogue"

    def ready(self) -> None:
        """Have the catalogue published."""
        from catalogue import publishing

        def publish(**kwargs: Any) -> None:
            publishing.publish_catalogue(now=timezone.now())

        post_migrate.connect(publish, sender=self, weak=False, dispatch_uid="catalogue.publish")
