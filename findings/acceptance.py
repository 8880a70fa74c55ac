"""Risk acceptances: requested, granted or refused by another person, revoked, run out."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import access
from accounts.models import User
from audit import trail
from audit.context import SYSTEM
from findings import following, register
from findings.models import Finding, RiskAcceptance
from riskregister import sweeps
from riskregister.refusals import Conflict, Refused
from riskregister.text import clean_reason, clean_text
from riskregister.transitions import IllegalTransition, change_if, move
from vendors.models import Server

LONGEST = timedelta(days=365)

# An accepted finding can be asked for again, so that its acceptance is renewed before it runs out.
ACCEPTABLE = (Finding.Status.OPEN, Finding.Status.REMEDIATING, Finding.Status.ACCEPTED)


class AcceptanceInvalid(Refused):
    """The risk cannot be accepted like this."""


class RequestPending(Conflict):
    """A request to accept this risk waits for a decision already."""


class OwnRequest(access.NotPermitted):
    """Whoever asks to accept a risk does not decide it."""


@transaction.atomic
def request(
    subject: Finding | Server, *, reason: str, compensating_control: str, expires_on: date, by: User, now: datetime
) -> RiskAcceptance:
    """Return the request to live with a finding, or with a server's low score, until a day at most a year from now.

    Raises AcceptanceInvalid without a reason or compensating control or for another day, RequestPending while a request
    waits, IllegalTransition for a finding that is neither being worked on nor accepted.
    """
    access.require(by, access.Capability.WRITE, unit_id=subject.unit_id)
    today = timezone.localdate(now)
    if not today <= expires_on <= today + LONGEST:
        raise AcceptanceInvalid("A risk is accepted from today to a year from now at most.", field="expires_on")
    finding, server = (subject, None) if isinstance(subject, Finding) else (None, subject)
    if finding is not None and finding.status not in ACCEPTABLE:
        raise IllegalTransition(finding, finding.status, Finding.Status.ACCEPTED)
    acceptance = RiskAcceptance(
        unit_id=subject.unit_id,
        finding=finding,
        server=server,
        reason=clean_reason(reason),
        compensating_control=clean_reason(compensating_control, field="compensating_control"),
        expires_on=expires_on,
        residual_at_request=_residual(subject),
        requested_by=by,
        requested_at=now,
    )
    _save_request(acceptance)
    _record_request(acceptance, by=by, now=now)
    return acceptance


@transaction.atomic
def grant(acceptance: RiskAcceptance, *, by: User, now: datetime, note: str = "") -> RiskAcceptance:
    """Accept the risk that another person asked to accept; a finding is then accepted until the day.

    Raises OwnRequest for the requester, OwnFinding for the finding's owner, AcceptanceInvalid when the day has passed,
    IllegalTransition when somebody decided first or the finding is no longer in a state to be accepted.
    """
    finding = _locked(acceptance)
    _require_other(acceptance, by=by)
    if acceptance.expires_on < timezone.localdate(now):
        raise AcceptanceInvalid("The day until which it was asked for has passed. Refuse it.", field="expires_on")
    note = clean_text(note, field="note")
    move(acceptance, RiskAcceptance.Status.GRANTED, decided_by=by, decided_at=now, decision_note=note)
    _record("acceptance.granted", acceptance, by=by, now=now, reason=note, until=acceptance.expires_on.isoformat())
    if finding is not None:
        if finding.status != Finding.Status.ACCEPTED:
            move(finding, Finding.Status.ACCEPTED)
        register.record("finding.accepted", finding, by=by, now=now, acceptance=acceptance.ref)
    _refresh(acceptance, reason=f"{acceptance.ref} was granted.", now=now)
    return acceptance


@transaction.atomic
def refuse(acceptance: RiskAcceptance, *, note: str, by: User, now: datetime) -> RiskAcceptance:
    """Refuse, with a reason, to accept a risk that another person asked to accept."""
    _require_other(acceptance, by=by)
    note = clean_reason(note, field="note")
    move(acceptance, RiskAcceptance.Status.REFUSED, decided_by=by, decided_at=now, decision_note=note)
    _record("acceptance.refused", acceptance, by=by, now=now, reason=note)
    return acceptance


@transaction.atomic
def revoke(acceptance: RiskAcceptance, *, reason: str, by: User, now: datetime) -> RiskAcceptance:
    """End an acceptance before its day: the finding is open again, under the due date it had.

    Raises AcceptanceInvalid for one that has run out.
    """
    access.require(by, access.Capability.DECIDE, unit_id=acceptance.unit_id)
    reason = clean_reason(reason)
    if acceptance.status == RiskAcceptance.Status.GRANTED and acceptance.expires_on < timezone.localdate(now):
        raise AcceptanceInvalid("It has run out: nothing is left to be revoked.")
    move(acceptance, RiskAcceptance.Status.REVOKED, revoked_by=by, revoked_at=now)
    _record("acceptance.revoked", acceptance, by=by, now=now, reason=reason)
    _end(acceptance, by=by, now=now, reason=f"{acceptance.ref} was revoked.")
    return acceptance


def may_decide(acceptance: RiskAcceptance, person: User) -> bool:
    """Return whether the person may grant or refuse it: an approver who neither asked for it nor owns the finding."""
    try:
        _require_other(acceptance, by=person)
    except access.NotPermitted:
        return False
    return True


def record_expired(*, now: datetime) -> int:
    """Record that acceptances ran out, open their findings again, and return how many; each in its own transaction.

    Ratings do not wait for it: they ask the clock.
    """
    passed = RiskAcceptance.objects.filter(
        status=RiskAcceptance.Status.GRANTED,
        expires_on__lt=timezone.localdate(now),
        expiry_recorded_at__isnull=True,
    )
    return sum(_record_expiry(key, now=now) for key in sweeps.keys(passed))


@transaction.atomic
def _record_expiry(key: UUID, *, now: datetime) -> bool:
    """Return whether this sweep recorded it: of two at once one does, and after a revocation none."""
    acceptance = RiskAcceptance.objects.select_related("finding__server", "finding__vendor", "server").get(pk=key)
    unrecorded = {"status": RiskAcceptance.Status.GRANTED, "expiry_recorded_at": None}
    if not change_if(acceptance, unrecorded, expiry_recorded_at=now):
        return False
    _record("acceptance.expired", acceptance, by=SYSTEM, now=now, until=acceptance.expires_on.isoformat())
    _end(acceptance, by=SYSTEM, now=now, reason=f"{acceptance.ref} ran out.")
    return True


def _end(acceptance: RiskAcceptance, *, by: object, now: datetime, reason: str) -> None:
    finding = _locked(acceptance)
    if finding is not None and finding.status == Finding.Status.ACCEPTED:
        others = RiskAcceptance.objects.in_force(today=timezone.localdate(now)).filter(finding=finding)
        if not others.exists():
            move(finding, Finding.Status.OPEN)
            register.record("finding.acceptance_ended", finding, by=by, now=now, reason=reason)
    _refresh(acceptance, reason=reason, now=now)


def _save_request(acceptance: RiskAcceptance) -> None:
    try:
        with transaction.atomic():
            acceptance.save(force_insert=True)
    except IntegrityError as error:
        raise RequestPending("A request to accept this risk waits already. Decide that one first.") from error


def _record_request(acceptance: RiskAcceptance, *, by: User, now: datetime) -> None:
    until = acceptance.expires_on.isoformat()
    if acceptance.finding is None:
        _record("acceptance.requested", acceptance, by=by, now=now, reason=acceptance.reason, until=until)
        return
    register.record(
        "finding.acceptance_requested",
        acceptance.finding,
        by=by,
        now=now,
        reason=acceptance.reason,
        acceptance=acceptance.ref,
        until=until,
    )


def _require_other(acceptance: RiskAcceptance, *, by: User) -> None:
    access.require(by, access.Capability.DECIDE, unit_id=acceptance.unit_id)
    if acceptance.requested_by_id == by.pk:
        raise OwnRequest("You asked for this acceptance. Somebody else decides it.")
    if acceptance.finding is not None:
        # Whoever asked for it, the owner is relieved of the finding.
        register.require_other_than_owner(acceptance.finding, by=by)


def _locked(acceptance: RiskAcceptance) -> Finding | None:
    """Return the finding as it is now, held until the step ends, and put it in place of the one that was loaded."""
    if acceptance.finding_id is None:
        return None
    rows = Finding.objects.select_for_update(of=("self",)).select_related("server", "vendor")
    acceptance.finding = rows.get(pk=acceptance.finding_id)
    return acceptance.finding


def _residual(subject: Finding | Server) -> str:
    server = subject if isinstance(subject, Server) else subject.server
    return following.residual_of(server) if server else ""


def _record(verb: str, acceptance: RiskAcceptance, *, by: object, now: datetime, reason: str = "", **data: Any) -> None:
    concerns = acceptance.finding.subject if acceptance.finding else acceptance.server
    trail.record(verb, acceptance, by=by, at=now, reason=reason, concerns=concerns, **data)


def _refresh(acceptance: RiskAcceptance, *, reason: str, now: datetime) -> None:
    if acceptance.finding is not None:
        following.changed(acceptance.finding, reason=reason, now=now)
    elif acceptance.server is not None:
        following.accepted_server(acceptance.server, reason=reason, now=now)
