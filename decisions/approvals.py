"""Decisions on a finalised assessment: approve, approve with dated conditions, reject; and their withdrawal."""

from collections.abc import Iterable
from datetime import date, datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts import access
from accounts.models import User
from assessments import lifecycle, second_person
from assessments.models import Assessment
from audit import trail
from decisions import conditions as keeping
from decisions import decision_window, ratings, reviews
from decisions.models import Approval, Condition
from findings.models import RiskAcceptance
from riskregister import transitions
from riskregister.refusals import Conflict, Refused
from riskregister.text import clean_reason
from scoring import deadlines
from scoring.caps import Cap
from scoring.rating import Rating
from scoring.scales import Band
from vendors import lifecycle as server_lifecycle
from vendors.models import Server


class DecisionInvalid(Refused):
    """The decision cannot be made like this."""


class ConditionMissed(Conflict):
    """The condition was not met in time: it is a finding now, and is settled as one."""


class ApprovalOver(Conflict):
    """The approval is not in force any more, and neither are its conditions."""


class AcceptanceMissing(Refused):
    """The rating is unacceptable, and somebody must first accept the risks that hold it there."""


class RisksOpen(AcceptanceMissing):
    """Risks that nobody has accepted hold the rating of a final assessment at unacceptable."""


_FINAL_FIRST = (
    "The rating would be unacceptable. Make the assessment final and decide later: its findings then open. "
    "Have somebody else accept their risks, then approve."
)


@transaction.atomic
def decide(
    assessment: Assessment,
    *,
    decision: str,
    reason: str,
    by: User,
    now: datetime,
    valid_until: date | None = None,
    conditions: Iterable[tuple[str, date]] = (),
    accept_dimensions: Iterable[str] = (),
    answers_digest: str | None = None,
    replaces: Approval | None = None,
) -> Approval:
    """Return the decision on an assessment, which is finalised first if it is still submitted; moves the server.

    `replaces` names the approval in force that was made on the same assessment. Raises FourEyes for whoever has a hand
    in it, AnswersChanged when it is no longer the submission of `answers_digest`, DecidedAlready when another decision
    than `replaces` stands, AssessAgain after a rejection or a withdrawal, DecisionInvalid for an unknown decision,
    missing reason, wrong dates or missing conditions, AcceptanceMissing for an approval while the rating is
    unacceptable.
    """
    lifecycle.hold(assessment)
    second_person.require(assessment, by=by)
    decision_window.require_open(assessment, replaces=replaces)
    reason = clean_reason(reason)
    wanted = _checked(assessment, decision, valid_until, list(conditions), today=timezone.localdate(now))
    was_submitted = assessment.status == Assessment.Status.SUBMITTED
    if was_submitted:
        lifecycle.finalise(
            assessment, by=by, now=now, accept_dimensions=accept_dimensions, answers_digest=answers_digest
        )
    if assessment.status != Assessment.Status.FINAL:
        raise transitions.IllegalTransition(assessment, assessment.status, "decided")
    rating = ratings.current(assessment.server, now=now)
    if decision != Approval.Decision.REJECT:
        try:
            _require_acceptances(assessment, rating, by=by, today=timezone.localdate(now))
        except RisksOpen as error:
            if was_submitted:
                # The refusal takes the findings back that were opened a moment ago: their numbers would lead nowhere.
                raise AcceptanceMissing(_FINAL_FIRST) from error
            raise
        _require_assessed_manifest(assessment)
    approval = _grant(
        assessment, decision=decision, reason=reason, valid_until=valid_until, rating=rating, by=by, now=now
    )
    for text, due_on in wanted:
        Condition.objects.create(approval=approval, text=text, due_on=due_on)
    _move_server(assessment, approval, by=by, now=now)
    reviews.complete(assessment, by=by, now=now)
    if decision != Approval.Decision.REJECT:
        reviews.schedule_next(assessment.server, after=timezone.localdate(now), now=now)
    ratings.refresh(assessment.server, reason=f"{approval.ref}: {approval.outcome}.", now=now)
    return approval


