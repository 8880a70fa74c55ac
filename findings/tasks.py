"""What the clock asks of the room."""

from datetime import timedelta

from django.utils import timezone

from findings import acceptance
from findings.models import Finding, RiskAcceptance
from jobs import dated, queue, tasks


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
