"""Settling what is critical or high without a verified fix: two people agree, a third asked."""

from datetime import date, datetime

from accounts.models import User
from findings import acceptance, register
from findings.models import Finding


def closed_by_two(
    finding: Finding, *, asked_by: User, granted_by: User, by: User, until: date, at: datetime
) -> Finding:
    """Return the finding, closed by one approver while the acceptance holds that another granted."""
    asked = acceptance.request(
        finding, reason="For now.", compensating_control="A wall.", expires_on=until, by=asked_by, now=at
    )
    acceptance.grant(asked, by=granted_by, now=at)
    finding.refresh_from_db()
    return register.close(finding, reason="Gone.", by=by, now=at)
