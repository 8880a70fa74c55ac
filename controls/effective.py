"""What holds of a control in one place, of all that is said of it. Pure: no Django, no clock.

What a person states stands above what sources say; of what persons state the more specific stands above the more
general: a deployment above its server, a server above the organisation. A statement whose last day has passed says
nothing any more, and hides what is stated more generally: what was true here is to be looked at again. Nothing said is
"not known", which never counts as in place.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

IN_PLACE, PARTLY, PLANNED, MISSING = "in_place", "partly", "planned", "missing"
NOT_APPLICABLE, NOT_KNOWN = "not_applicable", "not_known"
# From the most general. A service that servers share will stand between the organisation and a server.
SPECIFICITY = {"organisation": 0, "service": 1, "server": 2, "deployment": 3}
# Of two sources in one place the worse is believed.
WORST_FIRST = {MISSING: 0, PLANNED: 1, PARTLY: 2, NOT_APPLICABLE: 3, IN_PLACE: 4}


@dataclass(frozen=True, slots=True)
class Said:
    """One statement of a control: in which place, what, by whom (`source` is empty for a person), called `origin`."""

    place: str
    status: str
    source: str = ""
    origin: str = ""
    valid_until: date | None = None

    @property
    def is_by_person(self) -> bool:
        """Return whether a person states it."""
        return not self.source

    def is_lapsed(self, *, today: date) -> bool:
        """Return whether its last day has passed."""
        return self.valid_until is not None and self.valid_until < today


@dataclass(frozen=True, slots=True)
class Effective:
    """What holds of a control: `said` is where it comes from (None: nothing is known).

    `contradicted_by` are the sources that say it is missing while a person states that it is in place; `lapsed` is the
    statement that would hold, had its last day not passed.
    """

    status: str
    said: Said | None = None
    contradicted_by: tuple[Said, ...] = ()
    lapsed: Said | None = None

    @property
    def is_known(self) -> bool:
        """Return whether anything holds."""
        return self.status != NOT_KNOWN

    @property
    def is_contradicted(self) -> bool:
        """Return whether a source says otherwise."""
        return bool(self.contradicted_by)

    @property
    def counts(self) -> bool:
        """Return whether it counts as fulfilled: in place and contradicted by nothing, or not applicable."""
        return self.status == NOT_APPLICABLE or (self.status == IN_PLACE and not self.contradicted_by)


UNKNOWN = Effective(NOT_KNOWN)


def effective(said: Iterable[Said], *, today: date) -> Effective:
    """Return what holds of one control in one place, of all that is said of it there and more generally."""
    rows = [one for one in said if one.status != NOT_KNOWN]
    stated = max((one for one in rows if one.is_by_person), key=_specific, default=None)
    lapsed = stated if stated and stated.is_lapsed(today=today) else None
    sources = sorted((one for one in rows if not one.is_by_person and not one.is_lapsed(today=today)), key=_believed)
    if stated and not lapsed:
        return Effective(stated.status, stated, _contradicting(stated, sources))
    if sources:
        return Effective(sources[0].status, sources[0], lapsed=lapsed)
    return Effective(NOT_KNOWN, lapsed=lapsed) if lapsed else UNKNOWN


def _specific(one: Said) -> int:
    return SPECIFICITY[one.place]


def _believed(one: Said) -> tuple[int, int]:
    return -SPECIFICITY[one.place], WORST_FIRST[one.status]


def _contradicting(stated: Said, sources: Iterable[Said]) -> tuple[Said, ...]:
    if stated.status != IN_PLACE:
        return ()
    return tuple(one for one in sources if one.status == MISSING)
