"""Remediation: planned, claimed to be done, and verified by another person."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from accounts import access, principals
from accounts.access import Capability
from accounts.principals import Principal
from accounts.steps import Done, step
from assessments.answers import scored_lines
from assessments.drafts import drafts
from catalogue.models import Option
from evidence import checks, records
from evidence.models import Evidence
from findings import clock, following, overlays, register
from findings.models import Finding, FixClaim, Milestone, RemediationPlan
from riskregister.refusals import Conflict, Refused
from riskregister.text import clean_name, clean_reason
from riskregister.transitions import IllegalTransition, change_if
from scoring import deadlines


class PlanInvalid(Refused):
    """The plan cannot be made like this."""


class FixInvalid(Refused):
    """The fix cannot be claimed like this."""


class OwnFix(access.NotPermitted):
    """Whoever claimed a fix does not verify it."""


OPEN, REMEDIATING, AWAITING = (
    Finding.Status.OPEN, Finding.Status.REMEDIATING, Finding.Status.AWAITING_VERIFICATION,
)  # fmt: skip


def claimer(claim: FixClaim, by: Principal) -> OwnFix | None:
    """Return the refusal for whoever claimed the fix, for others None."""
    is_own = by.person is not None and claim.claimed_by_id == by.person.pk
    return OwnFix("You claimed this fix. Somebody else verifies it.") if is_own else None


def owner(claim: FixClaim, by: Principal) -> access.NotPermitted | None:
    """Return the refusal for who owns the finding or gave it away, whoever claimed the fix; for others None."""
    return register.owner_now_or_before(claim.finding, by)


def counts_elsewhere(claim: FixClaim, by: Principal) -> access.NotPermitted | None:
    """Return the refusal for who does not decide in every unit whose servers the finding counts for; else None."""
    return register.counts_elsewhere(claim.finding, by)


def _planned(finding: Finding) -> dict[str, Any]:
    """Return what the current plan of a finding says, with what is done of it: a new plan starts those again."""
    current = next((one for one in finding.plans.all() if one.is_current), None)
    rows = sorted(current.milestones.all(), key=lambda row: (row.due_on, row.pk)) if current else ()
    return {
        "description": current.description if current else "",
        "target_on": current.target_on if current else finding.due_on,
        "milestones": [[row.title, row.due_on, row.done_at is not None] for row in rows],
    }


@step("finding.planned", needs=Capability.WRITE, frm=(OPEN, REMEDIATING), edits=_planned)
def plan(
    finding: Finding,
    *,
    description: str,
    target_on: date,
    by: Principal,
    now: datetime,
    milestones: Iterable[tuple[str, date]] = (),
) -> Done[RemediationPlan]:
    """Return the plan to fix an open finding, which is then being remediated; a new plan replaces the former.

    While a claimed fix waits for its verdict nothing is planned. Raises PlanInvalid for a target in the past or beyond
    a year, or a milestone outside the plan.
    """
    description = clean_reason(description, field="description")
    wanted = _checked(list(milestones), target_on, today=timezone.localdate(now))
    if finding.status == OPEN:
        finding.status = REMEDIATING
    clock.put_plan_aside(finding)
    person = principals.person_of(by)
    made = RemediationPlan.objects.create(
        finding=finding, description=description, target_on=target_on, planned_by=person, planned_at=now
    )
    for title, due_on in wanted:
        Milestone.objects.create(plan=made, title=title, due_on=due_on)
    return Done(made, target_on=target_on.isoformat())


@step("finding.milestone_completed", needs=Capability.WRITE, on="plan.finding", frm=(REMEDIATING,))
def complete_milestone(milestone: Milestone, *, by: Principal, now: datetime) -> Done[Milestone]:
    """Record that a milestone of the current plan is done. Raises Conflict when it is, or the plan was replaced."""
    if not change_if(milestone, {"done_at": None, "plan__is_current": True}, done_at=now, done_by=by.person):
        raise Conflict("This milestone is done already, or its plan was replaced.")
    return Done(milestone, milestone=milestone.title)


@step("finding.fix_claimed", needs=Capability.WRITE, frm=(REMEDIATING,), to=AWAITING, reason="note")
def claim_fixed(
    finding: Finding,
    *,
    note: str,
    by: Principal,
    now: datetime,
    new_option_key: str = "",
    evidence: Evidence | None = None,
) -> Done[FixClaim]:
    """Return the claim that a finding is fixed; it waits for another person's verdict.

    A finding that a question raised needs `new_option_key`, the option that would be true now and is good enough.
    Evidence that was only prepared is put on record with the claim. Raises FixInvalid without an option, and what
    `records.require_usable` raises for the evidence.
    """
    person = principals.person_of(by)
    if evidence is not None:
        records.put_on_record(evidence)
        records.require_usable(evidence, unit_id=finding.unit_id, by=person)
    option_key = _checked_option(finding, new_option_key, now=now)
    claim = FixClaim.objects.create(
        finding=finding, note=note, new_option_key=option_key, evidence=evidence, claimed_by=person, claimed_at=now
    )
    return Done(claim, claim=str(claim.pk))


@step(
    "finding.fix_passed",
    needs=Capability.DECIDE,
    on="finding",
    frm=(AWAITING,),
    to=Finding.Status.CLOSED,
    barred=(claimer, owner, counts_elsewhere),
    reason="note",
    then=("finding.closed",),
)
def pass_fix(
    claim: FixClaim,
    *,
    note: str,
    by: Principal,
    now: datetime,
    shows: str = "",
    location: str = "",
    document_date: date | None = None,
) -> Done[FixClaim]:
    """Verify a fix that another person claimed: the finding closes, the new answer counts, a missed condition is met.

    `shows`, `location` and `document_date` say what the evidence of the claim shows of the new answer; without them it
    counts as evidence that nobody checked. Raises OwnFix for the claimer, FixInvalid for half of them or without
    evidence, or where the register knows otherwise, and IllegalTransition when somebody else gave a verdict first.
    """
    finding = claim.finding
    _refuse_contradicted(finding, claim.new_option_key, now=now)
    finding.closed_at, finding.close_reason, finding.is_observed = now, note, False
    found = _found(claim, shows, location, document_date, now=now)
    _give_verdict(claim, FixClaim.Verdict.PASSED, note=note, by=by, now=now, **found)
    following.fix_verified(claim, by=by, now=now)
    laid = overlays.lay_fix(claim, by=by, now=now)
    following.changed(finding, reason=f"The fix of {finding.ref} was verified.", now=now)
    return Done(claim, overlays=len(laid))


@step(
    "finding.fix_failed",
    needs=Capability.DECIDE,
    on="finding",
    frm=(AWAITING,),
    to=REMEDIATING,
    barred=(claimer,),
    reason="note",
)
def fail_fix(claim: FixClaim, *, note: str, by: Principal, now: datetime) -> FixClaim:
    """Find that a claimed fix does not hold: the finding goes back to being remediated, under the same due date."""
    _give_verdict(claim, FixClaim.Verdict.FAILED, note=note, by=by, now=now)
    return claim


def answers_that_close(finding: Finding) -> list[Option]:
    """Return the answers to its source question that are good enough, the best first.

    None when the finding came from no question, or no assessment in force asks it.
    """
    standing = overlays.standing_answers(finding)
    if not standing:
        return []
    question, method = standing[0].question, scored_lines.methodology_of(standing[0].assessment)
    passes_at = method.fails_below(critical=question.is_critical) * 4
    good_enough = question.options.filter(quarters__gte=passes_at)
    return list(good_enough.order_by("-quarters", "position"))


def _checked(milestones: list[tuple[str, date]], target_on: date, *, today: date) -> list[tuple[str, date]]:
    if not deadlines.is_within_a_year(target_on, today=today):
        raise PlanInvalid("Choose a day from today to a year from now, or accept the risk.", field="target_on")
    if any(not today <= due_on <= target_on for _title, due_on in milestones):
        raise PlanInvalid("A milestone lies between today and the plan's target.", field="milestones")
    return [(clean_name(title, field="milestones"), due_on) for title, due_on in milestones]


def _checked_option(finding: Finding, key: str, *, now: datetime) -> str:
    """Return the key, or an empty text for a finding whose question is not asked in any assessment in force."""
    offered = {option.key for option in answers_that_close(finding)}
    if not offered and not overlays.standing_answers(finding):
        return ""
    if key not in offered:
        raise FixInvalid("Choose the answer that is true now; it must be good enough to close this.", field="option")
    _refuse_contradicted(finding, key, field="option", now=now)
    return key


def _refuse_contradicted(finding: Finding, key: str, *, now: datetime, field: str = "") -> None:
    """Raise FixInvalid where what the register knows today says otherwise than this option."""
    for answer in overlays.standing_answers(finding) if key else ():
        if says := drafts.contradicted_today(answer, key, now=now):
            raise FixInvalid(
                f"The register knows otherwise: {says} Record there what changed first, or assess the release that "
                "has the fix.",
                field=field,
            )


def _found(claim: FixClaim, shows: str, location: str, document_date: date | None, *, now: datetime) -> dict[str, Any]:
    """Return what the verifier found in the evidence, as fields of the claim; nothing when they say nothing of it."""
    if not (shows.strip() or location.strip() or document_date):
        return {}
    if claim.evidence is None:
        raise FixInvalid("No evidence came with this claim, so nothing can be found in it.", field="shows")
    if document_date is None:
        raise FixInvalid("Give the document's date.", field="document_date")
    found = checks.found(claim.evidence, shows=shows, location=location, document_date=document_date, now=now)
    return asdict(found)


def _give_verdict(
    claim: FixClaim, verdict: FixClaim.Verdict, *, note: str, by: Principal, now: datetime, **found: Any
) -> None:
    verdict_fields = {"verdict": verdict.value, "verdict_note": note, "verified_by": by.person, "verified_at": now}
    given = change_if(claim, {"verdict": ""}, **verdict_fields, **found)
    if not given:
        raise IllegalTransition(claim, "verified", verdict.value)
