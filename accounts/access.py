"""What a person may see and do: the predicate behind every `visible_to`, and the guard of every step."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import Any, Self, TypeVar
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import models
from django.utils import timezone

from accounts.models import ApiToken, ApiTokenQuerySet, Membership, Role, Unit, User
from audit.context import Actor
from audit.models import Event


class Capability(models.TextChoices):
    """A kind of act that a role allows, and that an API token has as a scope."""

    READ = "read", "Read everything in scope"
    WRITE = "write", "Register, assess, plan and fix"
    DECIDE = "decide", "Decide, accept risks, verify fixes"
    MANAGE = "manage", "Assign work, skip reviews, ask for overrides"
    REPORT = "report", "Issue reports"
    DISCOVER = "discover", "Send what is in use"
    ADMINISTER = "administer", "Administer people, units, tokens and jobs"


CAPABILITIES: dict[str, frozenset[Capability]] = {
    Role.ANALYST: frozenset({Capability.READ, Capability.WRITE, Capability.REPORT, Capability.DISCOVER}),
    Role.APPROVER: frozenset(
        {Capability.READ, Capability.WRITE, Capability.DECIDE, Capability.REPORT, Capability.DISCOVER}
    ),
    Role.MANAGER: frozenset({Capability.READ, Capability.MANAGE, Capability.REPORT}),
    Role.AUDITOR: frozenset({Capability.READ, Capability.REPORT}),
    Role.ADMINISTRATOR: frozenset({Capability.READ, Capability.ADMINISTER, Capability.REPORT}),
}


class NotPermitted(PermissionDenied):
    """The person's roles do not allow this act here."""


class ScopeMissing(NotPermitted):
    """The credentials do not allow this act, whatever the person's roles."""

    def __init__(self, *needed: str) -> None:
        """Name the scopes of which one would do."""
        named = " or ".join(f"'{scope}'" for scope in needed)
        super().__init__(f"This token lacks the scope {named}.")


@dataclass(frozen=True, slots=True)
class Access:
    """A person's roles today: those in the whole organisation, and those by unit; and what their credentials allow.

    Credentials narrow what may be done, not which rows are seen: that follows from the roles alone.
    """

    everywhere: frozenset[str]
    by_unit: dict[UUID, frozenset[str]]
    allowed: frozenset[str] = frozenset(Capability)

    def limited_to(self, capabilities: Collection[str]) -> "Access":
        """Return the same access by credentials that allow no more than these capabilities."""
        return replace(self, allowed=self.allowed & frozenset(capabilities))

    @property
    def sees_all_units(self) -> bool:
        """Return whether some role holds in the whole organisation."""
        return bool(self.everywhere)

    @property
    def reads_administration(self) -> bool:
        """Return whether the person may read what happened to people, units, roles and tokens."""
        return bool(self.everywhere & {Role.ADMINISTRATOR, Role.AUDITOR})

    @property
    def unit_ids(self) -> list[UUID]:
        """Return the units in which the person has a role; bounded by the memberships of one person."""
        return list(self.by_unit)

    @property
    def is_member(self) -> bool:
        """Return whether the person has any role at all."""
        return bool(self.everywhere or self.by_unit)

    def roles_in(self, unit_id: UUID | None) -> frozenset[str]:
        """Return the roles in a unit; for what belongs to no unit, the roles anywhere."""
        if unit_id is None:
            return self.everywhere.union(*self.by_unit.values())
        return self.everywhere | self.by_unit.get(unit_id, frozenset())

    def can(self, capability: Capability | str, unit_id: UUID | None = None) -> bool:
        """Return whether the person may do this in the unit (None: somewhere; ADMINISTER and such hold everywhere)."""
        return capability in self.allowed and any(capability in CAPABILITIES[role] for role in self.roles_in(unit_id))

    def units_for(self, capability: Capability | str) -> list[UUID] | None:
        """Return the units in which the person may do this; None means all of them."""
        if capability not in self.allowed:
            return []
        if any(capability in CAPABILITIES[role] for role in self.everywhere):
            return None
        return [unit for unit in self.by_unit if self.can(capability, unit)]


NOBODY = Access(frozenset(), {})
# The register itself, and a command: whoever runs commands owns the machine.
MACHINE = Access(frozenset(Role.values), {})
_MACHINE = {"system", "command"}


