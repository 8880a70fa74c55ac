"""What the clock asks of the room."""

from datetime import timedelta

from django.utils import timezone

from assurance import following
from assurance.models import Certificate, DueDiligence, DueDiligenceItem
from jobs import dated, queue, tasks


@queue.handler("assurance.gaps", every=timedelta(minutes=30), words="Look what vendors' certificates and checks lack")
def sweep_gaps(running: queue.Running) -> None:
    """Open and close findings of vendors whose certificates or due diligence the clock made out of date."""
    following.sweep(now=timezone.now())


tasks.tell_days_of(
    dated.Dated(
        "certificate",
        Certificate.objects.awaited,
        day="counts_until",
        ahead="certificate.ending",
        passed="certificate.ended",
        before=(90, 30, 7, 0),
    ),
    dated.Dated(
        "surveillance",
        Certificate.objects.surveyed,
        day="next_surveillance",
        ahead="certificate.surveillance_due",
        passed="certificate.surveillance_passed",
        before=(30, 7, 0),
    ),
    dated.Dated(
        "due diligence",
        DueDiligence.objects.awaited,
        day="next_due_on",
        ahead="due_diligence.due_soon",
        passed="due_diligence.overdue",
        before=(30, 7, 0),
    ),
    dated.Dated(
        "due diligence item",
        DueDiligenceItem.objects.looked_at,
        day="valid_until",
        ahead="due_diligence_item.ending",
        passed="due_diligence_item.ended",
        before=(30, 7, 0),
    ),
    dated.Dated(
        "waiver",
        DueDiligenceItem.objects.awaited,
        day="waived_until",
        ahead="due_diligence_item.waiver_ending",
        passed="due_diligence_item.waiver_ended",
        before=(7, 0),
    ),
)
