"""The room of feeds."""

from django.apps import AppConfig


class FeedsConfig(AppConfig):
    """Holds feeds, their runs and the quarantine."""

    name = "feeds"
