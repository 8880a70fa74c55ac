"""What waits for several people waits for nobody once one of them has done it: the event's declaration says when."""

from django.db.models import Q

from alerts.models import Alert
from alerts.recipients.subjects import Subject
from audit import events
from audit.events import Tell
from audit.models import Event


def settles_anything(verb: str) -> bool:
    """Return whether an event with this verb may settle what was told before."""
    return bool(events.settles(verb) or events.ends(verb))


def settle(event: Event, subject: Subject) -> int:
    """Settle the alerts for which this event is what they waited for, and return how many: the event did it."""
    about = Q(event__object_id=event.object_id) | Q(object_id__in=[event.object_id, subject.opens.pk])
    settled = Q(about, event__verb__in=events.settles(event.verb))
    ended = Q(event__object_id=event.object_id, event__verb__in=events.ends(event.verb))
    earlier = Alert.objects.filter(event_id__lt=event.pk, settled_at__isnull=True, is_action=True)
    return earlier.filter(settled | ended).update(settled_at=event.at, settled_by=event.actor_label)


def already(event: Event, tell: Tell, subject: Subject) -> Event | None:
    """Return the event that settled this one before anybody was told of it: relays may overtake each other."""
    if not tell.settled_by:
        return None
    settled = Q(object_id__in=[event.object_id, subject.opens.pk], verb__in=tell.settled_by)
    ended = Q(object_id=event.object_id, verb__in=tell.ended_by)
    return Event.objects.filter(settled | ended, pk__gt=event.pk).order_by("pk").first()


def note(alert: Alert, by: Event) -> None:
    """Note on an alert that an event settled it."""
    alert.settled_at, alert.settled_by = by.at, by.actor_label
    alert.save(update_fields=["settled_at", "settled_by"])
