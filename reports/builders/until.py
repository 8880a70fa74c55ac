"""What counts until a day beside approvals and accepted risks: lower governance tiers, ratings set by hand, and
vulnerabilities that are said not to apply.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from accounts.models import Unit
from composition.models import Suppression
from controls.models import TierAcceptance
from decisions.models import RatingOverride
from reports.builders.entries import day, moment, name
from vendors.models import Server


@dataclass(frozen=True, slots=True)
class UntilEntry:
    """A decision that counts: what was decided, about what, its last day and why; on whose word, and who decided."""

    kind: str
    about: str
    until: str
    reason: str
    asked_by: str
    decided_by: str
    decided_at: str


def counting(unit: Unit | None, *, today: date) -> tuple[UntilEntry, ...]:
    """Return what counts on a day of the servers of a unit, of all without one, the first to end first."""
    found = [*_lower_tiers(unit, today), *_by_hand(unit, today), *_suppressed(unit, today)]
    return tuple(sorted(found, key=lambda one: (one.until, one.kind, one.about)))


def _lower_tiers(unit: Unit | None, today: date) -> Iterator[UntilEntry]:
    rows = TierAcceptance.objects.in_force(today=today).filter(_current(unit), deployment__ended_on=None)
    for row in rows.select_related("deployment__server", "requested_by", "decided_by"):
        about = f"{row} where tier {row.proposed} was proposed: {row.deployment} of {row.deployment.server}"
        yield _asked_for(row, "Lower governance tier", about)


def _by_hand(unit: Unit | None, today: date) -> Iterator[UntilEntry]:
    rows = RatingOverride.objects.in_force(today=today).filter(_current(unit))
    for row in rows.select_related("server", "requested_by", "decided_by"):
        yield _asked_for(row, "Residual risk by hand", f"{row}, worked out as {row.computed.replace('_', ' ')}")


def _asked_for(row: TierAcceptance | RatingOverride, kind: str, about: str) -> UntilEntry:
    return UntilEntry(
        kind=kind,
        about=about,
        until=day(row.expires_on),
        reason=row.reason,
        asked_by=name(row.requested_by),
        decided_by=name(row.decided_by),
        decided_at=moment(row.decided_at),
    )


def _suppressed(unit: Unit | None, today: date) -> Iterator[UntilEntry]:
    rows = Suppression.objects.in_force(today=today).filter(_current(unit, "hit__"))
    for row in rows.select_related("statement", "hit__server", "hit__vulnerability", "decided_by"):
        yield UntilEntry(
            kind="Vulnerability that does not apply",
            about=f"{row} of {row.hit.server}",
            until=day(row.until),
            reason=f"{row.statement.why} {row.reason}",
            asked_by=row.statement.author,
            decided_by=name(row.decided_by),
            decided_at=moment(row.decided_at),
        )


def _current(unit: Unit | None, of: str = "") -> Q:
    """Return the condition that the server is still used, and of the unit if there is one."""
    is_current = ~Q(**{f"{of}server__status__in": Server.OUT_OF_USE})
    return is_current & Q(**{f"{of}server__unit": unit}) if unit else is_current
