"""Findings: judged, assigned, dismissed, closed and reopened. What is observed and what people decide are kept apart:
`observing` opens and joins findings; people close them, and a source that can tell that what it saw is truly gone.
"""

from datetime import date, datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from accounts import access
from accounts.access import Capability
from accounts.models import User
from accounts.principals import Principal
from accounts.steps import Done, step
from assessments.models import Assessment
from catalogue.models import Dimension
from findings import assignment, clock, following, overlays, revoking
from findings.models import Finding, GivenAway, RiskAcceptance
from findings.observed import observing
from riskregister import versions
from riskregister.ids import uuid7
from riskregister.refusals import Refused
from riskregister.text import clean_name, clean_text
from scoring import deadlines
from scoring.scales import Severity
from vendors.models import Server, Vendor

_BY_AN_APPROVER = "An approver dismisses a critical or high finding of monitoring. Confirm it, or ask an approver."
WRITE, DECIDE, MANAGE = Capability.WRITE, Capability.DECIDE, Capability.MANAGE


class FindingInvalid(Refused):
    """The finding cannot be recorded or changed like this."""


class OwnFinding(access.NotPermitted):
    """Whoever owns a finding, or gave it away since it opened, does not settle it."""


class CountsElsewhere(access.NotPermitted):
    """Who decides in some units only does not settle what counts for the servers of others."""


class TakesTwo(access.NotPermitted):
    """A critical or high finding is not settled by one person's word."""


def owner_now_or_before(finding: Finding, by: Principal) -> OwnFinding | None:
    """Return the refusal for its owner, and for an owner who gave it away since it opened; for others None.

    Who was made its owner by somebody and relieved of it by somebody is free to judge: else an analyst could bar every
    approver by passing it round.
    """
    if by.person is None:
        return None
    if finding.owner_id == by.person.pk:
        return OwnFinding("You own this finding. Somebody else decides that.")
    if GivenAway.objects.since_it_opened().filter(finding=finding, person=by.person).exists():
        return OwnFinding("You owned this finding and gave it away. Somebody else decides that.")
    return None


def of_others(person: User, *, finding: str = "") -> Q:
    """Return the condition that the person neither owns a finding (at the path `finding`) nor gave it away since."""
    gave = GivenAway.objects.since_it_opened().filter(finding=OuterRef(f"{finding}pk"), person=person)
    return Q(~Q(**{f"{finding}owner": person}), ~Exists(gave))


def counts_elsewhere(finding: Finding, by: Principal) -> CountsElsewhere | None:
    """Return the refusal for who does not decide in every unit whose servers a vendor's finding counts for; else None.

    It counts for each server whose assessment in force names the vendor. A proposed one counts for none yet.
    """
    if finding.vendor_id is None or finding.status == Finding.Status.PROPOSED:
        return None
    if Finding.objects.filter(counts_where_they_decide(by), pk=finding.pk).exists():
        return None
    return CountsElsewhere(
        "This is about a vendor and counts for servers of other units. An approver of the whole organisation, or of "
        "all these units, decides that."
    )


def counts_where_they_decide(by: Principal, *, finding: str = "") -> Q:
    """Return the condition that a finding (at the path `finding`) counts for no unit in which they do not decide."""
    mine = access.of(by).units_for(DECIDE)
    if mine is None:
        return Q()
    vendor = f"{finding}vendor"
    counting = Assessment.objects.filter(vendor=OuterRef(vendor), server__isnull=False, status=Assessment.Status.FINAL)
    return Q(**{f"{vendor}__isnull": True}) | Q(~Exists(counting.exclude(unit__in=mine)))


def dismissed_by(finding: Finding) -> Capability | None:
    """Return what it takes to dismiss a critical or high finding that no person has seen yet; for others None."""
    is_unseen = finding.status == Finding.Status.PROPOSED and finding.source == Finding.Source.MONITORING
    return DECIDE if is_unseen and finding.is_severe else None


