"""The room of inspection."""

from django.apps import AppConfig


class InspectionConfig(AppConfig):
    """Looks at servers; it has no rows of its own."""

    name = "inspection"
