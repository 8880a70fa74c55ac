"""Steps about people: invite, add, edit, give and take roles, end sessions, bar from signing in and let in again."""

from datetime import date, datetime

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import QuerySet

from accounts import access, principals, tokens
from accounts.models import Membership, Role, Unit, User
from accounts.principals import Principal
from accounts.sign_in import notices, resets
from accounts.steps import Done, step
from audit import bound_rows
from riskregister import nouns, versions
from riskregister.refusals import Conflict, Refused
from riskregister.text import clean_name

ADMINISTER = access.Capability.ADMINISTER
NO_RIGHTS = "Somebody without a role may do nothing yet; the role is signed."


class PersonExists(Refused):
    """Somebody with this e-mail address is registered already."""


class LastAdministrator(Refused):
    """The register must keep one active administrator who can sign in."""


class RoleInvalid(Refused):
    """The role cannot be given like this."""


class OwnRole(access.NotPermitted):
    """Where two administer the register, nobody gives themselves a role."""


class NotTheirName(access.NotPermitted):
    """People change their own name; an administrator edits the person."""


def _registered(person: User | None = None) -> PersonExists:
    return PersonExists("Somebody with this e-mail address is registered already.", field="email")


def giving_oneself_a_role(user: User, by: Principal) -> OwnRole | None:
    """Return the refusal for an administrator who gives themselves a role while another could; for others None."""
    if getattr(by, "person", None) != user:
        return None
    other = _administrators_who_can_sign_in().exclude(user=user).select_related("user").first()
    sentence = "Nobody gives themselves a role. Ask {}, who administers the register too."
    return OwnRole(sentence.format(other.user)) if other else None


@step("person.invited", needs=ADMINISTER, makes=User, records=False, unsigned=NO_RIGHTS)
def invite(*, email: str, name: str, by: Principal, now: datetime) -> User:
    """Return a new person, to whom a mail goes out with a link to set a password."""
    user = add(email=email, name=name, by=by, now=now)
    resets.ask_for_link(user.email, now=now)
    return user


@step("person.invited", needs=ADMINISTER, makes=User, taken=_registered, unsigned=NO_RIGHTS)
def add(*, email: str, name: str, by: Principal, now: datetime, is_demo: bool = False) -> Done[User]:
    """Return a new person without a password; `passwords.link_parts` makes the link with which they set one."""
    user = User.objects.create_user(_free_address(email), clean_name(name, field="name", limit=120), is_demo=is_demo)
    return Done(user, email=user.email)


@step(
    "person.edited",
    needs=(),
    barred=(principals.only_theirs(NotTheirName, "People change their own name."),),
    edits=versions.facts("name"),
)
def rename(user: User, *, name: str, by: Principal, now: datetime) -> Done[User]:
    """Change one's own name. Not the address, to which links to set a password go: whoever found an open session must
    not be able to send them elsewhere.
    """
    user.name = clean_name(name, field="name", limit=120)
    return Done(user, email=user.email)


@step("person.edited", needs=ADMINISTER, taken=_registered, edits=versions.facts("name", "email"))
def edit(user: User, *, email: str, name: str, by: Principal, now: datetime) -> Done[User]:
    """Change a person's name and address, as an administrator. Raises PersonExists for an address that is taken.

    The person is told, at the address of before too.
    """
    user.name = clean_name(name, field="name", limit=120)
    if email.strip().lower() == user.email:
        return Done(user, email=user.email)
    was, user.email = user.email, _free_address(email)
    addresses = {was, *notices.former_address(user, now=now)}
    if not notices.former_address(user, now=now):
        user.former_email = was
    user.email_changed_at = now
    done = Done(user, email=user.email, was=was)
    return done.and_then(lambda: notices.tell(addresses, notices.MOVED, person=user, now=now))


@step("person.sessions_ended", needs=ADMINISTER, own="self", unsigned="It ends access, which is the safe side.")
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
    user, unit_id, key = membership.user, membership.unit_id, bound_rows.key(membership)
    if membership.role == Role.ADMINISTRATOR:
        _keep_an_administrator(without=user)
    if not membership.delete()[0]:
        raise Conflict("Somebody else has taken this role already.")
    access.forget(user)
    return Done(None, role=membership.role, unit=str(unit_id) if unit_id else None).removed(key)


@step("person.deactivated", needs=ADMINISTER)
def deactivate(user: User, *, by: Principal, now: datetime) -> None:
    """Bar a person from signing in, end their sessions and revoke their tokens; what they did keeps their name."""
    if Membership.objects.filter(user=user, role=Role.ADMINISTRATOR).exists():
        _keep_an_administrator(without=user)
    if not user.is_active:
        raise Conflict("They are barred from signing in already.")
    user.is_active = False
    user.session_epoch += 1
    tokens.end_all(user, now=now)


@step("person.activated", needs=ADMINISTER)
def activate(user: User, *, by: Principal, now: datetime) -> None:
    """Let a person sign in again."""
    if user.is_active:
        raise Conflict("They can sign in already.")
    user.is_active = True


def _free_address(email: str) -> str:
    email = email.strip().lower()
    try:
        validate_email(email)
    except ValidationError as error:
        raise Refused("Write the address as in name@example.org.", field="email") from error
    if User.objects.filter(email__iexact=email).exists():
        raise _registered()
    return email


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
    nouns.hold_all(Membership.objects.filter(role=Role.ADMINISTRATOR))
    if not _administrators_who_can_sign_in().exclude(user=without).exists():
        raise LastAdministrator("Make somebody else an administrator first, and let them set a password.")


def _administrators_who_can_sign_in() -> QuerySet[Membership]:
    held = Membership.objects.filter(role=Role.ADMINISTRATOR, user__is_active=True)
    return held.exclude(user__password__startswith=UNUSABLE_PASSWORD_PREFIX)
