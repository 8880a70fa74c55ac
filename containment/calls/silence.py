"""Clients that stopped asking: an approval that nobody asks for any more is obeyed by nobody.

How often a client asks is its own affair: one alarms that has been quiet for longer than the installation says and half
as long again as it ever was of its own accord. It alarms once, until it asks again or is given up.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F, QuerySet

from accounts import steps
from audit.context import SYSTEM
from containment.models import Asker
from riskregister.unit_of_work import unit_of_work

# Whoever has asked for less long has no rhythm yet: somebody tried something.
KNOWN_AFTER = timedelta(days=7)
GIVEN_UP_AFTER = timedelta(days=30)


def note(*, now: datetime) -> int:
    """Tell of the clients that have fallen silent, give up those of a month ago, and return how many are new."""
    for row in Asker.objects.filter(silent_since__isnull=False, last_at__lte=now - GIVEN_UP_AFTER):
        _end(row, "asker.given_up", now=now)
    if not settings.SILENT_AFTER:
        return 0
    return sum(_tell(row, now=now) for row in _quiet(now=now) if row.last_at < now - bearable(row))


def bearable(asker: Asker) -> timedelta:
    """Return for how long the client may be quiet before that is told."""
    return max(settings.SILENT_AFTER, asker.longest_pause * 3 / 2)


def ended(asker: Asker, *, now: datetime) -> None:
    """Note that a client asks again that was silent; how long it was is no pause of its own."""
    _end(asker, "asker.back", now=now, last_at=now)


def _quiet(*, now: datetime) -> "QuerySet[Asker]":
    """Return the clients known for long enough that have been quiet, but those whose token somebody revoked."""
    rows = Asker.objects.filter(last_at__gt=now - GIVEN_UP_AFTER, last_at__lt=now - settings.SILENT_AFTER)
    known = rows.filter(silent_since__isnull=True, first_at__lte=F("last_at") - KNOWN_AFTER)
    return known.exclude(kind=Asker.Kind.CANARY).exclude(token__revoked_at__isnull=False)


@unit_of_work()
def _tell(asker: Asker, *, now: datetime) -> bool:
    rows = Asker.objects.filter(pk=asker.pk, silent_since__isnull=True, last_at=asker.last_at)
    if not rows.update(silent_since=now):
        # It has asked since the list was read.
        return False
    last = asker.last_at.isoformat()
    steps.record("asker.silent", asker, by=SYSTEM, now=now, what=asker.get_kind_display(), last_at=last)
    return True


@unit_of_work()
def _end(asker: Asker, verb: str, *, now: datetime, **changes: datetime) -> None:
    if Asker.objects.filter(pk=asker.pk, silent_since__isnull=False).update(silent_since=None, **changes):
        steps.record(verb, asker, by=SYSTEM, now=now)