@transaction.atomic
def withdraw(approval: Approval, *, reason: str, by: User, now: datetime) -> Approval:
    """Withdraw an approval that is in force; the server is suspended. Raises DecisionInvalid for a rejection."""
    access.require(by, access.Capability.DECIDE, unit_id=approval.unit_id)
    reason = clean_reason(reason)
    if approval.decision == Approval.Decision.REJECT:
        raise DecisionInvalid("A rejection lets nobody use the server. Assess the server again to decide anew.")
    lifecycle.hold_server(approval.server)
    transitions.move(approval, Approval.Status.WITHDRAWN, withdrawn_by=by, withdrawn_reason=reason)
    trail.record("approval.withdrawn", approval, by=by, at=now, reason=reason, concerns=approval.server)
    if approval.server.status == Server.Status.APPROVED:
        server_lifecycle.suspend(approval.server, reason=reason, by=by, now=now)
    ratings.refresh(approval.server, reason=f"{approval.ref} was withdrawn.", now=now)
    return approval


@transaction.atomic
def resume_server(server: Server, *, reason: str, by: User, now: datetime) -> Server:
    """Let agents use a suspended server again; raises DecisionInvalid unless an approval of its release is in date."""
    access.require(by, access.Capability.DECIDE, unit_id=server.unit_id)
    lifecycle.hold_server(server)
    in_date = Approval.objects.in_force(today=timezone.localdate(now)).filter(
        server=server, release=server.pinned_release_id
    )
    if not in_date.exists():
        raise DecisionInvalid("No approval of this server is in date. Assess it again, then decide.")
    server_lifecycle.resume(server, reason=reason, by=by, now=now)
    return server


@transaction.atomic
def meet_condition(condition: Condition, *, note: str, by: User, now: datetime) -> Condition:
    """Record that a condition of an approval was met in time, with what shows it.

    Raises ConditionMissed from the day after it was due: its finding is fixed, which a second person verifies.
    ApprovalOver for an approval that is not in force any more.
    """
    access.require(by, access.Capability.WRITE, unit_id=condition.approval.unit_id)
    note = clean_reason(note, field="note")
    rows = Condition.objects.select_for_update(of=("self", "approval"))
    held = rows.select_related("finding", "approval__server").get(pk=condition.pk)
    if held.met_at is None:
        _require_binding(held, today=timezone.localdate(now))
    if not keeping.meet(condition, note=note, by=by, now=now):
        raise DecisionInvalid("This condition was met already.")
    return condition


def _require_binding(condition: Condition, *, today: date) -> None:
    """Raise unless the condition can still be met in time."""
    approval = condition.approval
    if condition.finding is not None:
        raise ConditionMissed(
            f"It was missed and is finding {condition.finding.ref} now. Claim the fix there; verified, it is met."
        )
    if approval.status != Approval.Status.GRANTED:
        raise ApprovalOver(f"{approval.ref} was {approval.get_status_display().lower()}: its conditions bind nobody.")
    if deadlines.is_past(condition.due_on, today=today):
        raise ConditionMissed("Its day has passed: it becomes a finding within minutes. Claim the fix there.")


def _checked(
    assessment: Assessment,
    decision: str,
    valid_until: date | None,
    conditions: list[tuple[str, date]],
    *,
    today: date,
) -> list[tuple[str, date]]:
    if decision not in Approval.Decision.values:
        raise DecisionInvalid("Choose approve, approve with conditions, or reject.", field="decision")
    if conditions and decision != Approval.Decision.APPROVE_WITH_CONDITIONS:
        raise DecisionInvalid("These are conditions. Approve with conditions, or leave them out.", field="conditions")
    if decision == Approval.Decision.REJECT:
        return []
    judged_on = timezone.localdate(assessment.finalised_at) if assessment.finalised_at else today
    if valid_until is None or not today < valid_until <= decision_window.last_day(judged_on):
        raise DecisionInvalid(
            "Say until when the approval holds: from tomorrow to 18 months after the assessment became final.",
            field="valid_until",
        )
    if decision == Approval.Decision.APPROVE_WITH_CONDITIONS and not conditions:
        raise DecisionInvalid(
            "Name at least one condition and its date, or approve without conditions.", field="conditions"
        )
    cleaned = [(clean_reason(text, field="conditions"), due_on) for text, due_on in conditions]
    if any(not today <= due_on <= valid_until for _text, due_on in cleaned):
        raise DecisionInvalid("A condition is due between today and the end of the approval.", field="conditions")
    return cleaned


