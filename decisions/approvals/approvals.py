"""Decisions on a finalised assessment: approve, approve with dated conditions, reject; and their withdrawal."""

from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone

from accounts import principals, steps
from accounts.access import Capability
from accounts.models import User
from accounts.principals import Principal
from accounts.steps import Done, step
from assessments import lifecycle
from assessments.answers import scored_lines, second_person
from assessments.models import Assessment, NotOfAServer
from decisions.approvals import approval_needs, decision_window, in_force
from decisions.approvals import conditions as condition_rules
from decisions.approvals.approval_needs import ApprovalLacks
from decisions.models import Approval, Condition
from decisions.ratings import ratings
from decisions.reviews import reviews
from exits import plans
from findings.models import Finding, RiskAcceptance
from riskregister import nouns, transitions
from riskregister.refusals import Refused
from riskregister.text import clean_reason
from scoring import methodology
from scoring.caps import Cap
from scoring.rating import Rating
from scoring.scales import Band
from vendors import lifecycle as server_lifecycle
from vendors.models import Server

SUBMITTED, FINAL = Assessment.Status.SUBMITTED, Assessment.Status.FINAL


class DecisionInvalid(Refused):
    """The decision cannot be made like this."""


class AcceptanceMissing(ApprovalLacks):
    """The rating is unacceptable, and somebody must first accept the risks that hold it there."""


_FINAL_FIRST = (
    "The rating would be unacceptable. Make the assessment final and decide later: its findings then open, and their "
    "risks can be accepted."
)


def judges_no_server(assessment: Assessment) -> NotOfAServer | None:
    """Return the refusal for the assessment of a vendor, which is made final and neither approved nor rejected."""
    if assessment.server_id is not None:
        return None
    return NotOfAServer(f"{assessment.ref} judges a vendor, and only servers are approved. Make it final instead.")


@step(
    "approval.granted",
    needs=Capability.DECIDE,
    unfit=judges_no_server,
    frm=(SUBMITTED, FINAL),
    otherwise=lambda assessment: transitions.IllegalTransition(assessment, assessment.status, "decided"),
    barred=(second_person.with_a_hand,),
    reason="reason",
    makes=Approval,
)
def decide(
    assessment: Assessment,
    *,
    decision: str,
    reason: str,
    by: Principal,
    now: datetime,
    valid_until: date | None = None,
    conditions: Iterable[tuple[str, date]] = (),
    accept_dimensions: Iterable[str] = (),
    answers_digest: str | None = None,
    replaces: Approval | None = None,
) -> Done[Approval]:
    """Return the decision on an assessment, which is finalised first if it is still submitted; moves the server.

    `replaces` names the approval in force that was made on the same assessment. Conditions of the approval that stood
    which are not met hold on in the new one, whatever it was made on. Raises FourEyes for whoever has a hand in it,
    AnswersChanged when it is no longer the submission of `answers_digest`, DecidedAlready when another decision than
    `replaces` stands, AssessAgain after a rejection or a withdrawal, and of an approval for answers older than the
    cadence, OwnLeniency for whoever made less of a severe finding since, DecisionInvalid for an unknown decision,
    missing reason, wrong dates or missing conditions, ApprovalLacks for what the tier asks and is missing (what can
    wait becomes a condition of a conditional approval), AcceptanceMissing while the rating is unacceptable.
    """
    if refusal := judges_no_server(assessment):
        raise refusal
    decision_window.require_open(assessment, replaces=replaces)
    today = timezone.localdate(now)
    if decision != Approval.Decision.REJECT:
        decision_window.require_fresh(assessment, today=today, method=scored_lines.methodology_of(assessment))
        decision_window.require_no_leniency(assessment, principals.person_of(by))
    held_on = list(condition_rules.unmet(assessment.judged_server)) if decision != Approval.Decision.REJECT else []
    wanted = _checked(assessment, decision, valid_until, list(conditions), held_on, today=today)
    was_submitted = assessment.status == SUBMITTED
    if was_submitted:
        lifecycle.finalise.within(
            assessment, by=by, now=now, accept_dimensions=accept_dimensions, answers_digest=answers_digest
        )
    rating = ratings.as_decided(assessment.judged_server, now=now, final=assessment)
    if decision != Approval.Decision.REJECT:
        # First what is missing: without captured tools, for one, what was said of them is contradicted and fails.
        bound_already = {text for text, _due_on in wanted} | {one.text for one in held_on}
        wanted += _instead(assessment, decision, bound_already, today=today, until=valid_until)
        _require_acceptable(assessment, rating, by=principals.person_of(by), today=today, was_submitted=was_submitted)
    _supersede_former(assessment.judged_server, by=by, now=now)
    approval = _approval(assessment, decision, reason, valid_until, rating, by=by, now=now)
    bound = [Condition.objects.create(approval=approval, text=text, due_on=due_on) for text, due_on in wanted]
    bound += [
        Condition.objects.create(approval=approval, text=former.text, due_on=former.due_on, carried_from=former)
        for former in held_on
    ]
    done = Done(approval, **_decided(approval)).made(*bound)
    return done.and_then(lambda: _carry_out(approval, by=by, now=now))


