"""What holds of a control in one place, of all that is said of it. Pure: no Django, no clock.

What a person states stands above what sources say; of what persons state the more specific stands above the more
general: a deployment above its server, a server above the services that it runs behind, these above the organisation.
A statement whose last day has passed says nothing any more, and hides what is stated more generally: what was true here
is to be looked at again. Of several services those in force speak, and of these the worst. Nothing said is "not known",
which never counts as in place. Of sources that find something the nearest is believed, and of two there the worse; what
somebody only claims speaks where nothing else is said.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

IN_PLACE, PARTLY, PLANNED, MISSING = "in_place", "partly", "planned", "missing"
NOT_APPLICABLE, NOT_KNOWN = "not_applicable", "not_known"
# From the most general.
SPECIFICITY = {"organisation": 0, "service": 1, "server": 2, "deployment": 3}
# What others claim or promise, and what was tried with one client, is at most partly in place: it speaks where nothing
# else does.
CLAIMING = ("certificate", "due_diligence", "contract", "enforcement_test")
# Of two sources in one place the worse is believed.
WORST_FIRST = {MISSING: 0, PLANNED: 1, PARTLY: 2, NOT_APPLICABLE: 3, IN_PLACE: 4}


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of a control: in which place, what, by whom (`source` is empty for a person), called `origin`.

    `service` names the shared service that it is inherited from, e.g. "SV-3 Tool gateway"; of all others it is empty.
    """

    place: str
    status: str
    source: str = ""
    origin: str = ""
    valid_until: date | None = None
    service: str = ""

    @property
    def is_by_person(self) -> bool:
        """Return whether a person states it."""
        return not self.source

    @property
    def is_claim(self) -> bool:
        """Return whether it is what somebody claims, and no finding."""
        return is_claim(self.source, self.status)

    def is_lapsed(self, *, today: date) -> bool:
        """Return whether its last day has passed."""
        return self.valid_until is not None and self.valid_until < today


@dataclass(frozen=True, slots=True)
class Effective:
    """What holds of a control: `basis` is where it comes from (None: nothing is known).

    `contradicted_by` are the sources that say it is missing while a person states that it is in place; `lapsed` is the
    statement that would hold, had its last day not passed.
    """

    status: str
    basis: Statement | None = None
    contradicted_by: tuple[Statement, ...] = ()
    lapsed: Statement | None = None

    @property
    def is_known(self) -> bool:
        """Return whether anything holds."""
        return self.status != NOT_KNOWN

    @property
    def inherited_from(self) -> str:
        """Return the shared service that it comes from, e.g. "SV-3 Tool gateway"; empty: from none."""
        statement = self.basis or self.lapsed
        return statement.service if statement else ""

    @property
    def is_contradicted(self) -> bool:
        """Return whether a source says otherwise."""
        return bool(self.contradicted_by)

    @property
    def counts(self) -> bool:
        """Return whether it counts as fulfilled: in place and contradicted by nothing, or not applicable."""
        return self.status == NOT_APPLICABLE or (self.status == IN_PLACE and not self.contradicted_by)


UNKNOWN = Effective(NOT_KNOWN)


def effective(statements: Iterable[Statement], *, today: date) -> Effective:
    """Return what holds of one control in one place, of all that is said of it there and more generally."""
    rows = [one for one in statements if one.status != NOT_KNOWN]
    persons = [one for one in rows if one.is_by_person]
    stated = max(persons, key=lambda one: _specific(one, today=today), default=None)
    lapsed = stated if stated and stated.is_lapsed(today=today) else None
    sources = sorted((one for one in rows if not one.is_by_person and not one.is_lapsed(today=today)), key=_believed)
    if stated and not lapsed:
        return Effective(stated.status, stated, _contradicting(stated, sources))
    if sources:
        return Effective(sources[0].status, sources[0], lapsed=lapsed)
    return Effective(NOT_KNOWN, lapsed=lapsed) if lapsed else UNKNOWN


def inherited(status: str, *, is_whole: bool) -> str:
    """Return what a status of a shared service says of what runs behind it.

    What does not apply to the service says nothing of it. Of a service that can be gone past, or that was found not to
    hold (`is_whole` is false), nothing is more than partly in place.
    """
    if status == NOT_APPLICABLE:
        return NOT_KNOWN
    return PARTLY if status == IN_PLACE and not is_whole else status


def urgency(status: str, *, is_lapsed: bool) -> tuple[bool, int]:
    """Return by what the statement of one of several services is taken: the greatest. One in force, then the worst."""
    return not is_lapsed, -WORST_FIRST[status]


def _specific(one: Statement, *, today: date) -> tuple[int, tuple[bool, int]]:
    return SPECIFICITY[one.place], urgency(one.status, is_lapsed=one.is_lapsed(today=today))


def is_claim(source: str, status: str) -> bool:
    """Return whether a source only claims what it says; what a test found not to hold is a finding."""
    return source in CLAIMING and status != MISSING


def _believed(one: Statement) -> tuple[bool, int, int]:
    return one.is_claim, -SPECIFICITY[one.place], WORST_FIRST[one.status]


def _contradicting(stated: Statement, sources: Iterable[Statement]) -> tuple[Statement, ...]:
    if stated.status != IN_PLACE:
        return ()
    return tuple(one for one in sources if one.status == MISSING)
