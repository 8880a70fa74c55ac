"""The inbox of a person: what they have read. Reading is nobody else's business and leaves no event."""

from datetime import datetime

from accounts import access, principals
from accounts.principals import Principal
from accounts.steps import step
from alerts.models import Alert


class NotTheirAlert(access.NotPermitted):
    """People read their own alerts."""


@step(
    "alert.read",
    needs=(),
    barred=(principals.only_theirs(NotTheirAlert, "This alert is for somebody else.", whose="recipient"),),
    records=False,
)
def mark_read(alert: Alert, *, by: Principal, now: datetime) -> Alert:
    """Return the alert, read; the moment of the first reading stays. Raises NotTheirAlert."""
    alert.read_at = alert.read_at or now
    return alert


@step("alert.read", needs=(), records=False)
def mark_all_read(*, by: Principal, now: datetime) -> int:
    """Mark everything in one's own inbox as read, and return how many alerts were new."""
    return Alert.objects.visible_to(principals.person_of(by)).unread().update(read_at=now)
