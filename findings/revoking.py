"""Acceptances that end with their finding: what is gone is lived with by nobody."""

from datetime import datetime

from django.utils import timezone

from accounts import steps
from accounts.principals import Principal
from findings.models import Finding, RiskAcceptance
from riskregister import nouns
from riskregister.transitions import move


def with_finding(finding: Finding, *, by: Principal, now: datetime) -> None:
    """End the acceptances in force of a finding that is closed: opened again, it must not be accepted unasked.

    Part of a step that holds the finding, as whoever grants one does.
    """
    in_force = RiskAcceptance.objects.in_force(today=timezone.localdate(now)).filter(finding=finding)
    for acceptance in nouns.hold_all(in_force.select_related("finding")):
        move(acceptance, RiskAcceptance.Status.REVOKED, revoked_by=by.person, revoked_at=now)
        steps.record("acceptance.revoked", acceptance, by=by, now=now, reason=f"{finding.ref} was closed.")
