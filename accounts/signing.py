"""Signing: what decides, or gives somebody rights, is not taken by a browser session alone.

A session that somebody left open can look and write. For more it needs the person's password, given again with the very
act; a token needs none, since its scope was chosen for that.
"""

from typing import Any

from accounts.models import User
from riskregister.refusals import Refused

FIELD = "password"


class PasswordNeeded(Refused):
    """The step signs something, and the session has not given the password with it."""


def begin(user: User) -> None:
    """Let this user object stand for a browser session that has not given the password."""
    user.__dict__["_is_signed"] = False


def sign(user: User) -> None:
    """Note that the password of this person came with the request."""
    user.__dict__["_is_signed"] = True


def require(by: Any) -> None:
    """Raise PasswordNeeded for a browser session without the password; tokens, commands and the register have none."""
    if isinstance(by, User) and not by.__dict__.get("_is_signed", True):
        raise PasswordNeeded(
            "Sign this on its page, which asks for your password, or with a token that has the scope for it.",
            field=FIELD,
        )
