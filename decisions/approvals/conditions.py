"""Conditions of approvals: met in time, or missed; then each becomes a finding, once, and is met when that is fixed."""

from datetime import date, datetime
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from accounts import access, steps
from accounts.access import Capability
from accounts.principals import Principal
from accounts.steps import Done, step
from audit.context import SYSTEM
from decisions.models import Approval, Condition
from findings.models import Finding, FixClaim
from findings.observed import observing
from riskregister import nouns, sweeps
from riskregister.refusals import Conflict, Refused
from riskregister.transitions import change_if
from riskregister.unit_of_work import unit_of_work
from scoring import deadlines
from scoring.scales import Severity
from vendors.models import Server


class MetAlready(Refused):
    """Somebody has recorded that the condition is met."""


class ConditionMissed(Conflict):
    """The condition was not met in time: it is a finding now, and is settled as one."""


class ApprovalOver(Conflict):
    """The approval is not in force any more, and neither are its conditions."""


class OwnCondition(access.NotPermitted):
    """Whoever submitted what was approved, or owns the server, does not say that its condition is met."""


def of_their_own(condition: Condition, by: Principal) -> OwnCondition | None:
    """Return the refusal for whoever submitted the assessment and for the server's owner, for others None."""
    if by.person is None:
        return None
    approval = condition.approval
    if approval.assessment.submitted_by_id == by.person.pk:
        return OwnCondition("You submitted what was approved. Somebody else says that its condition is met.")
    if approval.server.owner_id == by.person.pk:
        return OwnCondition("You own this server. Somebody else says that the condition is met.")
    return None


@step("condition.met", needs=Capability.WRITE, on="approval", barred=(of_their_own,), reason="note")
def meet(condition: Condition, *, note: str, by: Principal, now: datetime) -> Done[Condition]:
    """Record that a condition of an approval was met in time, with what shows it.

    Raises OwnCondition for whoever submitted the assessment or owns the server, ConditionMissed from the day after it
    was due: its finding is fixed, which a second person verifies.
    ApprovalOver for an approval that is not in force any more, MetAlready for a second time.
    """
    nouns.hold(condition)
    if condition.met_at is not None:
        raise MetAlready("This condition was met already.")
    _require_binding(condition, today=timezone.localdate(now))
    change_if(condition, {}, met_at=now, met_by=by.person, met_note=note)
    return Done(condition, text=condition.text)


def settle(claim: FixClaim, *, by: Principal, now: datetime) -> None:
    """Note that the missed condition behind a finding is met, as whoever verified the claim says. Part of a step."""
    rows = Condition.objects.filter(finding=claim.finding_id, met_at=None).select_related("approval__server")
    for condition in rows:
        if change_if(condition, {"met_at": None}, met_at=now, met_by=by.person, met_note=claim.note):
            text, met = condition.text, (condition,)
            steps.record("condition.met", condition.approval, by=by, now=now, reason=claim.note, rows=met, text=text)


def unmet(server: Server) -> "QuerySet[Condition]":
    """Return the conditions of the approval that stands which are neither met nor a finding yet, the next one first."""
    return _unmet().filter(approval__server=server).order_by("due_on", "pk")


def record_missed(*, now: datetime) -> int:
    """Raise the findings of conditions that were not met in time, and return how many; each in its own transaction.

    Those of an approval that was withdrawn bind nobody; of one that was replaced they went over to the next.
    """
    passed = _unmet().filter(due_on__lt=timezone.localdate(now))
    return sum(_miss(key, now=now) for key in sweeps.keys(passed))


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


def _unmet() -> "QuerySet[Condition]":
    in_force = Approval.Status.GRANTED
    return Condition.objects.filter(met_at__isnull=True, finding__isnull=True, approval__status=in_force)


def _miss(key: UUID, *, now: datetime) -> bool:
    """Return whether this sweep raised the finding; the row is held, so that of two sweeps at once one does."""
    with unit_of_work():
        condition = Condition.objects.select_related("approval__server__owner").get(pk=key)
        nouns.hold(condition)
        if condition.met_at or condition.finding_id or condition.approval.status != Approval.Status.GRANTED:
            return False
        condition.finding = _raise(condition, now=now)
        condition.save(update_fields=["finding"])
        ref, text = condition.finding.ref, condition.text
        steps.record("condition.missed", condition, by=SYSTEM, now=now, text=text, finding=ref)
        return True


def _raise(condition: Condition, *, now: datetime) -> Finding:
    """Return the finding of High severity that a missed condition of an approval becomes."""
    approval = condition.approval
    return observing.observe(
        source=Finding.Source.CONDITION,
        key=str(condition.pk),
        subject=approval.server,
        severity=Severity.HIGH,
        title=f"A condition of {approval.ref} was not met by {deadlines.written(condition.due_on)}",
        description=condition.text,
        seen_at=now,
        by=SYSTEM,
        reason=f"A condition of {approval.ref} was missed.",
        is_part=True,
    ).finding
