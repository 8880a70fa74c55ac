"""Findings: judged, assigned, dismissed, closed and reopened. What an answer observes and what people decide are kept
apart: `observing` opens and joins findings, and only people close them.
"""

import json
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts import access
from accounts.models import User
from audit import trail
from audit.models import Event
from catalogue.models import Dimension
from findings import following, overlays
from findings.models import Finding, RemediationPlan, Severity
from riskregister.ids import uuid7
from riskregister.refusals import Refused
from riskregister.text import clean_name, clean_reason, clean_text
from riskregister.transitions import IllegalTransition, move
from scoring import deadlines, methodology
from scoring.scales import Severity as Scale
from vendors.models import Server, Vendor

# What cannot be fixed within a year is a risk to be accepted, not a date to be moved.
LONGEST = timedelta(days=365)
_MOVING = ("status", "severity", "due_on", "owner", "opened_at")


class FindingInvalid(Refused):
    """The finding cannot be recorded or changed like this."""


class OwnFinding(access.NotPermitted):
    """Whoever owns a finding, or gave it away since it opened, does not settle it."""


@transaction.atomic
def open_by_hand(
    subject: Server | Vendor,
    *,
    title: str,
    severity: int,
    dimension: str,
    by: User,
    now: datetime,
    description: str = "",
    recommendation: str = "",
    owner: User | None = None,
) -> Finding:
    """Return a new open finding about a server or a vendor; it is due by its severity.

    Raises FindingInvalid for an unknown severity or dimension, or for an owner who cannot work on it.
    """
    server, vendor = (subject, None) if isinstance(subject, Server) else (None, subject)
    unit = server.unit if server else None
    unit_id = unit.pk if unit else None
    access.require(by, access.Capability.WRITE, unit_id=unit_id)
    if severity not in Severity.values:
        raise FindingInvalid("Choose critical, high, medium or low.", field="severity")
    if dimension not in Dimension.values:
        raise FindingInvalid("Choose one of the five dimensions.", field="dimension")
    finding = Finding(
        unit=unit,
        server=server,
        vendor=vendor,
        source=Finding.Source.MANUAL,
        stable_key=str(uuid7()),
        title=clean_name(title, field="title"),
        description=clean_text(description, field="description"),
        recommendation=clean_text(recommendation, field="recommendation"),
        severity=severity,
        dimension=dimension,
        status=Finding.Status.OPEN,
        owner=_worker(owner, unit_id) if owner else None,
        last_observed_at=now,
        created_at=now,
        opened_at=now,
        due_on=due_on(severity, now=now),
        is_demo=subject.is_demo,
    )
    finding.save(force_insert=True)
    record("finding.opened", finding, by=by, now=now, severity=Severity(severity).word)
    following.opened_by_hand(finding, reason=f"{finding.ref} was opened.", now=now)
    return finding


@transaction.atomic
def confirm(finding: Finding, *, by: User, now: datetime) -> Finding:
    """Judge a proposed finding to be one: it opens, and its clock starts."""
    access.require(by, access.Capability.WRITE, unit_id=finding.unit_id)
    _require_from(finding, Finding.Status.OPEN, Finding.Status.PROPOSED)
    move(finding, Finding.Status.OPEN, opened_at=now, due_on=due_on(finding.severity, now=now))
    record("finding.opened", finding, by=by, now=now, severity=Severity(finding.severity).word)
    following.changed(finding, reason=f"{finding.ref} was opened.", now=now)
    return finding


@transaction.atomic
def dismiss(finding: Finding, *, reason: str, by: User, now: datetime) -> Finding:
    """Judge that a finding is none. Of an open one an approver judges that, who does not own it.

    A dismissed finding stays dismissed when it is observed again.
    """
    hold(finding)
    is_open = finding.status != Finding.Status.PROPOSED
    needed = access.Capability.DECIDE if is_open else access.Capability.WRITE
    access.require(by, needed, unit_id=finding.unit_id)
    require_other_than_owner(finding, by=by)
    reason = clean_reason(reason)
    move(finding, Finding.Status.DISMISSED, close_reason=reason)
    record("finding.dismissed", finding, by=by, now=now, reason=reason)
    following.changed(finding, reason=f"{finding.ref} was dismissed.", now=now)
    return finding


