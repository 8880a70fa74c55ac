"""Servers as commands name them."""

from django.core.management.base import CommandError

from riskregister import nouns
from vendors.models import Server


def named(ref: str, *, returncode: int = 1) -> Server:
    """Return the server of a number such as S-12. Raises CommandError, with the exit code, where there is none."""
    number = nouns.card(Server).number_in(ref)
    server = Server.objects.filter(number=number).first() if number is not None else None
    if server is None:
        raise CommandError(f"There is no server {ref[:40]}. Give its number, such as S-12.", returncode=returncode)
    return server
