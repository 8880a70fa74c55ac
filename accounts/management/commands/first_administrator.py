"""Let the first person into a register that knows nobody."""

from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts import people
from accounts.models import Role, User
from accounts.sign_in import passwords
from audit.context import Actor

COMMAND = Actor("command", "first_administrator", "first_administrator")


class Command(BaseCommand):
    """Prints a one-time link with which the first administrator sets a password."""

    help = "Print a one-time link for the first administrator. Run again for a new link, until somebody can sign in."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the administrator's address and name."""
        parser.add_argument("--email", default="administrator@localhost", help="Their e-mail address.")
        parser.add_argument("--name", default="Administrator", help="Their name.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the link; raise CommandError once somebody has set a password."""
        if User.objects.exclude(password__startswith=UNUSABLE_PASSWORD_PREFIX).exists():
            raise CommandError("Somebody can sign in already. An administrator invites people on the People page.")
        person = first_administrator(email=options["email"], name=options["name"], now=timezone.now())
        path = reverse("web:set-password", args=passwords.link_parts(person))
        self.stdout.write(
            f"First administrator: {person.email}\n"
            f"Set the password within 72 hours, the link works once:\n  {settings.ORIGIN}{path}"
        )


@transaction.atomic
def first_administrator(*, email: str, name: str, now: datetime) -> User:
    """Return the administrator who waits for a first password, invited now unless an earlier call did."""
    waiting = User.objects.filter(memberships__role=Role.ADMINISTRATOR).order_by("pk").first()
    if waiting:
        return waiting
    person = people.add(email=email, name=name, by=COMMAND, now=now)
    people.give_role(person, role=Role.ADMINISTRATOR, unit=None, by=COMMAND, now=now)
    return person
