"""Days on which something is due, and what follows when they pass. All days are days in the organisation's zone.

A last day (due date, end of validity, end of an acceptance) still counts in full: it has passed from the day after.
"""

from calendar import monthrange
from collections.abc import Collection, Iterable
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from scoring.methodology import Methodology
from scoring.scales import Severity

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def finding_due_on(severity: Severity, found_on: date, methodology: Methodology) -> date:
    """Return the last day on which a finding of this severity can be dealt with in time."""
    return found_on + timedelta(days=methodology.finding_days[severity])


def next_review_on(tier: int, decided_on: date, methodology: Methodology) -> date:
    """Return the day on which the next review is due, in months from the last decision.

    Raises KeyError for a tier that does not exist.
    """
    return add_months(decided_on, methodology.reviews.months[tier])


def add_months(day: date, months: int) -> date:
    """Return the same day `months` later, or the last day of that month when it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def in_a_year(today: date) -> date:
    """Return the last day until which somebody can let something be: the same day of next year."""
    return add_months(today, 12)


def is_within_a_year(day: date, *, today: date) -> bool:
    """Return whether a day that somebody gives lies between today and the same day of next year."""
    return today <= day <= in_a_year(today)


def reminder_due(due_on: date, *, today: date, sent: Collection[int], reminder_days: Iterable[int]) -> int | None:
    """Return which reminder to send today, as its number of days before the due day; None when there is none.

    `reminder_days` says on which days before it there is one, `sent` holds the numbers already sent. Of several that
    were missed only the most urgent comes back, and nothing less urgent than what was sent: after weeks of downtime
    there is one reminder, not three.
    """
    reached = [days for days in reminder_days if due_on - timedelta(days=days) <= today]
    if not reached or any(days <= min(reached) for days in sent):
        return None
    return min(reached)


def is_past(last_day: date, *, today: date) -> bool:
    """Return whether the day has passed: overdue, expired. On the day itself it has not."""
    return today > last_day


def day_of(moment: datetime, zone: tzinfo) -> date:
    """Return the day in `zone` at this moment. Raises ValueError when the moment has no offset."""
    if moment.utcoffset() is None:
        raise ValueError("The moment needs an offset from UTC.")
    return moment.astimezone(zone).date()


def written(day: date) -> str:
    """Return a day as pages and mails write it, e.g. "5 May 2026", whatever the machine's locale."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def moment_past(last_day: date, zone: tzinfo) -> datetime | None:
    """Return the moment, in UTC, from which the day has passed in `zone`; None at the end of the calendar."""
    if last_day == date.max:
        return None
    return datetime.combine(last_day + timedelta(days=1), time.min, tzinfo=zone).astimezone(UTC)
