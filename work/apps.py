"""What is over all rooms: what waits for whom, handover, what nobody owns, the figures of the dashboard."""

from django.apps import AppConfig


class WorkConfig(AppConfig):
    """Keeps what is worked out over all rooms."""

    name = "work"
