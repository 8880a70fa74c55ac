"""Remediation: planned, claimed to be done, and verified by another person."""

from collections.abc import Iterable
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from accounts import access
from accounts.models import User
from assessments import scored_lines
from catalogue.models import Option
from evidence import records
from evidence.models import Evidence
from findings import following, overlays, register
from findings.models import Finding, FixClaim, Milestone, RemediationPlan
from riskregister.refusals import Conflict, Refused
from riskregister.text import clean_name, clean_reason
from riskregister.transitions import IllegalTransition, change_if, move


class PlanInvalid(Refused):
    """The plan cannot be made like this."""


class FixInvalid(Refused):
    """The fix cannot be claimed like this."""


class OwnFix(access.NotPermitted):
    """Whoever claimed a fix does not verify it."""


@transaction.atomic
def plan(
    finding: Finding,
    *,
    description: str,
    target_on: date,
    by: User,
    now: datetime,
    milestones: Iterable[tuple[str, date]] = (),
) -> RemediationPlan:
    """Return the plan to fix an open finding, which is then being remediated; a new plan replaces the former.

    Raises PlanInvalid for a target in the past or beyond a year, or a milestone outside the plan.
    """
    access.require(by, access.Capability.WRITE, unit_id=finding.unit_id)
    description = clean_reason(description, field="description")
    steps = _checked(list(milestones), target_on, today=timezone.localdate(now))
    _begin(finding)
    register.put_plan_aside(finding)
    made = RemediationPlan.objects.create(
        finding=finding, description=description, target_on=target_on, planned_by=by, planned_at=now
    )
    for title, due_on in steps:
        Milestone.objects.create(plan=made, title=title, due_on=due_on)
    register.record("finding.planned", finding, by=by, now=now, target_on=target_on.isoformat())
    return made


@transaction.atomic
def complete_milestone(milestone: Milestone, *, by: User, now: datetime) -> Milestone:
    """Record that a milestone of the current plan is done."""
    finding = milestone.plan.finding
    access.require(by, access.Capability.WRITE, unit_id=finding.unit_id)
    if not milestone.plan.is_current or finding.status != Finding.Status.REMEDIATING:
        raise IllegalTransition(finding, finding.status, "a milestone done")
    if not change_if(milestone, {"done_at": None, "plan__is_current": True}, done_at=now, done_by=by):
        raise Conflict("This milestone is done already, or its plan was replaced.")
    register.record("finding.milestone_completed", finding, by=by, now=now, milestone=milestone.title)
    return milestone


@transaction.atomic
def claim_fixed(
    finding: Finding,
    *,
    note: str,
    by: User,
    now: datetime,
    new_option_key: str = "",
    evidence: Evidence | None = None,
) -> FixClaim:
    """Return the claim that a finding is fixed; it waits for another person's verdict.

    A finding that a question raised needs `new_option_key`, the option that would be true now and is good enough.
    Evidence that was only prepared is put on record with the claim. Raises FixInvalid without an option, and what
    `records.require_usable` raises for the evidence.
    """
    access.require(by, access.Capability.WRITE, unit_id=finding.unit_id)
    note = clean_reason(note, field="note")
    if evidence is not None:
        records.put_on_record(evidence)
        records.require_usable(evidence, unit_id=finding.unit_id, by=by)
    option_key = _checked_option(finding, new_option_key)
    move(finding, Finding.Status.AWAITING_VERIFICATION)
    claim = FixClaim.objects.create(
        finding=finding, note=note, new_option_key=option_key, evidence=evidence, claimed_by=by, claimed_at=now
    )
    register.record("finding.fix_claimed", finding, by=by, now=now, reason=note, claim=str(claim.pk))
    return claim


