"""What the clock asks of the room."""

from discovery.models import UnapprovedUse
from jobs import dated, tasks

tasks.tell_days_of(
    dated.Dated(
        "unapproved use",
        lambda: UnapprovedUse.objects.filter(status=UnapprovedUse.Status.WATCHED),
        day="watched_until",
        passed="unapproved_use.watch_ended",
    ),
)