def alone(finding: Finding, by: Principal) -> TakesTwo | None:
    """Return the refusal for whoever settles a critical or high finding alone, without a verified fix; else None.

    A second person has agreed once somebody else has accepted its risk, on another person's request. One that
    monitoring proposes was seen by no person: an approver dismisses it.
    """
    if not finding.is_severe or by.person is None:
        return None
    if finding.status == Finding.Status.PROPOSED:
        needed = dismissed_by(finding)
        return TakesTwo(_BY_AN_APPROVER) if needed and not access.of(by).can(needed, finding.unit_id) else None
    if finding.status not in (Finding.Status.OPEN, Finding.Status.ACCEPTED):
        return None
    if finding.status != Finding.Status.ACCEPTED:
        return TakesTwo(
            "Critical and high findings take two people: have its fix verified, or its risk accepted until a day; "
            "another approver than the one who accepted it may then close it."
        )
    granted = RiskAcceptance.objects.filter(finding=finding, status=RiskAcceptance.Status.GRANTED)
    latest = granted.order_by("-decided_at").first()
    if latest is not None and latest.decided_by_id == by.person.pk:
        return TakesTwo(f"You accepted its risk ({latest.ref}). Somebody else closes it.")
    return None


@step("finding.opened", needs=WRITE, makes=Finding, records=False)
def open_by_hand(
    subject: Server | Vendor,
    *,
    title: str,
    severity: int,
    dimension: str,
    by: Principal,
    now: datetime,
    description: str = "",
    recommendation: str = "",
    owner: User | None = None,
) -> Finding:
    """Return a new open finding about a server or a vendor; it is due by its severity.

    Unless an owner is named it is of whoever owns what it is about, or else of an analyst in turn. Raises
    FindingInvalid for an unknown severity or dimension, or for an owner who cannot work on it.
    """
    _refuse_no_severity(severity)
    if dimension not in Dimension.values:
        raise FindingInvalid("Choose one of the five dimensions.", field="dimension")
    worker = _worker(owner, subject.unit_id if isinstance(subject, Server) else None) if owner else None
    return observing.observe(
        source=Finding.Source.MANUAL,
        key=str(uuid7()),
        subject=subject,
        severity=Severity(severity),
        title=clean_name(title, field="title"),
        description=clean_text(description, field="description"),
        recommendation=clean_text(recommendation, field="recommendation"),
        dimension=dimension,
        fixer=lambda about: worker or assignment.choose(about),
        seen_at=now,
        by=by,
    ).finding


@step("finding.opened", needs=WRITE, frm=(Finding.Status.PROPOSED,), to=Finding.Status.OPEN)
def confirm(finding: Finding, *, by: Principal, now: datetime) -> Done[Finding]:
    """Judge a proposed finding to be one: it opens, and its clock starts."""
    finding.opened_at, finding.due_on = now, clock.due_on(finding.severity, now=now)
    following.changed(finding, reason=f"{finding.ref} was opened.", now=now)
    return Done(finding, severity=Severity(finding.severity).word)


@step(
    "finding.dismissed",
    needs={Finding.Status.PROPOSED: WRITE, Finding.Status.OPEN: DECIDE},
    needs_of=dismissed_by,
    frm=(Finding.Status.PROPOSED, Finding.Status.OPEN),
    to=Finding.Status.DISMISSED,
    barred=(owner_now_or_before, counts_elsewhere, alone),
    reason="reason",
)
def dismiss(finding: Finding, *, reason: str, by: Principal, now: datetime) -> Finding:
    """Judge that a finding is none. Of an open one an approver judges that, who does not own it.

    A dismissed finding stays dismissed when it is observed again.
    """
    _note_leniency(finding, "dismissed", by=by, now=now)
    finding.dismissed_at, finding.close_reason = now, reason
    following.changed(finding, reason=f"{finding.ref} was dismissed.", now=now)
    return finding


@step(
    "finding.closed",
    needs=DECIDE,
    frm=(Finding.Status.OPEN, Finding.Status.ACCEPTED),
    to=Finding.Status.CLOSED,
    barred=(owner_now_or_before, counts_elsewhere, alone),
    reason="reason",
)
def close(finding: Finding, *, reason: str, by: Principal, now: datetime) -> Finding:
    """Close an open or accepted finding without a verified fix, e.g. because what it was about is gone.

    An approver does that, who does not own it; a critical or high one takes another approver before, who accepted its
    risk. The cap of a critical question stays: only a verified fix lifts it. An acceptance of it ends.
    """
    _note_leniency(finding, "closed", by=by, now=now)
    finding.closed_at, finding.close_reason = now, reason
    revoking.with_finding(finding, by=by, now=now)
    following.changed(finding, reason=f"{finding.ref} was closed.", now=now)
    return finding