def of(user: Any) -> Access:
    """Return the access of a person today, by the credentials with which this user object was authenticated.

    It is read once per loaded user object, so once a request.
    """
    if isinstance(user, Actor):
        return MACHINE if user.kind in _MACHINE else NOBODY
    if not isinstance(user, User):
        person = getattr(user, "person", None)
        return of(person).limited_to(user.allowed) if person else NOBODY
    if not user.is_active:
        return NOBODY
    known: Access | None = user.__dict__.get("_access")
    if known is None:
        known = user.__dict__["_access"] = _read(user).limited_to(_allowed_to(user))
    return known


def narrow(user: User, capabilities: Collection[str]) -> None:
    """Let this user object do no more than these capabilities: it stands for credentials that allow no more."""
    user.__dict__["_allowed"] = _allowed_to(user) & frozenset(capabilities)
    forget(user)


def without(membership: Membership) -> Access:
    """Return the access that the person keeps when this membership is taken from them."""
    return _read(membership.user, but=membership) if membership.user.is_active else NOBODY


def forget(user: User) -> None:
    """Drop the remembered access of a user object, after its memberships changed."""
    user.__dict__.pop("_access", None)


def require_scope(by: Any, capability: Capability) -> None:
    """Raise ScopeMissing when the person's credentials do not allow this, whatever their roles."""
    if capability not in of(by).allowed:
        raise ScopeMissing(capability)


def require(by: Any, capability: Capability, *, unit_id: UUID | None = None) -> None:
    """Raise NotPermitted unless the person may do this in the unit, and their credentials let them."""
    here = of(by)
    if not here.can(capability, unit_id):
        require_scope(by, capability)
        raise NotPermitted(f"Your roles do not let you {_WORDS[capability]} here.")


def require_any(by: Any, *capabilities: Capability, unit_id: UUID | None) -> None:
    """Raise NotPermitted unless the person may do one of these in the unit; the refusal names the last."""
    here = of(by)
    if any(here.can(capability, unit_id) for capability in capabilities):
        return
    if not here.allowed.intersection(capabilities):
        raise ScopeMissing(*capabilities)
    named = [capability for capability in capabilities if capability in here.allowed]
    require(by, named[-1], unit_id=unit_id)


def roles_that_can(capability: Capability | str) -> frozenset[str]:
    """Return the roles that allow it."""
    return frozenset(role for role, allowed in CAPABILITIES.items() if capability in allowed)


def who_can(*capabilities: Capability) -> str:
    """Return in words the roles that allow one of these, e.g. "an analyst or approver"."""
    roles = [role.label.lower() for role in Role if CAPABILITIES[role].intersection(capabilities)]
    return f"{'an' if roles[0][0] in 'aeiou' else 'a'} {' or '.join(roles)}"


def people_with(roles: Iterable[str], *, unit_id: UUID | None) -> models.QuerySet[User]:
    """Return active people who have one of the roles in the unit or in the whole organisation, by name."""
    held = Membership.objects.in_force(on=timezone.localdate()).filter(role__in=list(roles))
    here = held.filter(models.Q(unit_id=unit_id) | models.Q(unit__isnull=True)) if unit_id else held
    return User.objects.filter(is_active=True, pk__in=here.values("user")).order_by("name")


def people_of_all_units(role: str) -> models.QuerySet[User]:
    """Return active people who have the role in the whole organisation, by name."""
    held = Membership.objects.in_force(on=timezone.localdate()).filter(role=role, unit__isnull=True)
    return User.objects.filter(is_active=True, pk__in=held.values("user")).order_by("name")


def people_beside(user: Any) -> models.QuerySet[User]:
    """Return the active people who have a role in a unit that this person sees, or in the whole organisation."""
    access = of(user)
    held = Membership.objects.in_force(on=timezone.localdate())
    if not access.sees_all_units:
        reaches = models.Q(unit__in=access.unit_ids) | models.Q(unit__isnull=True)
        held = held.filter(reaches) if access.is_member else held.none()
    return User.objects.filter(is_active=True, pk__in=held.values("user"))


def people_who_can(capability: Capability, *, unit_id: UUID | None) -> models.QuerySet[User]:
    """Return active people whose roles allow it in the unit, by name."""
    return people_with(roles_that_can(capability), unit_id=unit_id)


