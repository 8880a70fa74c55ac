"""What both kinds of report print of the audit trail: how many events there are, and the newest of them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db.models import Max, Min, QuerySet

from audit import events
from audit.models import Event
from reports.builders.entries import moment


@dataclass(frozen=True, slots=True)
class EventEntry:
    """Something that happened, from the audit trail."""

    at: str
    verb: str
    subject: str
    actor: str
    reason: str
    digest: str


@dataclass(frozen=True, slots=True)
class History:
    """Events that match a filter: how many there are, the first and the last of them, and the newest.

    Of the `quiet` ones, which come by the dozen, only the number is printed.
    """

    about: str
    count: int
    quiet: int
    first_at: str
    last_at: str
    listed: tuple[EventEntry, ...]


def of(rows: QuerySet[Event], *, about: str, newest: int) -> History:
    """Return how many events there are, and the `newest` of them with their digests, in the order of time."""
    found = rows.exclude(scope=Event.Scope.ADMINISTRATION).defer("body")
    unlisted = events.not_on_paper()
    listed = list(found.exclude(verb__in=unlisted).order_by("-at", "-id")[:newest])[::-1]
    ends = found.aggregate(first=Min("at"), last=Max("at"))
    return History(
        about=about,
        count=found.count(),
        quiet=found.filter(verb__in=unlisted).count(),
        first_at=moment(ends["first"]),
        last_at=moment(ends["last"]),
        listed=tuple(_events(listed)),
    )


def _events(rows: Iterable[Event]) -> Iterator[EventEntry]:
    for row in rows:
        yield EventEntry(
            at=moment(row.at),
            verb=row.verb,
            subject=row.object_label,
            actor=row.actor_label,
            reason=row.reason,
            digest=row.digest,
        )
