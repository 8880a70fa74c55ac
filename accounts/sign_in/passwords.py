"""Passwords: people set their own, signed in or by a one-time link that was mailed or handed to them."""

from datetime import datetime

from django.contrib.auth.tokens import default_token_generator
from django.core.exceptions import ValidationError
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode

from accounts import access, principals, steps, tokens
from accounts.models import User
from accounts.principals import Principal
from accounts.sign_in import notices, resets
from accounts.steps import Done, Unchanged, step
from audit.context import Actor
from riskregister.refusals import Refused

ADMINISTER = access.Capability.ADMINISTER


class NotTheirPassword(access.NotPermitted):
    """People set their own password, by a link or signed in; nobody sets it for them."""


class LinkInvalid(Refused):
    """The link was used already, is older than 72 hours, or was never made."""


_THEIRS = principals.only_theirs(NotTheirPassword, "People set their own password. Send them a link.")


def link_parts(user: User) -> tuple[str, str]:
    """Return uid and token of a one-time link that lets the person set a password; it lives 72 hours."""
    return urlsafe_base64_encode(force_bytes(str(user.pk))), default_token_generator.make_token(user)


@step("person.link_sent", needs=ADMINISTER)
def send_link(user: User, *, by: Principal, now: datetime) -> Done[bool]:
    """Promise a mail with another link to the person; return whether it is a new promise: one in five minutes."""
    if not user.is_active:
        raise Refused("Let the person sign in again first.")
    is_new = resets.ask_for_link(user.email, now=now)
    return Done(is_new, email=user.email) if is_new else Unchanged(is_new)


@step("person.link_made", needs=ADMINISTER)
def record_link(user: User, *, by: Principal, now: datetime) -> None:
    """Record that an administrator holds a link with which they could set the person's password."""
    if not user.is_active:
        raise Refused("Let the person sign in again first.")


def person_of_link(uid: str, token: str) -> User:
    """Return the active person whom a link lets set a password; raise LinkInvalid."""
    try:
        user = User.objects.filter(pk=urlsafe_base64_decode(uid).decode(), is_active=True).first()
    except (ValueError, ValidationError):
        user = None
    if user is None:
        raise _invalid()
    _require_valid(user, token)
    return user


@step("person.password_set", needs=(), barred=(_THEIRS,), records=False)
def set_by_link(user: User, *, token: str, password: str, by: Principal, now: datetime) -> Done[None]:
    """Set a password by a link, which is used up; of two who use it at once the second is refused. Raises LinkInvalid.

    It ends all sessions, the links that were made before, and the person's API tokens: whoever lost the password may
    have lost those too. The person is told, at the address of before too when it changed of late.
    """
    _require_valid(user, token)
    user.set_password(password)
    ended = tokens.end_all(user, now=now)

    def tell() -> None:
        # Whoever holds a link sets it: the person must hear of that, which nobody does of what they did themselves.
        holder = Actor("visitor", "", "Whoever had the link")
        steps.record("person.password_set", user, by=holder, now=now, tokens=ended, by_link=True)
        notices.tell({user.email, *notices.former_address(user, now=now)}, notices.SET, person=user, now=now)

    return Done(None).and_then(tell)


@step("person.password_set", needs=(), barred=(_THEIRS,))
def set_password(user: User, *, password: str, by: Principal, now: datetime) -> None:
    """Give oneself a password; it ends one's other sessions and the links that were made before.

    Raises NotTheirPassword for anybody but the person, or a command on the machine.
    """
    user.set_password(password)


def _require_valid(user: User, token: str) -> None:
    if not user.is_active or not default_token_generator.check_token(user, token):
        raise _invalid()


def _invalid() -> LinkInvalid:
    return LinkInvalid("This link was used already or is older than 72 hours. Ask for a new one.")