M = TypeVar("M", bound=models.Model)


class ScopedQuerySet(models.QuerySet[M]):
    """Rows that belong to a unit; `unit_path` is the lookup that leads to it."""

    unit_path = "unit_id"

    def visible_to(self, user: Any) -> Self:
        """Return the rows of the units in which the person has a role."""
        access = of(user)
        if access.sees_all_units:
            return self
        return self.filter(**{f"{self.unit_path}__in": access.unit_ids}) if access.by_unit else self.none()


class SharedQuerySet(ScopedQuerySet[M]):
    """Rows that belong to a unit, or to none, and then to the whole organisation, such as what is about a vendor."""

    def visible_to(self, user: Any) -> Self:
        """Return the rows of the person's units, and those of no unit; nothing without a role."""
        access = of(user)
        if access.sees_all_units:
            return self
        mine = models.Q(**{f"{self.unit_path}__in": access.unit_ids}) | models.Q(**{f"{self.unit_path}__isnull": True})
        return self.filter(mine) if access.is_member else self.none()


class OrganisationQuerySet(models.QuerySet[M]):
    """Rows that belong to the whole organisation, such as vendors."""

    def visible_to(self, user: Any) -> Self:
        """Return all rows to whoever has a role, none to others."""
        return self if of(user).is_member else self.none()


def visible_units(user: Any) -> models.QuerySet[Unit]:
    """Return the units in which the person has a role."""
    access = of(user)
    return Unit.objects.all() if access.sees_all_units else Unit.objects.filter(pk__in=access.unit_ids)


def only_unit(user: Any) -> UUID | None:
    """Return the unit in which the person has roles, where that is one; None for several and for all of them."""
    here = of(user)
    return here.unit_ids[0] if len(here.unit_ids) == 1 and not here.sees_all_units else None


def visible_people(user: Any) -> models.QuerySet[User]:
    """Return the colleagues: everybody, for whoever has a role."""
    return User.objects.all() if of(user).is_member else User.objects.none()


def visible_tokens(user: User) -> ApiTokenQuerySet:
    """Return the tokens of the person, to administrators all."""
    rows = ApiToken.objects.select_related("user")
    return rows if of(user).can(Capability.ADMINISTER) else rows.filter(user_id=user.pk)


def units_to(user: Any, *capabilities: Capability) -> models.QuerySet[Unit]:
    """Return the units in which the person may do one of these."""
    found: set[UUID] = set()
    for capability in capabilities:
        units = of(user).units_for(capability)
        if units is None:
            return Unit.objects.all()
        found.update(units)
    return Unit.objects.filter(pk__in=found)


def visible_events(user: Any) -> models.QuerySet[Event]:
    """Return the events that the person may read."""
    access = of(user)
    if not access.is_member:
        return Event.objects.none()
    if access.reads_administration:
        return Event.objects.all()
    if access.sees_all_units:
        return Event.objects.exclude(scope=Event.Scope.ADMINISTRATION)
    here = models.Q(scope=Event.Scope.UNIT, unit_id__in=access.unit_ids)
    return Event.objects.filter(here | models.Q(scope=Event.Scope.ORGANISATION))


_WORDS = {
    Capability.READ: "read this",
    Capability.WRITE: "change this",
    Capability.DECIDE: "decide this",
    Capability.MANAGE: "manage this",
    Capability.REPORT: "issue reports",
    Capability.DISCOVER: "send what is in use",
    Capability.ADMINISTER: "administer the register",
}


def _allowed_to(user: User) -> frozenset[str]:
    allowed: frozenset[str] = user.__dict__.get("_allowed", frozenset(Capability))
    return allowed


def _read(user: User, *, but: Membership | None = None) -> Access:
    everywhere: set[str] = set()
    by_unit: dict[UUID, set[str]] = {}
    rows = Membership.objects.in_force(on=timezone.localdate()).filter(user=user).order_by()
    rows = rows.exclude(pk=but.pk) if but else rows
    held: Iterable[tuple[UUID | None, str]] = rows.values_list("unit_id", "role")
    for unit_id, role in held:
        (everywhere if unit_id is None else by_unit.setdefault(unit_id, set())).add(role)
    return Access(frozenset(everywhere), {unit: frozenset(roles) for unit, roles in by_unit.items()})
