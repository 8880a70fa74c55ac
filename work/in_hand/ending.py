"""What ends soon: approvals, what else was decided until a day, evidence, conditions, and somebody's own roles and
tokens.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import cast

from django.db.models import Model, Q, QuerySet
from django.utils import timezone

from accounts.access import Capability
from accounts.models import User
from composition.models import Suppression
from controls.models import TierAcceptance
from decisions.models import Approval, Condition, RatingOverride
from evidence.models import Evidence
from findings.models import RiskAcceptance
from vendors.models import Server
from work.in_hand import waiting

WITHIN = timedelta(days=30)
DECIDERS = (Capability.DECIDE, Capability.MANAGE)


@dataclass(frozen=True, slots=True)
class Ending:
    """Something that ends: in a word what it is, the row whose page shows it, what it is called, and its last day."""

    what: str
    row: Model
    name: str
    last_day: date


def soon(user: User, *, today: date, within: timedelta = WITHIN) -> list[Ending]:
    """Return what ends soon and the person has to know of, the earliest first.

    Whoever decides or manages sees all of their units, an analyst what they own or added, everybody their own roles
    and tokens.
    """
    found = (*_decided(user, today, today + within), *_own(user, today, today + within))
    return sorted(found, key=lambda one: (one.last_day, one.what, one.name))


def _decided(user: User, first: date, last: date) -> Iterator[Ending]:
    here = waiting.may(user, *DECIDERS)
    approvals = Approval.objects.visible_to(user).in_force(today=first).filter(here | Q(server__owner=user))
    used = approvals.filter(valid_until__lte=last).exclude(server__status__in=Server.OUT_OF_USE)
    for one in used.select_related("server"):
        yield Ending("Approval", one.server, f"{one.ref} {one.server.title}", cast(date, one.valid_until))
    conditions = Condition.objects.filter(
        met_at=None, finding=None, due_on__range=(first, last), approval__in=_standing(user)
    )
    for condition in conditions.select_related("approval__server"):
        yield Ending("Condition", condition.approval.server, str(condition), condition.due_on)
    accepted = RiskAcceptance.objects.visible_to(user).in_force(today=first).filter(expires_on__lte=last)
    for risk in accepted.filter(here | Q(requested_by=user)).select_related("finding", "server"):
        yield Ending("Accepted risk", risk, f"{risk.ref} {risk.finding or risk.server}", risk.expires_on)
    yield from _accepted(user, here, first, last)
    documents = Evidence.objects.visible_to(user).filter(valid_until__range=(first, last))
    for document in documents.filter(here | Q(added_by=user)):
        yield Ending("Evidence", document, str(document), cast(date, document.valid_until))


def _accepted(user: User, here: Q, first: date, last: date) -> Iterator[Ending]:
    """Yield what else was decided until a day: ratings set by hand, lower governance tiers, what does not apply."""
    tiers = TierAcceptance.objects.visible_to(user).in_force(today=first)
    tiers = tiers.filter(expires_on__lte=last, deployment__ended_on=None)
    for lower in tiers.filter(here | Q(requested_by=user)).select_related("deployment"):
        yield Ending("Lower tier", lower, str(lower), lower.expires_on)
    by_hand = RatingOverride.objects.visible_to(user).in_force(today=first).filter(expires_on__lte=last)
    for override in by_hand.filter(here | Q(requested_by=user)).select_related("server"):
        yield Ending("Override", override, str(override), override.expires_on)
    theirs = waiting.may(user, *DECIDERS, of="hit__server__") | Q(statement__owner=user)
    suppressed = Suppression.objects.visible_to(user).in_force(today=first).filter(until__lte=last)
    for one in suppressed.filter(theirs).select_related("statement", "hit__vulnerability"):
        yield Ending("Suppression", one.statement, str(one), cast(date, one.until))


def _standing(user: User) -> "QuerySet[Approval]":
    granted = Approval.objects.visible_to(user).filter(status=Approval.Status.GRANTED)
    return granted.filter(waiting.may(user, *DECIDERS) | Q(server__owner=user))


def _own(user: User, first: date, last: date) -> Iterator[Ending]:
    for role in user.memberships.filter(valid_until__range=(first, last)).select_related("unit"):
        yield Ending("Your role", user, str(role), cast(date, role.valid_until))
    for token in user.tokens.filter(revoked_at=None):
        day = timezone.localdate(token.expires_at)
        if first <= day <= last:
            yield Ending("Your token", user, token.name, day)
