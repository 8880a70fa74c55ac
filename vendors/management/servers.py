"""Servers as commands name them."""

from django.core.management.base import CommandError

from riskregister import nouns
from vendors.models import Server


def named(said: str, *, returncode: int = 1) -> Server:
    """Return the server of a number such as S-12. Raises CommandError, with the exit code, where there is none."""
    number = nouns.card(Server).number_in(said)
    server = Server.objects.filter(number=number).first() if number is not None else None
    if server is None:
        raise CommandError(f"There is no server {said[:40]}. Give its number, such as S-12.", returncode=returncode)
    return server
