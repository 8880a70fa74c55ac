"""The reports room."""

from django.apps import AppConfig


class ReportsConfig(AppConfig):
    """Reports and their parts."""

    name = "reports"
