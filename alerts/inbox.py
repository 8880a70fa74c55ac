"""The inbox of a person: what they have read. Reading is nobody else's business and leaves no event."""

from datetime import datetime

from accounts.access import NotPermitted
from accounts.models import User
from alerts.models import Alert


def mark_read(alert: Alert, *, by: User, now: datetime) -> Alert:
    """Return the alert, read; the moment of the first reading stays. Raises NotPermitted for somebody else's alert."""
    if alert.recipient_id != by.pk:
        raise NotPermitted("This alert is for somebody else.")
    if alert.read_at is None:
        alert.read_at = now
        alert.save(update_fields=["read_at"])
    return alert


def mark_all_read(user: User, *, now: datetime) -> int:
    """Mark everything in the person's inbox as read, and return how many alerts were new."""
    return Alert.objects.visible_to(user).unread().update(read_at=now)
