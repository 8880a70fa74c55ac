"""The numbers of records."""

from django.apps import AppConfig


class NumberingConfig(AppConfig):
    """Holds the counters."""

    name = "numbering"
