"""Overrides: for a while the residual risk is shown as another value than the computed one; two people agree."""

from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts import access
from accounts.models import User
from audit import trail
from audit.context import SYSTEM
from decisions import ratings
from decisions.models import RatingOverride
from riskregister import sweeps, transitions
from riskregister.refusals import Refused
from riskregister.text import clean_reason, clean_text
from scoring.scales import Residual
from vendors.models import Server

_LONGEST = timedelta(days=365)


class OverrideInvalid(Refused):
    """The override cannot be made like this."""


@transaction.atomic
def request(server: Server, *, residual: str, reason: str, expires_on: date, by: User, now: datetime) -> RatingOverride:
    """Ask that the residual risk be shown as another value for a while; somebody else decides."""
    access.require(by, access.Capability.MANAGE, unit_id=server.unit_id)
    if residual not in set(Residual) - {Residual.NOT_ASSESSED}:
        raise OverrideInvalid("Choose critical, high, medium or low.", field="residual")
    reason = clean_reason(reason)
    today = timezone.localdate(now)
    if not today < expires_on <= today + _LONGEST:
        raise OverrideInvalid("An override ends within a year, and not before tomorrow.", field="expires_on")
    _make_way(server, now=now)
    override = RatingOverride.objects.create(
        unit=server.unit,
        server=server,
        residual=residual,
        computed=ratings.current(server, now=now).residual.value,
        reason=reason,
        expires_on=expires_on,
        requested_by=by,
        requested_at=now,
    )
    trail.record("override.requested", override, by=by, at=now, reason=reason, concerns=server, residual=residual)
    return override


@transaction.atomic
def grant(override: RatingOverride, *, note: str, by: User, now: datetime) -> RatingOverride:
    """Grant an override that somebody else asked for; the computed value stays in sight."""
    _second_person(override, by=by)
    note = clean_text(note, field="note")
    if override.expires_on < timezone.localdate(now):
        raise OverrideInvalid("The day it would end on has passed. Refuse it, and let it be asked for again.")
    transitions.move(override, RatingOverride.Status.GRANTED, decided_by=by, decided_at=now, decision_note=note)
    trail.record("override.granted", override, by=by, at=now, reason=note, concerns=override.server)
    ratings.refresh(override.server, reason="An override was granted.", now=now)
    return override


@transaction.atomic
def refuse(override: RatingOverride, *, note: str, by: User, now: datetime) -> RatingOverride:
    """Refuse, with a reason, an override that somebody else asked for."""
    _second_person(override, by=by)
    note = clean_reason(note, field="note")
    transitions.move(override, RatingOverride.Status.REFUSED, decided_by=by, decided_at=now, decision_note=note)
    trail.record("override.refused", override, by=by, at=now, reason=note, concerns=override.server)
    return override


@transaction.atomic
def revoke(override: RatingOverride, *, reason: str, by: User, now: datetime) -> RatingOverride:
    """End an override before its day. Raises OverrideInvalid for one that has run out."""
    access.require(by, access.Capability.DECIDE, unit_id=override.unit_id)
    reason = clean_reason(reason)
    if override.status == RatingOverride.Status.GRANTED and override.expires_on < timezone.localdate(now):
        raise OverrideInvalid("It has run out: the worked-out rating counts already.")
    transitions.move(override, RatingOverride.Status.REVOKED)
    trail.record("override.revoked", override, by=by, at=now, reason=reason, concerns=override.server)
    ratings.refresh(override.server, reason="An override was revoked.", now=now)
    return override


def record_expired(*, now: datetime) -> int:
    """Record that overrides ran out, and return how many; each in its own transaction.

    Ratings do not wait for it: they ask the clock.
    """
    passed = RatingOverride.objects.filter(status=RatingOverride.Status.GRANTED, expires_on__lt=timezone.localdate(now))
    return sum(_record_expiry(key, now=now) for key in sweeps.keys(passed))


def _record_expiry(key: UUID, *, now: datetime) -> bool:
    """Return whether this sweep recorded it; of two at once one does, and after a revocation none."""
    try:
        with transaction.atomic():
            _end(RatingOverride.objects.select_related("server").get(pk=key), now=now)
    except transitions.IllegalTransition:
        return False
    return True


def _end(override: RatingOverride, *, now: datetime) -> None:
    transitions.move(override, RatingOverride.Status.EXPIRED)
    until = override.expires_on.isoformat()
    trail.record("override.expired", override, by=SYSTEM, at=now, concerns=override.server, until=until)
    ratings.refresh(override.server, reason="An override ran out.", now=now)


def _make_way(server: Server, *, now: datetime) -> None:
    """End an override that has run out; refuse while another waits or holds. Of two requests at once one waits here."""
    Server.objects.select_for_update(no_key=True).get(pk=server.pk)
    open_ones = (RatingOverride.Status.REQUESTED, RatingOverride.Status.GRANTED)
    former = RatingOverride.objects.filter(server=server, status__in=open_ones).first()
    if former is None:
        return
    if former.status == RatingOverride.Status.REQUESTED or former.expires_on >= timezone.localdate(now):
        raise OverrideInvalid("Another override of this server waits or holds. Decide on it or revoke it first.")
    _end(former, now=now)


def _second_person(override: RatingOverride, *, by: User) -> None:
    access.require(by, access.Capability.DECIDE, unit_id=override.unit_id)
    if override.requested_by_id == by.pk:
        raise access.NotPermitted("You asked for this override; somebody else decides.")
