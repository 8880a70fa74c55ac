"""What the clock asks of the room."""

from datetime import timedelta

from django.utils import timezone

from escalations import tasks as escalations
from escalations.ladders import Ladder
from findings import acceptance
from findings.models import Finding, RemediationPlan, RiskAcceptance
from jobs import dated, queue, tasks
from scoring import deadlines
from scoring.scales import Severity


@queue.handler("findings.acceptances", every=timedelta(minutes=10))
def sweep_acceptances(running: queue.Running) -> None:
    """Open the findings again whose acceptance ran out."""
    acceptance.record_expired(now=timezone.now())


tasks.tell_days_of(
    dated.Dated(
        "finding",
        Finding.objects.being_fixed,
        day="due_on",
        ahead="finding.due_soon",
        passed="finding.overdue",
        since="opened_at",
    ),
    dated.Dated(
        "plan",
        RemediationPlan.objects.under_way,
        day="step_on",
        ahead="remediation_plan.step_due_soon",
        passed="remediation_plan.step_overdue",
    ),
    # That it ran out is recorded with what follows: acceptance.expired.
    dated.Dated(
        "acceptance",
        lambda: RiskAcceptance.objects.filter(status=RiskAcceptance.Status.GRANTED),
        day="expires_on",
        ahead="acceptance.ending",
        before=(30, 7, 0),
    ),
)
escalations.let_climb(
    Ladder(
        "finding_overdue",
        "Overdue finding",
        lambda today: Finding.objects.overdue(today=today),
        severity=lambda finding: Severity(finding.severity),
        since=lambda finding: deadlines.moment_past(finding.due_on, timezone.get_default_timezone()),
        elsewhere=Finding.objects.elsewhere,
    ),
    Ladder(
        "finding_unassigned",
        "Critical finding without an owner",
        lambda _today: Finding.objects.filter(status__in=Finding.LIVE, owner=None, severity=Severity.CRITICAL),
        severity=lambda finding: Severity(finding.severity),
        # When its last owner was lost is no column: it waits from when it was found without one.
        since=lambda _finding: None,
        elsewhere=Finding.objects.elsewhere,
    ),
)
