"""Until when a certificate or report counts. Pure.

The rules, each with the practice or the standard that it follows:

- A SOC 2 type II report has no end of its own; buyers refuse one 12 months after the end of its period.
- A type I report speaks of one day, and counts 12 months from it.
- A bridge letter is the vendor's own word about the time since a period. It counts 3 months after that period at most,
  and no longer than the report itself: where that is suspended or withdrawn there is nothing to go on from.
- An ISO certificate has an end of its own, and a surveillance audit each year.
- An attestation of PCI DSS, a CSA STAR entry and a penetration test count 12 months from the day of issue.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from scoring import deadlines

A_YEAR, BRIDGED, SURVEILLANCE_GRACE = 12, 3, 3
_FROM_PERIOD = ("soc2_type_1", "soc2_type_2")
_FROM_ISSUE = ("pci_aoc", "csa_star", "penetration_test")
# A report on a period says of the controls of its last day what one on a day says.
_SAYS_MORE_THAN = {"soc2_type_2": ("soc2_type_1",)}


@dataclass(frozen=True, slots=True)
class Days:
    """The days that a certificate of a kind names.

    Of the report that a letter bridges they are the end of its period, and since when it is suspended or withdrawn.
    """

    kind: str
    issued_on: date | None = None
    period_from: date | None = None
    period_to: date | None = None
    ends_on: date | None = None
    bridged_to: date | None = None
    bridged_stopped_on: date | None = None


def counts_until(days: Days) -> date | None:
    """Return the last day on which it counts; None where nobody knows. An end that it names itself always holds."""
    return min((day for day in (_by_rule(days), days.ends_on) if day), default=None)


def span(days: Days) -> tuple[date, date] | None:
    """Return the first and last day that it speaks of, which another of its kind does not speak of too; None: unknown.

    A penetration test speaks of its day alone.
    """
    first = days.period_from or days.period_to or days.issued_on
    if days.kind == "bridge_letter" and days.bridged_to:
        first = days.period_from or days.bridged_to
    last = days.period_to or counts_until(days)
    if days.kind == "penetration_test":
        last = first
    return (first, last) if first and last else None


def overlap(one: Days, other: Days) -> bool:
    """Return whether two speak of the same time; what has no days overlaps with nothing."""
    mine, theirs = span(one), span(other)
    return bool(mine and theirs and mine[0] <= theirs[1] and theirs[0] <= mine[1])


def superseded_by(kind: str) -> tuple[str, ...]:
    """Return the kinds of those in whose place one of a kind may stand."""
    return (kind, *_SAYS_MORE_THAN.get(kind, ()))


def succeeds(one: Days, former: Days) -> bool:
    """Return whether one that counts takes the place of another of the same entity and scope, which counts no more.

    What a letter bridged is known by a report on a time after the period that it bridges.
    """
    if former.kind == "bridge_letter" and one.kind in _FROM_PERIOD:
        return bool(one.period_to and former.bridged_to and one.period_to > former.bridged_to)
    return former.kind in superseded_by(one.kind)


def surveillance_last_day(next_surveillance: date) -> date:
    """Return the last day on which a surveillance audit that was due counts as under way."""
    return deadlines.add_months(next_surveillance, SURVEILLANCE_GRACE)


def _by_rule(days: Days) -> date | None:
    if days.kind in _FROM_PERIOD:
        return _later(days.period_to, A_YEAR)
    if days.kind == "bridge_letter":
        most = _later(days.bridged_to, BRIDGED)
        stopped = days.bridged_stopped_on - timedelta(days=1) if days.bridged_stopped_on else None
        return min((day for day in (most, days.period_to, stopped) if day), default=None)
    return _later(days.issued_on, A_YEAR) if days.kind in _FROM_ISSUE else None


def _later(day: date | None, months: int) -> date | None:
    return deadlines.add_months(day, months) if day else None
