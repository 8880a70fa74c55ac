"""The room of what servers run behind and what they are used for."""

from django.apps import AppConfig


class LandscapeConfig(AppConfig):
    """Holds shared services, profiles and use cases."""

    name = "landscape"
