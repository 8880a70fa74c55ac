"""API tokens: `mvr_<8 id>_<43 secret>`, shown once, stored as a keyed digest."""

import hashlib
import hmac
import secrets
import string
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings

from accounts import access, principals, steps
from accounts.models import ApiToken, User
from accounts.principals import Principal
from accounts.steps import Done, Unchanged, step
from riskregister.refusals import Refused
from riskregister.text import clean_word

_ALPHABET = string.ascii_letters + string.digits
LONGEST_DAYS = 365
# A token that is used all day writes its last use once a minute.
_USE_GRAIN = timedelta(minutes=1)


class TokenRefused(Exception):
    """The key is unknown, revoked or expired; the message is for the caller."""


class TokenInvalid(Refused):
    """The token cannot be made like this; the message says what to change."""


class NotTheirToken(access.NotPermitted):
    """Nobody makes a token in another's name."""


@step(
    "token.issued",
    needs=(),
    barred=(principals.only_theirs(NotTheirToken, "People make their own tokens."),),
    makes=ApiToken,
    records=False,
)
def issue(
    user: User, *, name: str, scopes: Iterable[str], lifetime: timedelta, by: Principal, now: datetime
) -> tuple[ApiToken, str]:
    """Return a new token of `user` and its key, which cannot be had again; nobody makes one in another's name.

    Raises TokenInvalid for no or unknown scopes, or a lifetime that is not between one day and LONGEST_DAYS.
    """
    wanted = sorted(set(scopes))
    unknown = [scope for scope in wanted if scope not in access.Capability.values]
    if not wanted or unknown:
        named = ", ".join(access.Capability.values)
        raise TokenInvalid(f"Choose one or more of these scopes: {named}.", field="scopes")
    if not timedelta(days=1) <= lifetime <= timedelta(days=LONGEST_DAYS):
        raise TokenInvalid(f"A token lives for 1 to {LONGEST_DAYS} days.", field="days")
    prefix, secret = _random(8), _random(43)
    token = ApiToken.objects.create(
        user=user,
        name=clean_word(name, field="name", limit=80) or "Token",
        prefix=prefix,
        digest=_digest(secret, settings.SECRET_KEY),
        scopes=wanted,
        created_at=now,
        expires_at=now + lifetime,
    )
    steps.record("token.issued", token, by=by, now=now, scopes=wanted, owner=str(user.pk))
    return token, f"mvr_{prefix}_{secret}"


def authenticate(key: str, *, now: datetime) -> ApiToken:
    """Return the token of a key, with its user; raise TokenRefused. Notes the use at most once a minute."""
    parts = key.split("_")
    if len(parts) != 3 or parts[0] != "mvr":
        raise TokenRefused("This is not a token of the register. It starts with mvr_.")
    token = ApiToken.objects.select_related("user").filter(prefix=parts[1]).first()
    if token is None or not _matches(token, parts[2]):
        raise TokenRefused("This token is not known.")
    refusal = token.refuses(now=now)
    if refusal:
        raise TokenRefused(refusal)
    if token.last_used_at is None or now - token.last_used_at >= _USE_GRAIN:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
    return token


def end_all(user: User, *, now: datetime) -> int:
    """Make all tokens of a person useless, and return how many. Part of a step about the person."""
    ended = list(ApiToken.objects.filter(user=user, revoked_at__isnull=True))
    for token in ended:
        token.revoked_at = now
        token.save(update_fields=["revoked_at"])
    return len(ended)


@step(
    "token.revoked",
    needs=access.Capability.ADMINISTER,
    own="user",
    unsigned="It ends access, which is the safe side.",
)
def revoke(token: ApiToken, *, by: Principal, now: datetime) -> Done[None]:
    """Make a token useless at once; its owner and administrators may do that."""
    if token.revoked_at:
        return Unchanged(None)
    token.revoked_at = now
    return Done(None)


def _random(length: int) -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))


def _digest(secret: str, pepper: str) -> str:
    return hmac.new(pepper.encode(), secret.encode(), hashlib.sha256).hexdigest()


def _matches(token: ApiToken, secret: str) -> bool:
    peppers = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return any(hmac.compare_digest(_digest(secret, pepper), token.digest) for pepper in peppers)