@transaction.atomic
def pass_fix(claim: FixClaim, *, note: str, by: User, now: datetime) -> FixClaim:
    """Verify a fix that another person claimed: the finding closes, the new answer counts, a missed condition is met.

    Raises OwnFix for the claimer, IllegalTransition when somebody else gave a verdict first.
    """
    note = _require_verifier(claim, by=by, note=note)
    finding = claim.finding
    _require_awaiting(finding, Finding.Status.CLOSED)
    move(finding, Finding.Status.CLOSED, closed_at=now, close_reason=note, is_observed=False)
    _give_verdict(claim, FixClaim.Verdict.PASSED, note=note, by=by, now=now)
    following.fix_verified(claim, now=now)
    laid = overlays.lay_fix(claim, by=by, now=now)
    register.record("finding.fix_passed", finding, by=by, now=now, reason=note, overlays=len(laid))
    register.record("finding.closed", finding, by=by, now=now, reason=note)
    following.changed(finding, reason=f"The fix of {finding.ref} was verified.", now=now)
    return claim


@transaction.atomic
def fail_fix(claim: FixClaim, *, note: str, by: User, now: datetime) -> FixClaim:
    """Find that a claimed fix does not hold: the finding goes back to being remediated, under the same due date."""
    note = _require_verifier(claim, by=by, note=note)
    _require_awaiting(claim.finding, Finding.Status.REMEDIATING)
    move(claim.finding, Finding.Status.REMEDIATING)
    _give_verdict(claim, FixClaim.Verdict.FAILED, note=note, by=by, now=now)
    register.record("finding.fix_failed", claim.finding, by=by, now=now, reason=note)
    return claim


def answers_that_close(finding: Finding) -> list[Option]:
    """Return the answers to its source question that are good enough, the best first.

    None when the finding came from no question, or no assessment in force asks it.
    """
    standing = overlays.standing_answers(finding)
    if not standing:
        return []
    method = scored_lines.methodology_of(standing[0].assessment)
    good_enough = standing[0].question.options.filter(quarters__gte=method.failed_below * 4)
    return list(good_enough.order_by("-quarters", "position"))


def _begin(finding: Finding) -> None:
    """Move an open finding on; of one that is being remediated only make sure that it still is.

    While a claimed fix waits for its verdict nothing is planned: the table's move from there is the failed verdict's.
    """
    register.hold(finding)
    if finding.status == Finding.Status.OPEN:
        move(finding, Finding.Status.REMEDIATING)
    elif finding.status != Finding.Status.REMEDIATING:
        raise IllegalTransition(finding, finding.status, Finding.Status.REMEDIATING)


def _checked(milestones: list[tuple[str, date]], target_on: date, *, today: date) -> list[tuple[str, date]]:
    if not today <= target_on <= today + register.LONGEST:
        raise PlanInvalid("Choose a day from today to a year from now, or accept the risk.", field="target_on")
    if any(not today <= due_on <= target_on for _title, due_on in milestones):
        raise PlanInvalid("A milestone lies between today and the plan's target.", field="milestones")
    return [(clean_name(title, field="milestones"), due_on) for title, due_on in milestones]


def _checked_option(finding: Finding, key: str) -> str:
    """Return the key, or an empty text for a finding whose question is not asked in any assessment in force."""
    offered = {option.key for option in answers_that_close(finding)}
    if not offered and not overlays.standing_answers(finding):
        return ""
    if key not in offered:
        raise FixInvalid("Choose the answer that is true now; it must be good enough to close this.", field="option")
    return key


def _require_verifier(claim: FixClaim, *, by: User, note: str) -> str:
    access.require(by, access.Capability.DECIDE, unit_id=claim.finding.unit_id)
    if claim.claimed_by_id == by.pk:
        raise OwnFix("You claimed this fix. Somebody else verifies it.")
    return clean_reason(note, field="note")


def _require_awaiting(finding: Finding, to: Finding.Status) -> None:
    """Refuse a verdict on what does not wait for one, though the table lets other steps move it there."""
    register.hold(finding)
    if finding.status != Finding.Status.AWAITING_VERIFICATION:
        raise IllegalTransition(finding, finding.status, to)


def _give_verdict(claim: FixClaim, verdict: FixClaim.Verdict, *, note: str, by: User, now: datetime) -> None:
    given = change_if(claim, {"verdict": ""}, verdict=verdict.value, verdict_note=note, verified_by=by, verified_at=now)
    if not given:
        raise IllegalTransition(claim, "verified", verdict.value)
