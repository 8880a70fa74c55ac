"""When the schedule looks at servers again: as often as their tier asks, and sooner where a look said nothing."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet, Subquery

from monitoring.models import Run
from vendors.models import Server

# How often a server that somebody approved is looked at, by its tier.
EVERY = {1: timedelta(days=1), 2: timedelta(days=3), 3: timedelta(days=7), 4: timedelta(days=30)}
# A look that says nothing is done again so soon, and then after twice the time; after so many the pause is 21 days.
AGAIN_AFTER = timedelta(hours=1)
_MOST_TRIES = 10
# What is promised at once: a thousand servers are spread over the hours of a day.
AT_ONCE = 50


def overdue(servers: "QuerySet[Server]", *, collector: str, now: datetime) -> Iterator[Server]:
    """Yield those of the servers at which this collector has not looked for as long as their tier allows, worst first.

    A look that says nothing is none: it is done again after an hour, after twice the time when it fails again, and so
    on, up to what the tier allows.
    """
    looks = recent(now=now).filter(server=OuterRef("pk"), collector=collector)
    in_vain = looks.filter(status__in=Run.NOT_ASSESSED).order_by()
    rows = servers.exclude(Exists(looks.exclude(status__in=Run.NOT_ASSESSED))).annotate(
        tries=Subquery(in_vain.values("server").annotate(_n=Count("asked_at", distinct=True)).values("_n")),
        tried_at=Subquery(in_vain.values("server").annotate(_n=Max("asked_at")).values("_n")),
    )
    for server in rows.order_by("inherent_tier", "number").iterator(AT_ONCE):
        if server.tried_at is None or server.tried_at + _pause(server.tries) <= now:
            yield server


def recent(*, now: datetime) -> "QuerySet[Run]":
    """Return the looks that were asked for within the time that the tier of their server allows between two."""
    lately = Q()
    for tier, every in EVERY.items():
        lately |= Q(server__inherent_tier=tier, asked_at__gt=now - every)
    return Run.objects.filter(lately)


def is_due(looks: Iterable[tuple[str, datetime]], *, now: datetime) -> bool:
    """Return whether one is looked at again after these recent looks, each with its status and when it was asked for.

    It is the rule of `overdue`, for what is not told by the server and the collector alone.
    """
    seen = list(looks)
    if any(status not in Run.NOT_ASSESSED for status, _at in seen):
        return False
    tries = {at for _status, at in seen}
    return not tries or max(tries) + _pause(len(tries)) <= now


def _pause(tries: int) -> timedelta:
    """Return how long after so many looks in vain the next one is due; the tier's own time ends it."""
    return AGAIN_AFTER * (1 << min(tries, _MOST_TRIES) - 1)
