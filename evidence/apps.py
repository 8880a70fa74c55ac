"""The evidence room."""

from django.apps import AppConfig


class EvidenceConfig(AppConfig):
    """What statements rest on."""

    name = "evidence"
