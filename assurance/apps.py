"""The room of due diligence and certificates."""

from django.apps import AppConfig


class AssuranceConfig(AppConfig):
    """Holds the rounds of due diligence and the certificates."""

    name = "assurance"
