"""The seal room."""

from django.apps import AppConfig


class SealConfig(AppConfig):
    """Seals events and field-level entries, and checks that nothing of them changed since."""

    name = "seal"
