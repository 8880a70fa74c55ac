"""Overrides: for a while the residual risk is shown as another value than the computed one; two people agree."""

from datetime import date, datetime
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from accounts import access, principals, steps
from accounts.access import Capability
from accounts.models import User
from accounts.principals import Principal
from accounts.steps import Done, step
from audit.context import SYSTEM
from decisions.models import RatingOverride
from decisions.ratings import ratings
from riskregister import nouns, sweeps, transitions
from riskregister.refusals import Refused
from riskregister.unit_of_work import unit_of_work
from scoring import deadlines
from scoring.scales import Residual
from vendors.models import Server

REQUESTED, GRANTED = RatingOverride.Status.REQUESTED, RatingOverride.Status.GRANTED


class OverrideInvalid(Refused):
    """The override cannot be made like this."""


class OwnOverride(access.NotPermitted):
    """Whoever asks for an override does not decide it."""


def requester(override: RatingOverride, by: Principal) -> OwnOverride | None:
    """Return the refusal for whoever asked for it, for others None."""
    is_own = by.person is not None and override.requested_by_id == by.person.pk
    return OwnOverride("You asked for this override; somebody else decides.") if is_own else None


def run_out(override: RatingOverride, today: date) -> OverrideInvalid | None:
    """Return the refusal once its last day has passed; before that None."""
    if override.expires_on >= today:
        return None
    if override.status == REQUESTED:
        return OverrideInvalid("The day it would end on has passed. Refuse it, and let it be asked for again.")
    return OverrideInvalid("It has run out: the worked-out rating counts already.")


def of_others(person: User) -> Q:
    """Return the condition that the person did not ask for an override."""
    return ~Q(requested_by=person)


@step("override.requested", needs=Capability.MANAGE, makes=RatingOverride, reason="reason")
def request(
    server: Server, *, residual: str, reason: str, expires_on: date, by: Principal, now: datetime
) -> Done[RatingOverride]:
    """Ask that the residual risk be shown as another value for a while; somebody else decides."""
    if residual not in set(Residual) - {Residual.NOT_ASSESSED}:
        raise OverrideInvalid("Choose critical, high, medium or low.", field="residual")
    today = timezone.localdate(now)
    if expires_on == today or not deadlines.is_within_a_year(expires_on, today=today):
        raise OverrideInvalid("An override ends within a year, and not before tomorrow.", field="expires_on")
    _make_way(server, now=now)
    override = RatingOverride.objects.create(
        unit=server.unit,
        server=server,
        residual=residual,
        computed=ratings.current(server, now=now).residual.value,
        reason=reason,
        expires_on=expires_on,
        requested_by=principals.person_of(by),
        requested_at=now,
    )
    return Done(override, residual=residual)


@step(
    "override.granted",
    needs=Capability.DECIDE,
    frm=(REQUESTED,),
    to=GRANTED,
    late=run_out,
    barred=(requester,),
    note="note",
)
def grant(override: RatingOverride, *, by: Principal, now: datetime, note: str = "") -> RatingOverride:
    """Grant an override that somebody else asked for; the computed value stays in sight."""
    override.decided_by, override.decided_at, override.decision_note = by.person, now, note
    ratings.refresh_at_end(override.server, reason="An override was granted.", now=now)
    return override


@step(
    "override.refused",
    needs=Capability.DECIDE,
    frm=(REQUESTED,),
    to=RatingOverride.Status.REFUSED,
    barred=(requester,),
    reason="note",
)
def refuse(override: RatingOverride, *, note: str, by: Principal, now: datetime) -> RatingOverride:
    """Refuse, with a reason, an override that somebody else asked for."""
    override.decided_by, override.decided_at, override.decision_note = by.person, now, note
    return override


@step(
    "override.revoked",
    needs=Capability.DECIDE,
    frm=(GRANTED,),
    to=RatingOverride.Status.REVOKED,
    late=run_out,
    reason="reason",
)
def revoke(override: RatingOverride, *, reason: str, by: Principal, now: datetime) -> RatingOverride:
    """End an override before its day. Raises OverrideInvalid for one that has run out."""
    ratings.refresh_at_end(override.server, reason="An override was revoked.", now=now)
    return override


def record_expired(*, now: datetime) -> int:
    """Record that overrides ran out, and return how many; each in its own transaction.

    Ratings do not wait for it: they ask the clock.
    """
    passed = RatingOverride.objects.filter(status=GRANTED, expires_on__lt=timezone.localdate(now))
    return sum(_record_expiry(key, now=now) for key in sweeps.keys(passed))


def _record_expiry(key: UUID, *, now: datetime) -> bool:
    """Return whether this sweep recorded it; of two at once one does, and after a revocation none."""
    try:
        with unit_of_work():
            _end(RatingOverride.objects.select_related("server").get(pk=key), now=now)
    except transitions.IllegalTransition:
        return False
    return True


def _end(override: RatingOverride, *, now: datetime) -> None:
    transitions.move(override, RatingOverride.Status.EXPIRED)
    steps.record("override.expired", override, by=SYSTEM, now=now, until=override.expires_on.isoformat())
    ratings.refresh_at_end(override.server, reason="An override ran out.", now=now)


def _make_way(server: Server, *, now: datetime) -> None:
    """End an override that has run out; refuse while another waits or holds. Of two requests at once one waits here."""
    nouns.hold(server)
    former = RatingOverride.objects.filter(server=server, status__in=(REQUESTED, GRANTED)).first()
    if former is None:
        return
    if former.status == REQUESTED or former.expires_on >= timezone.localdate(now):
        raise OverrideInvalid("Another override of this server waits or holds. Decide on it or revoke it first.")
    _end(former, now=now)
