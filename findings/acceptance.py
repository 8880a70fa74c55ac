"""Risk acceptances: requested, granted or refused by another person, revoked, run out."""

from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from accounts import access, principals, steps
from accounts.access import Capability
from accounts.models import User
from accounts.principals import Principal
from accounts.steps import Done, step
from audit.context import SYSTEM
from findings import following, register
from findings.models import Finding, RiskAcceptance
from riskregister import nouns, sweeps
from riskregister.refusals import Conflict, Refused
from riskregister.text import clean_reason
from riskregister.transitions import IllegalTransition, change_if, move
from riskregister.unit_of_work import unit_of_work
from scoring import deadlines
from vendors.models import Server

# An accepted finding can be asked for again, so that its acceptance is renewed before it runs out.
ACCEPTABLE = (Finding.Status.OPEN, Finding.Status.REMEDIATING, Finding.Status.ACCEPTED)


class AcceptanceInvalid(Refused):
    """The risk cannot be accepted like this."""


class RequestPending(Conflict):
    """A request to accept this risk waits for a decision already."""


class OwnRequest(access.NotPermitted):
    """Whoever asks to accept a risk does not decide it."""


def counts_elsewhere(acceptance: RiskAcceptance, by: Principal) -> access.NotPermitted | None:
    """Return the refusal for who does not decide in every unit whose servers the finding counts for; else None."""
    return register.counts_elsewhere(acceptance.finding, by) if acceptance.finding else None


def requester_or_owner(acceptance: RiskAcceptance, by: Principal) -> access.NotPermitted | None:
    """Return the refusal for whoever asked for it, and for the finding's owner; for others None."""
    if by.person is not None and acceptance.requested_by_id == by.person.pk:
        return OwnRequest("You asked for this acceptance. Somebody else decides it.")
    # An acceptance relieves the owner of the finding, whoever asked for it.
    return register.owner_now_or_before(acceptance.finding, by) if acceptance.finding else None


def unfit(acceptance: RiskAcceptance) -> IllegalTransition | None:
    """Return the refusal where nothing is to be accepted: its finding is settled, or waits for a verdict; else None."""
    finding = acceptance.finding
    if finding is None or finding.status in ACCEPTABLE:
        return None
    return IllegalTransition(finding, finding.status, Finding.Status.ACCEPTED)


def run_out(acceptance: RiskAcceptance, today: date) -> AcceptanceInvalid | None:
    """Return the refusal once its last day has passed; before that None."""
    if acceptance.expires_on >= today:
        return None
    if acceptance.status == RiskAcceptance.Status.REQUESTED:
        return AcceptanceInvalid("The day until which it was asked for has passed. Refuse it.", field="expires_on")
    return AcceptanceInvalid("It has run out: nothing is left to be revoked.")


def fit() -> Q:
    """Return the condition that there is something to accept: what `unfit` refuses is left out."""
    return Q(finding=None) | Q(finding__status__in=ACCEPTABLE)


def of_others(person: User) -> Q:
    """Return the condition that the person neither asked for an acceptance nor owns, or gave away, its finding."""
    return ~Q(requested_by=person) & register.of_others(person, finding="finding__")


@step("finding.acceptance_requested", needs=Capability.WRITE, frm=ACCEPTABLE, reason="reason")
def request(
    finding: Finding, *, reason: str, compensating_control: str, expires_on: date, by: Principal, now: datetime
) -> Done[RiskAcceptance]:
    """Return the request to live with a finding until a day at most a year from now.

    Raises AcceptanceInvalid without a compensating control or for another day, RequestPending while a request waits.
    """
    asked = _ask(reason, compensating_control, expires_on, by=by, now=now)
    asked.unit_id, asked.finding, asked.residual_at_request = finding.unit_id, finding, _residual(finding.server)
    _save_request(asked)
    return Done(asked, acceptance=asked.ref, until=expires_on.isoformat())


@step("acceptance.requested", needs=Capability.WRITE, makes=RiskAcceptance, reason="reason")
def request_for_server(
    server: Server, *, reason: str, compensating_control: str, expires_on: date, by: Principal, now: datetime
) -> Done[RiskAcceptance]:
    """Return the request to live with a server's low score until a day at most a year from now; raises as `request`."""
    asked = _ask(reason, compensating_control, expires_on, by=by, now=now)
    asked.unit_id, asked.server, asked.residual_at_request = server.unit_id, server, _residual(server)
    _save_request(asked)
    return Done(asked, until=expires_on.isoformat())