@step(
    "finding.reopened",
    needs=WRITE,
    frm=(Finding.Status.CLOSED, Finding.Status.DISMISSED),
    to=Finding.Status.OPEN,
    reason="reason",
)
def reopen(finding: Finding, *, reason: str, by: Principal, now: datetime) -> Finding:
    """Open a closed or dismissed finding again; a verified fix no longer counts, and brings a new due date.

    Without one it is due as it was: closing and opening again gives no time.
    """
    for name, value in clock.by_hand(finding, now=now).items():
        setattr(finding, name, value)
    clock.put_plan_aside(finding)
    overlays.take_back(finding, reason=reason, by=by, now=now)
    following.changed(finding, reason=f"{finding.ref} was reopened.", now=now)
    return finding


@step("finding.assigned", needs=(WRITE, MANAGE), frm=Finding.LIVE, edits=versions.facts("owner"))
def assign(finding: Finding, *, owner: User, by: Principal, now: datetime) -> Done[Finding]:
    """Give the finding to somebody who can work on it: an analyst or approver of its unit."""
    owner = _worker(owner, finding.unit_id)
    if by.person is not None and finding.owner_id == by.person.pk:
        finding.given_away.create(person=by.person, at=now)
    finding.owner = owner
    return Done(finding, owner=str(owner.pk), due_on=finding.due_on.isoformat() if finding.due_on else None)


@step(
    "finding.severity_changed",
    needs=WRITE,
    also=(DECIDE,),
    frm=Finding.LIVE,
    reason="reason",
    edits=versions.facts("severity"),
)
def change_severity(finding: Finding, *, severity: int, reason: str, by: Principal, now: datetime) -> Done[Finding]:
    """Judge the severity anew; only an approver who does not own the finding lowers it.

    A higher severity can bring the due date forward, counted from today; a lower one never moves it back.
    """
    _refuse_no_severity(severity)
    if severity > finding.severity:
        _require_decider(finding, by=by)
        _note_leniency(finding, "lowered", by=by, now=now)
    was, word = Severity(finding.severity).word, Severity(severity).word
    finding.severity = severity
    clock.bring_forward(finding, now=now)
    following.changed(finding, reason=f"The severity of {finding.ref} changed to {word}.", now=now)
    return Done(finding, was=was, severity=word)


@step(
    "finding.due_date_changed",
    needs=WRITE,
    also=(DECIDE,),
    frm=Finding.BEING_FIXED,
    reason="reason",
    edits=versions.facts("due_on"),
)
def change_due_date(finding: Finding, *, due_on: date, reason: str, by: Principal, now: datetime) -> Done[Finding]:
    """Set another due date, from today to a year from now; only an approver who does not own the finding gives time."""
    if finding.due_on is None or due_on > finding.due_on:
        _require_decider(finding, by=by)
        _note_leniency(finding, "gave time to", by=by, now=now)
    today = timezone.localdate(now)
    if not deadlines.is_within_a_year(due_on, today=today):
        raise FindingInvalid("Choose a day from today to a year from now, or accept the risk.", field="due_on")
    was, finding.due_on = finding.due_on, due_on
    following.changed(finding, reason=f"The due date of {finding.ref} changed.", now=now)
    return Done(finding, was=was.isoformat() if was else None, due_on=due_on.isoformat())


def _refuse_no_severity(severity: int) -> None:
    if severity not in list(Severity):
        raise FindingInvalid("Choose critical, high, medium or low.", field="severity")


def _worker(person: User, unit_id: UUID | None) -> User:
    if not assignment.can_own(person, unit_id=unit_id):
        raise FindingInvalid(f"{person} cannot work on it. Choose an analyst or approver of the unit.", field="owner")
    return person


def _note_leniency(finding: Finding, what: str, *, by: Principal, now: datetime) -> None:
    if finding.is_severe and by.person is not None:
        finding.leniencies.create(person=by.person, what=what, at=now)


def _require_decider(finding: Finding, *, by: Principal) -> None:
    access.require(by, DECIDE, unit_id=finding.unit_id)
    if refusal := owner_now_or_before(finding, by) or counts_elsewhere(finding, by):
        raise refusal
