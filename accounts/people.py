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

from accounts import access, principals, resets
from accounts.models import ApiToken, Membership, Role, Unit, User
from accounts.principals import Principal
from accounts.steps import Done, step
from riskregister.refusals import Conflict, Refused
from riskregister.text import clean_name

ADMINISTER = access.Capability.ADMINISTER


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


class NotTheirName(access.NotPermitted):
    """People change their own name; an administrator edits the person."""


class NotTheirPassword(access.NotPermitted):
    """People set their own password, by a link or signed in; nobody sets it for them."""


class LinkInvalid(Refused):
    """The link was used already, is older than 72 hours, or was never made."""


def _registered(person: User | None = None) -> PersonExists:
    return PersonExists("Somebody with this e-mail address is registered already.", field="email")


def _unit_exists(unit: Unit) -> UnitExists:
    return UnitExists("A unit with this name exists already.", field="name")


def giving_oneself_a_role(user: User, by: Principal) -> OwnRole | None:
    """Return the refusal for an administrator who gives themselves a role while another could; for others None."""
    if getattr(by, "person", None) != user:
        return None
    other = _administrators_who_can_sign_in().exclude(user=user).select_related("user").first()
    sentence = "Nobody gives themselves a role. Ask {}, who administers the register too."
    return OwnRole(sentence.format(other.user)) if other else None


@step("person.invited", needs=ADMINISTER, makes=User, records=False)
def invite(*, email: str, name: str, by: Principal, now: datetime) -> User:
    """Return a new person, to whom a mail goes out with a link to set a password."""
    user = add(email=email, name=name, by=by, now=now)
    resets.ask_for_link(user.email, now=now)
    return user


@step("person.invited", needs=ADMINISTER, makes=User)
def add(*, email: str, name: str, by: Principal, now: datetime) -> Done[User]:
    """Return a new person without a password; `set_password_parts` makes the link with which they set one."""
    address, name = _free_address(email), clean_name(name, field="name", limit=120)
    with _unless_taken(_registered()):
        user = User.objects.create_user(address, name)
    return Done(user, email=user.email)


@step("person.edited", needs=(), barred=(principals.only_theirs(NotTheirName, "People change their own name."),))
def rename(user: User, *, name: str, by: Principal, now: datetime) -> Done[User]:
    """Change one's own name. Not the address, to which links to set a password go: whoever found an open session must
    not be able to send them elsewhere.
    """
    user.name = clean_name(name, field="name", limit=120)
    return Done(user, email=user.email)


@step("person.edited", needs=ADMINISTER, taken=_registered)
def edit(user: User, *, email: str, name: str, by: Principal, now: datetime) -> Done[User]:
    """Change a person's name and address, as an administrator. Raises PersonExists for an address that is taken."""
    user.name = clean_name(name, field="name", limit=120)
    if email.strip().lower() != user.email:
        user.email = _free_address(email)
    return Done(user, email=user.email)


def set_password_parts(user: User) -> tuple[str, str]:
    """Return uid and token of a one-time link that lets the person set a password; it lives 72 hours."""
    return urlsafe_base64_encode(force_bytes(str(user.pk))), default_token_generator.make_token(user)


@step("person.link_promised", needs=ADMINISTER, records=False)
def send_link(user: User, *, by: Principal, now: datetime) -> bool:
    """Promise a mail with another link to the person; return whether it is a new promise: one in five minutes."""
    if not user.is_active:
        raise Refused("Let the person sign in again first.")
    return resets.ask_for_link(user.email, now=now)


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
    if user is None or not default_token_generator.check_token(user, token):
        raise LinkInvalid("This link was used already or is older than 72 hours. Ask for a new one.")
    return user


@step(
    "person.password_set",
    needs=(),
    barred=(principals.only_theirs(NotTheirPassword, "People set their own password. Send them a link."),),
)
def set_password(user: User, *, password: str, by: Principal, now: datetime) -> None:
    """Give oneself a password; it ends one's other sessions and the links that were made before.

    Raises NotTheirPassword for anybody but the person, or a command on the machine.
    """
    user.set_password(password)


