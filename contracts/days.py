"""The days of a contract that follow from others: when notice must be given, when it renews. Pure."""

from calendar import monthrange
from datetime import date, timedelta


def later(day: date, months: int) -> date:
    """Return the same day so many months later, or the last day of a month that is shorter.

    After the last day of a month comes the last day of another: a term that ends with February ends with March next.
    """
    month = day.month - 1 + months
    year, month = day.year + month // 12, month % 12 + 1
    last = monthrange(year, month)[1]
    is_last = day.day == monthrange(day.year, day.month)[1]
    return date(year, month, last if is_last else min(day.day, last))


def notice_by(ends_on: date | None, notice_days: int | None) -> date | None:
    """Return the last day on which notice can be given for the end; None where it is open or no notice is agreed."""
    return ends_on - timedelta(days=notice_days) if ends_on and notice_days is not None else None


def term_end(ends_on: date, months: int, *, today: date) -> date:
    """Return the end of the term that runs on a day, of a contract that goes on for so many months each time.

    Counted from the end that is given, so that one of the 30th is not for good on the 28th after a February. `months`
    is at least one.
    """
    if ends_on >= today:
        return ends_on
    passed = max(0, ((today.year - ends_on.year) * 12 + today.month - ends_on.month) // months - 1)
    while (end := later(ends_on, passed * months)) < today:
        passed += 1
    return end