@transaction.atomic
def close(finding: Finding, *, reason: str, by: User, now: datetime) -> Finding:
    """Close an open or accepted finding without a verified fix, e.g. because what it was about is gone.

    An approver does that, who does not own it. The cap of a critical question stays: only a verified fix lifts it.
    """
    hold(finding)
    access.require(by, access.Capability.DECIDE, unit_id=finding.unit_id)
    require_other_than_owner(finding, by=by)
    _require_from(finding, Finding.Status.CLOSED, Finding.Status.OPEN, Finding.Status.ACCEPTED)
    reason = clean_reason(reason)
    move(finding, Finding.Status.CLOSED, closed_at=now, close_reason=reason)
    record("finding.closed", finding, by=by, now=now, reason=reason)
    following.changed(finding, reason=f"{finding.ref} was closed.", now=now)
    return finding


@transaction.atomic
def reopen(finding: Finding, *, reason: str, by: User, now: datetime) -> Finding:
    """Open a closed or dismissed finding again, with a new due date; a verified fix no longer counts."""
    access.require(by, access.Capability.WRITE, unit_id=finding.unit_id)
    _require_from(finding, Finding.Status.OPEN, Finding.Status.CLOSED, Finding.Status.DISMISSED)
    reason = clean_reason(reason)
    begin_again(finding, now=now)
    overlays.take_back(finding, reason=reason, by=by, now=now)
    record("finding.reopened", finding, by=by, now=now, reason=reason)
    following.changed(finding, reason=f"{finding.ref} was reopened.", now=now)
    return finding


@transaction.atomic
def assign(finding: Finding, *, owner: User, by: User, now: datetime) -> Finding:
    """Give the finding to somebody who can work on it: an analyst or approver of its unit."""
    access.require_any(by, access.Capability.MANAGE, access.Capability.WRITE, unit_id=finding.unit_id)
    owner = _worker(owner, finding.unit_id)
    hold(finding)
    _require_unsettled(finding)
    gave_away = str(by.pk) if finding.owner_id == by.pk else None
    finding.owner = owner
    finding.save(update_fields=["owner"])
    record("finding.assigned", finding, by=by, now=now, owner=str(owner.pk), gave_away=gave_away)
    return finding


@transaction.atomic
def change_severity(finding: Finding, *, severity: int, reason: str, by: User, now: datetime) -> Finding:
    """Judge the severity anew; only an approver who does not own the finding lowers it.

    A higher severity can bring the due date forward, counted from today; a lower one never moves it back.
    """
    if severity not in Severity.values:
        raise FindingInvalid("Choose critical, high, medium or low.", field="severity")
    access.require(by, access.Capability.WRITE, unit_id=finding.unit_id)
    hold(finding)
    if severity > finding.severity:
        _require_decider(finding, by=by)
    _require_unsettled(finding)
    was, reason = Severity(finding.severity).word, clean_reason(reason)
    finding.severity = severity
    finding.due_on = min(day for day in (finding.due_on, due_on(severity, now=now)) if day)
    finding.save(update_fields=["severity", "due_on"])
    now_word = Severity(severity).word
    record("finding.severity_changed", finding, by=by, now=now, reason=reason, was=was, severity=now_word)
    following.changed(finding, reason=f"The severity of {finding.ref} changed to {now_word}.", now=now)
    return finding


@transaction.atomic
def change_due_date(finding: Finding, *, due_on: date, reason: str, by: User, now: datetime) -> Finding:
    """Set another due date, from today to a year from now; only an approver who does not own the finding gives time."""
    access.require(by, access.Capability.WRITE, unit_id=finding.unit_id)
    hold(finding)
    if finding.due_on is None or due_on > finding.due_on:
        _require_decider(finding, by=by)
    if finding.status not in Finding.BEING_FIXED:
        raise IllegalTransition(finding, finding.status, "another due date")
    today = timezone.localdate(now)
    if not today <= due_on <= today + LONGEST:
        raise FindingInvalid("Choose a day from today to a year from now, or accept the risk.", field="due_on")
    was, reason = finding.due_on, clean_reason(reason)
    finding.due_on = due_on
    finding.save(update_fields=["due_on"])
    record(
        "finding.due_date_changed",
        finding,
        by=by,
        now=now,
        reason=reason,
        was=was.isoformat() if was else None,
        due_on=due_on.isoformat(),
    )
    following.changed(finding, reason=f"The due date of {finding.ref} changed.", now=now)
    return finding