@step(
    "approval.withdrawn",
    needs=Capability.DECIDE,
    frm=(Approval.Status.GRANTED,),
    to=Approval.Status.WITHDRAWN,
    reason="reason",
)
def withdraw(approval: Approval, *, reason: str, by: Principal, now: datetime) -> Done[Approval]:
    """Withdraw an approval that is in force; the server is suspended. Raises DecisionInvalid for a rejection."""
    if approval.decision == Approval.Decision.REJECT:
        raise DecisionInvalid("A rejection lets nobody use the server. Assess the server again to decide anew.")
    approval.withdrawn_by, approval.withdrawn_reason = by.person, reason
    server, done = approval.server, Done(approval)
    ratings.refresh_at_end(server, reason=f"{approval.ref} was withdrawn.", now=now)
    if server.status != Server.Status.APPROVED:
        return done
    instead = plans.instead_of(server, today=timezone.localdate(now))
    return done.and_then(
        lambda: server_lifecycle.suspend.within(server, reason=reason, by=by, now=now, instead=instead)
    )


@step("server.resumed", needs=Capability.DECIDE, frm=(Server.Status.SUSPENDED,), note="reason", records=False)
def resume_server(server: Server, *, by: Principal, now: datetime, reason: str = "") -> Server:
    """Let agents use a suspended server again; raises DecisionInvalid unless an approval of its release is in date."""
    in_date = Approval.objects.in_force(today=timezone.localdate(now)).filter(
        server=server, release=server.pinned_release_id
    )
    if not in_date.exists():
        raise DecisionInvalid("No approval of this server is in date. Assess it again, then decide.")
    server_lifecycle.resume.within(server, reason=reason, by=by, now=now)
    in_force.allowed(server, by=by, now=now)
    return server