def _require_acceptances(assessment: Assessment, rating: Rating, *, by: User, today: date) -> None:
    """Refuse an approval over an unacceptable rating, or over one that only the approver's own acceptance lifted."""
    own = _granted_by(by, assessment, rating.lifted, today=today)
    if own:
        raise AcceptanceMissing(f"You granted the acceptance of {own}. Somebody else approves the server.")
    if rating.band is Band.NOT_ASSESSED:
        named = ", ".join(rating.score.not_rateable) if rating.score else ""
        raise DecisionInvalid(
            f"Too much of {named or 'the assessment'} is not applicable for a rating. Accept that, or reject it.",
            field="accept_dimensions",
        )
    if rating.band is not Band.UNACCEPTABLE:
        return
    if rating.held_by:
        named = ", ".join(sorted({f"{cap.subject} ({cap.question or cap.reason})" for cap in rating.held_by}))
        raise RisksOpen(f"The rating is unacceptable. First have somebody else accept these risks: {named}.")
    # No cap stands in the way any more: the answers alone are below the band.
    accepted = RiskAcceptance.objects.in_force(today=today).filter(server=assessment.server).exclude(decided_by=by)
    if not accepted.exists():
        raise RisksOpen(
            "The answers alone make the rating unacceptable. First have somebody else accept this server's risk."
        )


def _granted_by(by: User, assessment: Assessment, caps: Iterable[Cap], *, today: date) -> str:
    """Return a finding whose cap only the approver's own acceptance holds off, or an empty text.

    A cap names its finding, or the critical question whose findings count for it.
    """
    subjects = {cap.subject for cap in caps}
    numbers = {int(subject.removeprefix("F-")) for subject in subjects if subject.startswith("F-")}
    about = Q(finding__server=assessment.server_id)
    if assessment.vendor_id:
        about |= Q(finding__vendor=assessment.vendor_id)
    behind = Q(finding__number__in=numbers) | Q(finding__question_key__in=subjects) & about
    rows = RiskAcceptance.objects.in_force(today=today).filter(behind)
    others = rows.exclude(decided_by=by).values("finding")
    own = rows.filter(decided_by=by).exclude(finding__in=others).select_related("finding").first()
    return own.finding.ref if own and own.finding else ""


def _require_assessed_manifest(assessment: Assessment) -> None:
    if assessment.release.manifest_digest != assessment.manifest_digest:
        raise DecisionInvalid("The tools of this release were captured again since. Assess the server again.")


def _grant(
    assessment: Assessment,
    *,
    decision: str,
    reason: str,
    valid_until: date | None,
    rating: Rating,
    by: User,
    now: datetime,
) -> Approval:
    _supersede_former(assessment.server, by=by, now=now)
    approval = Approval(
        unit=assessment.unit,
        server=assessment.server,
        assessment=assessment,
        release=assessment.release,
        manifest_digest=assessment.manifest_digest,
        decision=decision,
        reason=reason,
        residual=rating.residual.value,
        valid_until=None if decision == Approval.Decision.REJECT else valid_until,
        decided_by=by,
        decided_at=now,
    )
    approval.save(force_insert=True)
    trail.record(
        "approval.granted",
        approval,
        by=by,
        at=now,
        reason=reason,
        concerns=assessment.server,
        decision=decision,
        release=str(assessment.release),
        manifest_digest=assessment.manifest_digest,
        valid_until=valid_until.isoformat() if valid_until else None,
    )
    return approval


def _supersede_former(server: Server, *, by: User, now: datetime) -> None:
    for former in Approval.objects.filter(server=server, status=Approval.Status.GRANTED):
        transitions.move(former, Approval.Status.SUPERSEDED)
        trail.record("approval.superseded", former, by=by, at=now, concerns=server)


def _move_server(assessment: Assessment, approval: Approval, *, by: User, now: datetime) -> None:
    server = assessment.server
    if approval.decision == Approval.Decision.REJECT:
        server_lifecycle.reject(server, reason=approval.reason, by=by, now=now)
    else:
        server_lifecycle.approve(server, assessment.release, by=by, now=now)
