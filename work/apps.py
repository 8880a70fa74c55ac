"""What is over all rooms: what waits for whom, handover, what nobody owns, the figures of the dashboard."""

from django.apps import AppConfig


class WorkConfig(AppConfig):
    """Has no rows of its own."""

    name = "work"
