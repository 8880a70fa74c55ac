"""Steps about people: invite, add, edit, give and take roles, set passwords, end sessions, deactivate; and units."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.contrib.auth.tokens import default_token_generator
from django.core.exceptions import ValidationError
from django.core.validators import validate_email, validate_slug
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode

from accounts import access, resets
from accounts.models import ApiToken, Membership, Role, Unit, User
from audit import trail
from audit.context import Actor
from riskregister.refusals import Conflict, Refused
from riskregister.text import clean_name
from riskregister.transitions import change_if

_REGISTERED = "Somebody with this e-mail address is registered already."


class PersonExists(Refused):
    """Somebody with this e-mail address is registered already."""


class LastAdministrator(Refused):
    """The register must keep one active administrator who can sign in."""


class RoleInvalid(Refused):
    """The role cannot be given like this."""


class UnitExists(Refused):
    """A unit with this name or code exists already."""


class OwnRole(access.NotPermitted):
    """Where two administer the register, nobody gives themselves a role."""


class NotTheirPassword(access.NotPermitted):
    """People set their own password, by a link or signed in; nobody sets it for them."""


class LinkInvalid(Refused):
    """The link was used already, is older than 72 hours, or was never made."""


@transaction.atomic
def invite(*, email: str, name: str, by: object, now: datetime) -> User:
    """Return a new person, to whom a mail goes out with a link to set a password."""
    user = add(email=email, name=name, by=by, now=now)
    resets.ask_for_link(user.email, now=now)
    return user


@transaction.atomic
def add(*, email: str, name: str, by: object, now: datetime) -> User:
    """Return a new person without a password; `set_password_parts` makes the link with which they set one."""
    _require_administrator(by)
    address, name = _free_address(email), clean_name(name, field="name", limit=120)
    with _unless_taken(PersonExists(_REGISTERED, field="email")):
        user = User.objects.create_user(address, name)
    trail.record("person.invited", user, by=by, at=now, administrative=True, email=user.email)
    return user


@transaction.atomic
def edit(user: User, *, email: str, name: str, by: object, now: datetime) -> User:
    """Change a person's name and address; an administrator may do that, and the person themselves their name.

    Links to set a password go to the address: whoever found an open session must not be able to send them elsewhere.
    """
    moves = email.strip().lower() != user.email
    if moves or by != user:
        _require_administrator(by)
    name = clean_name(name, field="name", limit=120)
    if moves:
        user.email = _free_address(email)
    user.name = name
    with _unless_taken(PersonExists(_REGISTERED, field="email")):
        user.save(update_fields=["name", "email"])
    trail.record("person.edited", user, by=by, at=now, administrative=True, email=user.email)
    return user


def set_password_parts(user: User) -> tuple[str, str]:
    """Return uid and token of a one-time link that lets the person set a password; it lives 72 hours."""
    return urlsafe_base64_encode(force_bytes(str(user.pk))), default_token_generator.make_token(user)


def send_link(user: User, *, by: object, now: datetime) -> bool:
    """Promise a mail with another link to the person; return whether it is a new promise: one in five minutes."""
    _require_administrator(by)
    if not user.is_active:
        raise Refused("Let the person sign in again first.")
    return resets.ask_for_link(user.email, now=now)


@transaction.atomic
def record_link(user: User, *, by: object, now: datetime) -> None:
    """Record that an administrator holds a link with which they could set the person's password."""
    _require_administrator(by)
    if not user.is_active:
        raise Refused("Let the person sign in again first.")
    trail.record("person.link_made", user, by=by, at=now, administrative=True)


def person_of_link(uid: str, token: str) -> User:
    """Return the active person whom a link lets set a password; raise LinkInvalid."""
    try:
        user = User.objects.filter(pk=urlsafe_base64_decode(uid).decode(), is_active=True).first()
    except (ValueError, ValidationError):
        user = None
    if user is None or not default_token_generator.check_token(user, token):
        raise LinkInvalid("This link was used already or is older than 72 hours. Ask for a new one.")
    return user


@transaction.atomic
def set_password(user: User, *, password: str, by: object, now: datetime) -> None:
    """Give a person a password; it ends their other sessions and the links that were made before.

    Raises NotTheirPassword for anybody but the person, or a command on the machine.
    """
    if by != user and not _is_the_machine(by):
        raise NotTheirPassword("People set their own password. Send them a link.")
    user.set_password(password)
    user.save(update_fields=["password"])
    trail.record("person.password_set", user, by=by, at=now, administrative=True)


@transaction.atomic
def end_sessions(user: User, *, by: object, now: datetime) -> None:
    """Sign a person out everywhere; they may do that themselves, and an administrator for them."""
    if by != user:
        _require_administrator(by)
    _end_sessions(user)
    trail.record("person.sessions_ended", user, by=by, at=now, administrative=True)


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
    """Return the membership that gives `user` a role in a unit (None: the whole organisation), for a period if given.

    Raises RoleInvalid for an administrator of one unit, for a period of another role than auditor, and for a period
    that ends before it begins; OwnRole for oneself while somebody else administers the register.
    """
    _require_administrator(by)
    if by == user:
        _refuse_own_role(user)
    _refuse_bad_role(role, unit, valid_from, valid_until)
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
    if not Membership.objects.select_for_update().filter(pk=membership.pk).exists():
        raise Conflict("Somebody else has taken this role already.")
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
    if not change_if(user, {"is_active": True}, is_active=False):
        raise Conflict("They are barred from signing in already.")
    _end_sessions(user)
    for token in ApiToken.objects.filter(user=user, revoked_at__isnull=True):
        token.revoked_at = now
        token.save(update_fields=["revoked_at"])
    trail.record("person.deactivated", user, by=by, at=now, administrative=True)