def _checked(
    assessment: Assessment,
    decision: str,
    valid_until: date | None,
    conditions: list[tuple[str, date]],
    held_on: list[Condition],
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
    if decision == Approval.Decision.APPROVE and held_on:
        named = " · ".join(one.text for one in held_on)
        raise DecisionInvalid(
            f"Conditions of {held_on[0].approval.ref} are not met: {named}. Approve with conditions, among which they "
            "hold on, or have them met first.",
            field="decision",
        )
    cleaned = [(clean_reason(text, field="conditions"), due_on) for text, due_on in conditions]
    if any(not today <= due_on <= valid_until for _text, due_on in cleaned):
        raise DecisionInvalid("A condition is due between today and the end of the approval.", field="conditions")
    return cleaned


def _instead(
    assessment: Assessment, decision: str, bound: Collection[str], *, today: date, until: date | None
) -> list[tuple[str, date]]:
    """Return the conditions that stand for what is missing and can wait, beside those whose texts are `bound` already.

    Raises ApprovalLacks for what is missing otherwise, DecisionInvalid for a conditional approval without a condition.
    """
    conditional = decision == Approval.Decision.APPROVE_WITH_CONDITIONS
    missing = approval_needs.of(assessment, approval_needs.frozen(assessment))
    blocking = [one for one in missing if not (conditional and one.can_wait)]
    if blocking:
        raise ApprovalLacks(blocking)
    demanded = approval_needs.as_conditions(missing, approval_needs.places(assessment)) if missing else ()
    added = [text for text in demanded if text not in bound]
    if conditional and not (added or bound):
        raise DecisionInvalid(
            "Name at least one condition and its date, or approve without conditions.", field="conditions"
        )
    due_on = today + timedelta(days=methodology.load().approvals.within_days)
    return [(text, min(due_on, until or due_on)) for text in added]


def _require_acceptable(assessment: Assessment, rating: Rating, *, by: User, today: date, was_submitted: bool) -> None:
    """Raise AcceptanceMissing while the rating must first be lifted by acceptances of somebody else.

    So it is when only the approver's own acceptance lifted it. Raises DecisionInvalid when there is no rating.
    """
    own = _granted_by(by, assessment, rating.lifted, today=today)
    if own:
        raise AcceptanceMissing((), because=f"You granted the acceptance of {own}. Somebody else approves the server.")
    if rating.band is Band.NOT_ASSESSED:
        named = ", ".join(rating.score.not_rateable) if rating.score else ""
        raise DecisionInvalid(
            f"Too much of {named or 'the assessment'} is not applicable for a rating. Accept that, or reject it.",
            field="accept_dimensions",
        )
    risks = approval_needs.risks(assessment, rating, but_of=by, today=today)
    if risks and was_submitted:
        # A refusal takes the findings back that were opened a moment ago: their numbers would lead nowhere.
        raise AcceptanceMissing((), because=_FINAL_FIRST)
    if risks:
        raise AcceptanceMissing(risks, because="The rating is unacceptable.")


def _granted_by(by: User, assessment: Assessment, caps: Iterable[Cap], *, today: date) -> str:
    """Return a finding whose cap only the approver's own acceptance holds off, or an empty text.

    A cap names its finding, or the critical question whose findings count for it.
    """
    subjects = {cap.subject for cap in caps}
    numbers = {nouns.card(Finding).number_in(subject) for subject in subjects} - {None}
    about = Q(finding__server=assessment.server_id)
    if assessment.vendor_id:
        about |= Q(finding__vendor=assessment.vendor_id)
    behind = Q(finding__number__in=numbers) | Q(finding__question_key__in=subjects) & about
    rows = RiskAcceptance.objects.in_force(today=today).filter(behind)
    others = rows.exclude(decided_by=by).values("finding")
    own = rows.filter(decided_by=by).exclude(finding__in=others).select_related("finding").first()
    return own.finding.ref if own and own.finding else ""


def _supersede_former(server: Server, *, by: Principal, now: datetime) -> None:
    for former in Approval.objects.filter(server=server, status=Approval.Status.GRANTED).select_related("server"):
        transitions.move(former, Approval.Status.SUPERSEDED)
        steps.record("approval.superseded", former, by=by, now=now)


def _approval(
    assessment: Assessment,
    decision: str,
    reason: str,
    valid_until: date | None,
    rating: Rating,
    *,
    by: Principal,
    now: datetime,
) -> Approval:
    approval = Approval(
        unit=assessment.unit,
        server=assessment.judged_server,
        assessment=assessment,
        release=assessment.judged_release,
        manifest_digest=assessment.manifest_digest,
        decision=decision,
        reason=reason,
        residual=rating.residual.value,
        valid_until=None if decision == Approval.Decision.REJECT else valid_until,
        decided_by=principals.person_of(by),
        decided_at=now,
    )
    approval.save(force_insert=True)
    return approval


def _decided(approval: Approval) -> dict[str, Any]:
    return {
        "decision": approval.decision,
        "release": str(approval.release),
        "manifest_digest": approval.manifest_digest,
        "valid_until": approval.valid_until.isoformat() if approval.valid_until else None,
    }


def _carry_out(approval: Approval, *, by: Principal, now: datetime) -> None:
    """Let the server and its reviews follow the decision."""
    server, rejected = approval.server, approval.decision == Approval.Decision.REJECT
    if rejected:
        server_lifecycle.reject.within(server, reason=approval.reason, by=by, now=now)
    else:
        server_lifecycle.approve.within(server, approval.release, by=by, now=now)
    reviews.complete(approval.assessment, by=by, now=now)
    if not rejected:
        reviews.schedule_next(server, after=timezone.localdate(now), now=now)
    ratings.refresh_at_end(server, reason=f"{approval.ref}: {approval.outcome}.", now=now)
    if not rejected:
        in_force.allowed(server, by=by, now=now)