@step(
    "acceptance.granted",
    needs=Capability.DECIDE,
    frm=(RiskAcceptance.Status.REQUESTED,),
    to=RiskAcceptance.Status.GRANTED,
    unfit=unfit,
    late=run_out,
    barred=(requester_or_owner, counts_elsewhere),
    note="note",
)
def grant(acceptance: RiskAcceptance, *, by: Principal, now: datetime, note: str = "") -> Done[RiskAcceptance]:
    """Accept the risk that another person asked to accept; a finding is then accepted until the day.

    Raises OwnRequest for the requester, OwnFinding for the finding's owner, AcceptanceInvalid when the day has passed,
    IllegalTransition when somebody decided first or the finding is no longer in a state to be accepted.
    """
    acceptance.decided_by, acceptance.decided_at, acceptance.decision_note = by.person, now, note
    finding = acceptance.finding
    if finding is not None:
        if finding.status != Finding.Status.ACCEPTED:
            move(finding, Finding.Status.ACCEPTED)
        steps.record("finding.accepted", finding, by=by, now=now, acceptance=acceptance.ref)
    _follow(acceptance, reason=f"{acceptance.ref} was granted.", now=now)
    return Done(acceptance, until=acceptance.expires_on.isoformat())


@step(
    "acceptance.refused",
    needs=Capability.DECIDE,
    frm=(RiskAcceptance.Status.REQUESTED,),
    to=RiskAcceptance.Status.REFUSED,
    barred=(requester_or_owner,),
    reason="note",
)
def refuse(acceptance: RiskAcceptance, *, note: str, by: Principal, now: datetime) -> RiskAcceptance:
    """Refuse, with a reason, to accept a risk that another person asked to accept."""
    acceptance.decided_by, acceptance.decided_at, acceptance.decision_note = by.person, now, note
    return acceptance


@step(
    "acceptance.revoked",
    needs=Capability.DECIDE,
    frm=(RiskAcceptance.Status.GRANTED,),
    to=RiskAcceptance.Status.REVOKED,
    late=run_out,
    reason="reason",
)
def revoke(acceptance: RiskAcceptance, *, reason: str, by: Principal, now: datetime) -> RiskAcceptance:
    """End an acceptance before its day: the finding is open again, under the due date it had.

    Raises AcceptanceInvalid for one that has run out.
    """
    acceptance.revoked_by, acceptance.revoked_at = by.person, now
    _end(acceptance, by=by, now=now, reason=f"{acceptance.ref} was revoked.")
    return acceptance


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


def _record_expiry(key: UUID, *, now: datetime) -> bool:
    """Return whether this sweep recorded it: of two at once one does, and after a revocation none."""
    with unit_of_work():
        rows = RiskAcceptance.objects.select_related("finding__server", "finding__vendor", "server")
        acceptance = rows.get(pk=key)
        nouns.hold(acceptance)
        unrecorded = {"status": RiskAcceptance.Status.GRANTED, "expiry_recorded_at": None}
        if not change_if(acceptance, unrecorded, expiry_recorded_at=now):
            return False
        until = acceptance.expires_on.isoformat()
        steps.record("acceptance.expired", acceptance, by=SYSTEM, now=now, until=until)
        _end(acceptance, by=SYSTEM, now=now, reason=f"{acceptance.ref} ran out.")
        return True


def _end(acceptance: RiskAcceptance, *, by: Principal, now: datetime, reason: str) -> None:
    """Open the finding again unless another acceptance of it is in force. Part of a step that ends this one."""
    finding = acceptance.finding
    if finding is not None and finding.status == Finding.Status.ACCEPTED:
        others = RiskAcceptance.objects.in_force(today=timezone.localdate(now)).filter(finding=finding)
        if not others.exclude(pk=acceptance.pk).exists():
            move(finding, Finding.Status.OPEN)
            steps.record("finding.acceptance_ended", finding, by=by, now=now, reason=reason)
    _follow(acceptance, reason=reason, now=now)


def _ask(reason: str, compensating_control: str, expires_on: date, *, by: Principal, now: datetime) -> RiskAcceptance:
    """Return a request that is not saved yet. Raises AcceptanceInvalid for a day out of reach."""
    today = timezone.localdate(now)
    if not deadlines.is_within_a_year(expires_on, today=today):
        raise AcceptanceInvalid("A risk is accepted from today to a year from now at most.", field="expires_on")
    return RiskAcceptance(
        reason=reason,
        compensating_control=clean_reason(compensating_control, field="compensating_control"),
        expires_on=expires_on,
        requested_by=principals.person_of(by),
        requested_at=now,
    )


def _save_request(acceptance: RiskAcceptance) -> None:
    try:
        with transaction.atomic():
            acceptance.save(force_insert=True)
    except IntegrityError as error:
        raise RequestPending("A request to accept this risk waits already. Decide that one first.") from error


def _residual(server: Server | None) -> str:
    return following.residual_of(server) if server else ""


def _follow(acceptance: RiskAcceptance, *, reason: str, now: datetime) -> None:
    if acceptance.finding is not None:
        following.changed(acceptance.finding, reason=reason, now=now)
    elif acceptance.server is not None:
        following.accepted_server(acceptance.server, reason=reason, now=now)
