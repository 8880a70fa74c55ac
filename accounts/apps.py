"""The accounts room."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """People, units, roles and tokens."""

    name = "accounts"
