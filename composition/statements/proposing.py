"""Putting on record which statements speak of which hits, and proposing to dismiss what they call not affected."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from accounts.principals import Principal
from audit import trail
from composition.models import Statement, Suppression
from composition.statements import suppressing
from composition.statements.matching import Pair

_AT_ONCE = 500


def apply(pairs: Iterable[Pair], *, by: Principal, now: datetime) -> None:
    """Put on record which statements speak of which hits; where they say that nothing is affected, it is proposed.

    Part of a step. What was put on record before is as it was, and nobody is told of it again.
    """
    known = list(pairs)
    through = Statement.hits.through
    through.objects.bulk_create(
        [through(statement=statement, hit=hit) for statement, hit in known],
        ignore_conflicts=True,
        batch_size=_AT_ONCE,
    )
    proposals = [
        Suppression(statement=statement, hit=hit, proposed_at=now)
        for statement, hit in known
        if statement.says == Statement.Says.NOT_AFFECTED
    ]
    trail.record_all("suppression.proposed", [(one, _told(one)) for one in _new(proposals)], by=by, at=now)


def _told(one: Suppression) -> dict[str, str]:
    finding = None if suppressing.unfit(one) else one.finding
    return {"statement": one.statement.ref, "finding": finding.ref if finding else ""}


def _new(proposals: Sequence[Suppression]) -> list[Suppression]:
    """Insert the proposals, and return those that nobody had made before."""
    Suppression.objects.bulk_create(proposals, ignore_conflicts=True, batch_size=_AT_ONCE)
    rows = Suppression.objects.order_by().filter(pk__among=[one.pk for one in proposals]) if proposals else ()
    made = {row.pk for row in rows}
    return [one for one in proposals if one.pk in made]
