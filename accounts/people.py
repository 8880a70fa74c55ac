"""Steps about people: invite, give and take roles, deactivate."""

from datetime import date, datetime

from django.contrib.auth.tokens import default_token_generator
from django.db import transaction
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from accounts import access
from accounts.models import ApiToken, Membership, Role, Unit, User
from audit import trail


class PersonExists(Exception):
    """Somebody with this e-mail address is registered already."""


class LastAdministrator(Exception):
    """The register must keep one active administrator."""


@transaction.atomic
def invite(*, email: str, name: str, by: object, now: datetime) -> User:
    """Return a new person without a password; `set_password_path` makes the link with which they set one."""
    _require_administrator(by)
    if User.objects.filter(email__iexact=email.strip()).exists():
        raise PersonExists("Somebody with this e-mail address is registered already.")
    user = User.objects.create_user(email, name)
    trail.record("person.invited", user, by=by, at=now, administrative=True, email=user.email)
    return user


def set_password_parts(user: User) -> tuple[str, str]:
    """Return uid and token of a one-time link that lets the person set a password; it lives 72 hours."""
    return urlsafe_base64_encode(force_bytes(user.pk)), default_token_generator.make_token(user)


@transaction.atomic
def give_role(
    user: User,
    *,
    role: str,
    unit: Unit | None,
    by: object,
    now: datetime,
    valid_from: date | None = None,
    valid_until: date | None = None,
) -> Membership:
    """Return the membership that gives `user` a role in a unit (None: the whole organisation), for a period if given."""
    _require_administrator(by)
    membership, _created = Membership.objects.update_or_create(
        user=user, unit=unit, role=role, defaults={"valid_from": valid_from, "valid_until": valid_until}
    )
    access.forget(user)
    trail.record("role.given", user, by=by, at=now, administrative=True, role=role, unit=str(unit.pk) if unit else None)
    return membership


@transaction.atomic
def take_role(membership: Membership, *, by: object, now: datetime) -> None:
    """Remove a membership; raise LastAdministrator when nobody could administer the register any more."""
    _require_administrator(by)
    user = membership.user
    if membership.role == Role.ADMINISTRATOR:
        _keep_an_administrator(without=user)
    unit_id = str(membership.unit_id) if membership.unit_id else None
    trail.record("role.taken", user, by=by, at=now, administrative=True, role=membership.role, unit=unit_id)
    membership.delete()
    access.forget(user)


@transaction.atomic
def deactivate(user: User, *, by: object, now: datetime) -> None:
    """Bar a person from signing in, end their sessions and revoke their tokens; what they did keeps their name."""
    _require_administrator(by)
    if Membership.objects.filter(user=user, role=Role.ADMINISTRATOR).exists():
        _keep_an_administrator(without=user)
    user.is_active = False
    user.save(update_fields=["is_active"])
    for token in ApiToken.objects.filter(user=user, revoked_at__isnull=True):
        token.revoked_at = now
        token.save(update_fields=["revoked_at"])
    trail.record("person.deactivated", user, by=by, at=now, administrative=True)


@transaction.atomic
def activate(user: User, *, by: object, now: datetime) -> None:
    """Let a person sign in again."""
    _require_administrator(by)
    user.is_active = True
    user.save(update_fields=["is_active"])
    trail.record("person.activated", user, by=by, at=now, administrative=True)


@transaction.atomic
def open_unit(*, name: str, code: str, by: object, now: datetime, is_demo: bool = False) -> Unit:
    """Return a new business unit."""
    _require_administrator(by)
    unit = Unit.objects.create(name=name.strip(), code=code.strip(), is_demo=is_demo)
    trail.record("unit.opened", unit, by=by, at=now, administrative=True)
    return unit


def _require_administrator(by: object) -> None:
    if isinstance(by, User):
        access.require(by, access.Capability.ADMINISTER)


def _keep_an_administrator(*, without: User) -> None:
    others = Membership.objects.filter(role=Role.ADMINISTRATOR, user__is_active=True).exclude(user=without)
    if not others.exists():
        raise LastAdministrator("Make somebody else an administrator first.")
