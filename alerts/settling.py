"""What waits for several people waits for nobody once one of them has done it: the event's declaration says when."""

from django.db.models import Q

from alerts.models import Alert
from alerts.subjects import Subject
from audit.events import Tell
from audit.models import Event


def settle(event: Event, verbs: list[str], subject: Subject) -> int:
    """Settle the alerts of events with these verbs about the same row, and return how many: the event did it."""
    if not verbs:
        return 0
    earlier = Alert.objects.filter(event__verb__in=verbs, event_id__lt=event.pk, settled_at__isnull=True)
    about = Q(event__object_id=event.object_id) | Q(object_id__in=[event.object_id, subject.opens.pk])
    return earlier.filter(about, is_action=True).update(settled_at=event.at, settled_by=event.actor_label)


def already(event: Event, tell: Tell, subject: Subject) -> Event | None:
    """Return the event that settled this one before anybody was told of it: relays may overtake each other."""
    if not tell.settled_by:
        return None
    about = Q(object_id__in=[event.object_id, subject.opens.pk])
    return Event.objects.filter(about, verb__in=tell.settled_by, pk__gt=event.pk).order_by("pk").first()


def note(alert: Alert, by: Event) -> None:
    """Note on an alert that an event settled it."""
    alert.settled_at, alert.settled_by = by.at, by.actor_label
    alert.save(update_fields=["settled_at", "settled_by"])
