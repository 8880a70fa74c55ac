"""The api door."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """Configuration of the api package."""

    name = "api"
