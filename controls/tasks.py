"""What the clock asks of the room: days of statuses, what assessments say, and what contradicts it."""

from datetime import timedelta

from django.utils import timezone

from controls import contradictions, sourcing
from controls.models import ControlStatus, Word
from jobs import dated, queue, tasks


@queue.handler("controls.sources", every=timedelta(hours=1), words="Keep what assessments say of controls")
def keep_sources(running: queue.Running) -> None:
    """Keep what final assessments say of controls, where it is not kept yet."""
    for assessment in sourcing.unkept()[:500]:
        sourcing.keep(assessment)


@queue.handler("controls.contradictions", every=timedelta(hours=1), words="Compare statuses with what was found")
def look_for_contradictions(running: queue.Running) -> None:
    """Open and close the findings of statuses that what was found contradicts."""
    now = timezone.now()
    for server in contradictions.due(now=now):
        contradictions.look(server, now=now)


tasks.tell_days_of(
    dated.Dated(
        "control_end",
        lambda: ControlStatus.objects.stated().filter(valid_until__isnull=False),
        day="valid_until",
        ahead="control_status.ending",
        passed="control_status.ended",
        before=(30, 7, 0),
    ),
    dated.Dated(
        "control_due",
        lambda: ControlStatus.objects.filter(state=Word.PLANNED),
        day="due_on",
        ahead="control_status.due_soon",
        passed="control_status.overdue",
        before=(30, 7, 0),
    ),
)
