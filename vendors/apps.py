"""The vendors room."""

from django.apps import AppConfig


class VendorsConfig(AppConfig):
    """Vendors, servers, releases and deployments."""

    name = "vendors"
