"""Until when a finding is to be fixed, and what a settled one gets anew when it opens again."""

from datetime import date, datetime
from typing import Any

from django.utils import timezone

from findings.models import Finding, FixClaim, RemediationPlan
from scoring import deadlines, methodology
from scoring.methodology import Methodology
from scoring.scales import Severity


def due_on(severity: int, *, now: datetime, method: Methodology | None = None) -> date:
    """Return the last day in time for a finding of this severity that opens at `now`, in the organisation's zone."""
    return deadlines.finding_due_on(Severity(severity), timezone.localdate(now), method or methodology.load())


def anew(severity: int, *, now: datetime) -> dict[str, Any]:
    """Return the fields of a settled finding that opens again: it counts from now on, due by its severity."""
    due = due_on(severity, now=now)
    return {"opened_at": now, "due_on": due, "closed_at": None, "dismissed_at": None, "close_reason": ""}


def by_hand(finding: Finding, *, now: datetime) -> dict[str, Any]:
    """Return the same for one that a person opens again: due no later than before, unless a verified fix settled it."""
    fields = anew(finding.severity, now=now)
    if finding.opened_at is None:
        # It was dismissed before anybody confirmed it, and never had a day.
        return fields
    passed = finding.fix_claims.filter(verdict=FixClaim.Verdict.PASSED, verified_at__gte=finding.opened_at)
    if finding.due_on is not None and not passed.exists():
        fields["due_on"] = min(fields["due_on"], finding.due_on)
    return fields


def bring_forward(finding: Finding, *, now: datetime) -> None:
    """Let a finding be due by its severity as of now, unless it is due before. Part of a step."""
    finding.due_on = min(day for day in (finding.due_on, due_on(finding.severity, now=now)) if day)


def put_plan_aside(finding: Finding) -> None:
    """Make the plan of a finding, if it has one, a former one. Part of a step."""
    for former in RemediationPlan.objects.filter(finding=finding, is_current=True):
        former.is_current = False
        former.save(update_fields=["is_current"])