@step("person.sessions_ended", needs=ADMINISTER, own="self")
def end_sessions(user: User, *, by: Principal, now: datetime) -> None:
    """Sign a person out everywhere; they may do that themselves, and an administrator for them."""
    user.session_epoch += 1


@step("role.given", needs=ADMINISTER, barred=(giving_oneself_a_role,))
def give_role(
    user: User,
    *,
    role: str,
    unit: Unit | None,
    by: Principal,
    now: datetime,
    valid_from: date | None = None,
    valid_until: date | None = None,
) -> Done[Membership]:
    """Return the membership that gives `user` a role in a unit (None: the whole organisation), for a period if given.

    Raises RoleInvalid for an administrator of one unit, for a period of another role than auditor, and for a period
    that ends before it begins; OwnRole for oneself while somebody else administers the register.
    """
    _refuse_bad_role(role, unit, valid_from, valid_until)
    membership, _created = Membership.objects.update_or_create(
        user=user, unit=unit, role=role, defaults={"valid_from": valid_from, "valid_until": valid_until}
    )
    access.forget(user)
    return Done(membership, role=role, unit=str(unit.pk) if unit else None)


@step("role.taken", needs=ADMINISTER, on="user")
def take_role(membership: Membership, *, by: Principal, now: datetime) -> Done[None]:
    """Remove a membership; raise LastAdministrator when nobody could administer the register any more."""
    user, unit_id = membership.user, membership.unit_id
    if membership.role == Role.ADMINISTRATOR:
        _keep_an_administrator(without=user)
    if not membership.delete()[0]:
        raise Conflict("Somebody else has taken this role already.")
    access.forget(user)
    return Done(None, role=membership.role, unit=str(unit_id) if unit_id else None)


@step("person.deactivated", needs=ADMINISTER)
def deactivate(user: User, *, by: Principal, now: datetime) -> None:
    """Bar a person from signing in, end their sessions and revoke their tokens; what they did keeps their name."""
    if Membership.objects.filter(user=user, role=Role.ADMINISTRATOR).exists():
        _keep_an_administrator(without=user)
    if not user.is_active:
        raise Conflict("They are barred from signing in already.")
    user.is_active = False
    user.session_epoch += 1
    for token in ApiToken.objects.filter(user=user, revoked_at__isnull=True):
        token.revoked_at = now
        token.save(update_fields=["revoked_at"])


@step("person.activated", needs=ADMINISTER)
def activate(user: User, *, by: Principal, now: datetime) -> None:
    """Let a person sign in again."""
    if user.is_active:
        raise Conflict("They can sign in already.")
    user.is_active = True


@step("unit.opened", needs=ADMINISTER, makes=Unit)
def open_unit(*, name: str, code: str, by: Principal, now: datetime, is_demo: bool = False) -> Unit:
    """Return a new business unit. Raises UnitExists, or Refused for a name or code that cannot be."""
    name, code = _free_name(name), _free_code(code)
    with _unless_taken(UnitExists("A unit with this name or code exists already.", field="name")):
        return Unit.objects.create(name=name, code=code, is_demo=is_demo)


@step("unit.renamed", needs=ADMINISTER, taken=_unit_exists)
def rename_unit(unit: Unit, *, name: str, by: Principal, now: datetime) -> Unit:
    """Give a unit another name; its code stays, since documents may quote it."""
    unit.name = _free_name(name, but=unit)
    return unit


@contextmanager
def _unless_taken(refusal: Refused) -> Iterator[None]:
    """Raise the refusal when a constraint says that somebody else was first, which a look before cannot see."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        raise refusal from error


def _free_address(email: str) -> str:
    email = email.strip().lower()
    try:
        validate_email(email)
    except ValidationError as error:
        raise Refused("Write the address as in name@example.org.", field="email") from error
    if User.objects.filter(email__iexact=email).exists():
        raise _registered()
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
