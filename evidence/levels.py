"""How far a statement rests on a document: the evidence level, 0 to 3. Nobody picks it; it follows from the record.

It belongs to the pair of a statement and a document. E0 nothing, a note, or a document of our own that nobody checked.
E1 a document of the vendor or of somebody independent in which nobody looked for the statement, and whatever is a bare
link: what stands at an address can be another thing tomorrow. E2 somebody found in the document what the statement
says. E3 that document is independent, and whoever looked neither added it, nor attached it, nor kept the copy; or the
register collected it itself and it is still fresh. Once its validity has ended a document counts one level less.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from evidence.models import Evidence, has_ended

_UNCHECKED = {Evidence.Issuer.VENDOR: 1, Evidence.Issuer.INDEPENDENT: 1, Evidence.Issuer.ORGANISATION: 0}
_CHECKED, _OF_A_LINK = 2, 1
HIGHEST = 3


class Check(Protocol):
    """That somebody found in a document what a statement says."""

    @property
    def verified_by_id(self) -> UUID | None:
        """Return who looked."""

    @property
    def verified_at(self) -> datetime | None:
        """Return when."""


@dataclass(frozen=True, slots=True)
class Support:
    """What the level of a document for one statement follows from.

    `brought_by` are those who put it there: added it, attached it to the statement, kept the copy. `checked_by` are
    those who found in it, as it is kept, what the statement says.
    """

    kind: str
    issuer: str
    is_kept: bool
    valid_until: date | None
    brought_by: Collection[object]
    checked_by: Collection[object]


def level(support: Support, *, today: date) -> int:
    """Return the evidence level on a day."""
    return max(_fresh_level(support) - has_ended(support.valid_until, today=today), 0)


def lift(support: Support, *, today: date) -> str:
    """Return what would make the document count more on a day, in words; empty where it counts as much as it can."""
    if has_ended(support.valid_until, today=today):
        return "Its validity has ended: attach a newer one."
    if support.kind == Evidence.Kind.NOTE:
        return "A note carries nothing further: attach a document."
    if support.issuer == Evidence.Issuer.REGISTER or level(support, today=today) == HIGHEST:
        return ""
    if not support.is_kept:
        return "It is a bare link: keep a copy, then verify it."
    if not support.checked_by:
        return "Nobody has said what the document shows of this answer: verify it."
    if support.issuer == Evidence.Issuer.INDEPENDENT:
        return "For more, somebody who did not bring it has to verify it."
    return "For more, an independent document has to show it."


def support(evidence: Evidence, *, attached_by: UUID | None, checks: Iterable[Check]) -> Support:
    """Return what the level of the evidence for a statement follows from.

    Of a link only the checks since its copy was kept are of what is kept. Reads `evidence.kept_copy`.
    """
    copy, is_link = evidence.copy, evidence.kind == Evidence.Kind.LINK
    of_it = [one for one in checks if not is_link or (copy and one.verified_at and one.verified_at >= copy.kept_at)]
    brought = {evidence.added_by_id, attached_by, copy.kept_by_id if copy else None}
    return Support(
        kind=evidence.kind,
        issuer=evidence.issuer,
        is_kept=evidence.kind == Evidence.Kind.FILE or copy is not None,
        valid_until=evidence.valid_until,
        brought_by=brought - {None},
        checked_by={one.verified_by_id for one in of_it},
    )


def _fresh_level(support: Support) -> int:
    if support.kind == Evidence.Kind.NOTE:
        return 0
    if support.issuer == Evidence.Issuer.REGISTER:
        # An observation that does not say until when it holds is not known to be fresh.
        return HIGHEST if support.valid_until else _CHECKED
    unchecked = _UNCHECKED[Evidence.Issuer(support.issuer)]
    if not support.checked_by:
        return min(unchecked, _OF_A_LINK) if not support.is_kept else unchecked
    if not support.is_kept:
        return _OF_A_LINK
    is_seconded = bool(set(support.checked_by) - set(support.brought_by))
    return HIGHEST if is_seconded and support.issuer == Evidence.Issuer.INDEPENDENT else _CHECKED
