"""When mail lets a person be: moments only, no database."""

from datetime import datetime, time, timedelta

from django.utils import timezone

from alerts.models import QuietHours

_SATURDAY = 5
# A night, a weekend and a night again.
_MOST = 4


def after(moment: datetime, hours: QuietHours | None) -> datetime:
    """Return the moment, or the first after it at which the person may be written to."""
    if hours is None:
        return moment
    local = timezone.localtime(moment)
    for _ in range(_MOST):
        ends = _ends(local, hours)
        if ends is None:
            return local
        local = ends
    return local


def _ends(local: datetime, hours: QuietHours) -> datetime | None:
    """Return when the quiet ends in which a moment lies, None for one that lies in none."""
    if hours.weekends and local.weekday() >= _SATURDAY:
        return _at(local + timedelta(days=7 - local.weekday()), time())
    now, over_night = local.time(), hours.begins > hours.ends
    if over_night and now >= hours.begins:
        return _at(local + timedelta(days=1), hours.ends)
    if (over_night and now < hours.ends) or (not over_night and hours.begins <= now < hours.ends):
        return _at(local, hours.ends)
    return None


def _at(local: datetime, when: time) -> datetime:
    """Return a time of a day, in the zone as it is that day."""
    naive = datetime.combine(local.date(), when)
    return timezone.make_aware(naive, timezone.get_default_timezone())
