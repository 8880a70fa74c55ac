"""The passwords of the demo people: made when it is built, and kept in one file that only its owner can read."""

import os
import secrets
from pathlib import Path

from django.conf import settings

from accounts.models import Membership, User

FILE = "demo-logins.txt"
# Without letters and digits that look alike; three groups of five are 74 bits.
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


def make_password() -> str:
    """Return a password that can be typed from a screen."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(5)) for _ in range(3))


def path() -> Path:
    """Return where the logins are kept."""
    return Path(settings.DATA_DIR) / FILE


def write(people: list[tuple[User, str]]) -> str:
    """Keep the logins, readable by the owner of the data folder alone, and return the text."""
    text = table(people)
    part = path().with_suffix(".part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
        out.write(text)
    part.replace(path())
    return text


def forget() -> None:
    """Remove the file."""
    path().unlink(missing_ok=True)


def table(people: list[tuple[User, str]]) -> str:
    """Return who may sign in to the demo organisation, with which roles and password, one person a line."""
    rows = [(person.email, password, _roles(person)) for person, password in people]
    width = max(len(email) for email, _password, _role in rows)
    lines = [f"  {email:<{width}}  {password}  {role}" for email, password, role in rows]
    return "\n".join(["Demo organisation (made up; its servers are real). Sign in as:", *lines, ""])


def _roles(person: User) -> str:
    held = Membership.objects.filter(user=person).select_related("unit")
    return ", ".join(str(membership) for membership in held)
