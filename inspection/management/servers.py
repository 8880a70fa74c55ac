"""Servers as commands name them."""

from django.core.management.base import CommandError

from vendors.models import Server


def named(said: str) -> Server:
    """Return the server of a number such as S-12. Raises CommandError where there is none."""
    number = said.upper().removeprefix("S-")
    server = Server.objects.filter(number=int(number)).first() if number.isdecimal() else None
    if server is None:
        raise CommandError(f"There is no server {said}. Give its number, such as S-12.")
    return server
