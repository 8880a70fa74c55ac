"""An alert about a day waits for nobody once its row has another day, or none: the new day is told anew.

So a room need not name each step that moves a day.
"""

from functools import cache

from alerts.models import Alert
from audit.models import Event
from jobs import dated
from jobs.dated import Dated
from jobs.models import DayNotice


def settle(event: Event) -> int:
    """Settle the alerts about a day that the row of this event has no more, and return how many: the event did it."""
    known = _of(event.object_type)
    if not known or event.verb in known:
        return 0
    waiting = Alert.objects.filter(
        event__object_id=event.object_id, event__verb__in=known, event_id__lt=event.pk, is_action=True, settled_at=None
    ).select_related("event")
    gone = [alert.pk for alert in waiting if _is_gone(alert.event, known[alert.event.verb])]
    if not gone:
        return 0
    return Alert.objects.filter(pk__in=gone).update(settled_at=event.at, settled_by=event.actor_label)


@cache
def _of(label: str) -> dict[str, Dated]:
    """Return what has a day of the rows of a kind, by the verbs that tell it."""
    known = [one for one in dated.every() if one.rows().model._meta.label_lower == label]
    return {verb: one for one in known for verb in (one.ahead, one.passed) if verb}


def _is_gone(told: Event, of: Dated) -> bool:
    """Return whether the day that was told is another by now; of one to come also whether it matters no more."""
    day = of.rows().filter(pk=told.object_id).values_list(of.day, flat=True).first()
    if day is None:
        return told.verb == of.ahead
    told_day = {"word": of.word, "object_id": told.object_id, "day": day, "sent_at": told.at}
    return not DayNotice.objects.filter(**told_day).exists()