def begin_again(finding: Finding, *, now: datetime, **observed: object) -> None:
    """Move a settled finding to open with a fresh clock; the former plan is done with. Part of a step."""
    move(
        finding,
        Finding.Status.OPEN,
        opened_at=now,
        due_on=due_on(finding.severity, now=now),
        closed_at=None,
        close_reason="",
        **observed,
    )
    put_plan_aside(finding)


def put_plan_aside(finding: Finding) -> None:
    """Make the plan of a finding, if it has one, a former one. Part of a step."""
    for former in RemediationPlan.objects.filter(finding=finding, is_current=True):
        former.is_current = False
        former.save(update_fields=["is_current"])


def due_on(severity: int, *, now: datetime, method: methodology.Methodology | None = None) -> date:
    """Return the last day in time for a finding of this severity that opens at `now`, in the organisation's zone."""
    scale = Scale(Severity(severity).word)
    return deadlines.finding_due_on(scale, timezone.localdate(now), method or methodology.load())


def hold(finding: Finding) -> None:
    """Bring a finding up to date and hold it until the step ends, so that rules ask what is true. Part of a step."""
    finding.refresh_from_db(fields=_MOVING, from_queryset=Finding.objects.select_for_update(of=("self",)))


def require_other_than_owner(finding: Finding, *, by: User) -> None:
    """Raise OwnFinding for its owner, and for an owner who gave it away since it opened.

    Who was made its owner by somebody and relieved of it by somebody is free to judge: else an analyst could bar every
    approver by passing it round.
    """
    if finding.owner_id == by.pk:
        raise OwnFinding("You own this finding. Somebody else decides that.")
    if str(by.pk) in _who_gave_it_away(finding):
        raise OwnFinding("You owned this finding and gave it away. Somebody else decides that.")


def may_settle(finding: Finding, person: User) -> bool:
    """Return whether the person neither owns the finding nor gave it away since it opened."""
    return finding.owner_id != person.pk and str(person.pk) not in _who_gave_it_away(finding)


def record(verb: str, finding: Finding, *, by: object, now: datetime, reason: str = "", **data: Any) -> None:
    """Record an event of a finding, shown on the page of its server or vendor too."""
    trail.record(verb, finding, by=by, at=now, reason=reason, concerns=finding.subject, **data)


def _who_gave_it_away(finding: Finding) -> set[str]:
    since = finding.opened_at or finding.created_at
    given = Event.objects.filter(object_id=finding.pk, verb="finding.assigned", at__gte=since)
    said = (json.loads(body)["data"] for body in given.values_list("body", flat=True))
    return {data["gave_away"] for data in said if data.get("gave_away")}


def _worker(person: User, unit_id: UUID | None) -> User:
    person = access.held(person)
    if not access.of(person).can(access.Capability.WRITE, unit_id):
        raise FindingInvalid(f"{person} cannot work on it. Choose an analyst or approver of the unit.", field="owner")
    return person


def _require_decider(finding: Finding, *, by: User) -> None:
    access.require(by, access.Capability.DECIDE, unit_id=finding.unit_id)
    require_other_than_owner(finding, by=by)


def _require_unsettled(finding: Finding) -> None:
    if finding.status in (Finding.Status.CLOSED, Finding.Status.DISMISSED):
        raise IllegalTransition(finding, finding.status, "a change")


def _require_from(finding: Finding, to: Finding.Status, *allowed: Finding.Status) -> None:
    """Refuse a move that the table allows to another step only."""
    if finding.status not in allowed:
        raise IllegalTransition(finding, finding.status, to)