@transaction.atomic
def activate(user: User, *, by: object, now: datetime) -> None:
    """Let a person sign in again."""
    _require_administrator(by)
    if not change_if(user, {"is_active": False}, is_active=True):
        raise Conflict("They can sign in already.")
    trail.record("person.activated", user, by=by, at=now, administrative=True)


@transaction.atomic
def open_unit(*, name: str, code: str, by: object, now: datetime, is_demo: bool = False) -> Unit:
    """Return a new business unit. Raises UnitExists, or Refused for a name or code that cannot be."""
    _require_administrator(by)
    name, code = _free_name(name), _free_code(code)
    with _unless_taken(UnitExists("A unit with this name or code exists already.", field="name")):
        unit = Unit.objects.create(name=name, code=code, is_demo=is_demo)
    trail.record("unit.opened", unit, by=by, at=now, administrative=True)
    return unit


@transaction.atomic
def rename_unit(unit: Unit, *, name: str, by: object, now: datetime) -> Unit:
    """Give a unit another name; its code stays, since documents may quote it."""
    _require_administrator(by)
    unit.name = _free_name(name, but=unit)
    with _unless_taken(UnitExists("A unit with this name exists already.", field="name")):
        unit.save(update_fields=["name"])
    trail.record("unit.renamed", unit, by=by, at=now, administrative=True)
    return unit


@contextmanager
def _unless_taken(refusal: Refused) -> Iterator[None]:
    """Raise the refusal when a constraint says that somebody else was first, which a look before cannot see."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        raise refusal from error


def _require_administrator(by: object) -> None:
    if not _is_the_machine(by):
        access.require(by, access.Capability.ADMINISTER)


def _is_the_machine(by: object) -> bool:
    """Return whether the register itself or a command acts: whoever runs commands owns the machine."""
    return isinstance(by, Actor) and by.kind in ("system", "command")


def _refuse_own_role(user: User) -> None:
    other = _administrators_who_can_sign_in().exclude(user=user).select_related("user").first()
    if other is not None:
        raise OwnRole(f"Nobody gives themselves a role. Ask {other.user}, who administers the register too.")


def _free_address(email: str) -> str:
    email = email.strip().lower()
    try:
        validate_email(email)
    except ValidationError as error:
        raise Refused("Write the address as in name@example.org.", field="email") from error
    if User.objects.filter(email__iexact=email).exists():
        raise PersonExists(_REGISTERED, field="email")
    return email


def _free_name(name: str, but: Unit | None = None) -> str:
    name = clean_name(name, field="name", limit=120)
    if Unit.objects.filter(name__iexact=name).exclude(pk__in=[but.pk] if but else []).exists():
        raise UnitExists("A unit with this name exists already.", field="name")
    return name


def _free_code(code: str) -> str:
    code = code.strip().lower()
    try:
        validate_slug(code)
    except ValidationError as error:
        raise Refused("Use letters, digits, - and _ only.", field="code") from error
    if len(code) > 20:
        raise Refused("A code has at most 20 characters.", field="code")
    if Unit.objects.filter(code=code).exists():
        raise UnitExists("A unit with this code exists already.", field="code")
    return code


def _refuse_bad_role(role: str, unit: Unit | None, valid_from: date | None, valid_until: date | None) -> None:
    if role not in Role.values:
        raise RoleInvalid("Choose one of the roles.", field="role")
    if role == Role.ADMINISTRATOR and unit is not None:
        raise RoleInvalid("Administrators are for the whole organisation, not for one unit.", field="unit")
    if role != Role.AUDITOR and (valid_from or valid_until):
        raise RoleInvalid("Only an auditor's role has a period.", field="valid_until" if valid_until else "valid_from")
    if valid_from and valid_until and valid_until < valid_from:
        raise RoleInvalid("The period must end after it begins.", field="valid_until")


def _keep_an_administrator(*, without: User) -> None:
    # Held, so that two administrators cannot bar each other at the same moment; and only then asked, since the
    # statement that waited still sees the people as they were when it began.
    list(Membership.objects.select_for_update().filter(role=Role.ADMINISTRATOR).order_by("pk"))
    if not _administrators_who_can_sign_in().exclude(user=without).exists():
        raise LastAdministrator("Make somebody else an administrator first, and let them set a password.")


def _administrators_who_can_sign_in() -> QuerySet[Membership]:
    held = Membership.objects.filter(role=Role.ADMINISTRATOR, user__is_active=True)
    return held.exclude(user__password__startswith=UNUSABLE_PASSWORD_PREFIX)


def _end_sessions(user: User) -> None:
    user.session_epoch += 1
    user.save(update_fields=["session_epoch"])
