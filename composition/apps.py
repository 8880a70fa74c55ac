"""The room of composition."""

from django.apps import AppConfig


class CompositionConfig(AppConfig):
    """Holds inventories, components, advisories and what matches them."""

    name = "composition"
