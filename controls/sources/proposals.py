"""What the answers of an assessment say of one control. Pure: no Django, no clock."""

from collections.abc import Iterable, Mapping
from fractions import Fraction

from controls.in_place.effective import IN_PLACE, MISSING, NOT_APPLICABLE, PARTLY
from scoring.assurance import Line, State

_WHOLE = Fraction(1)


def status_of(lines: Iterable[Line]) -> str:
    """Return the status that the answers to the questions about a control come to; empty: they say nothing of it.

    In place takes the best answer to every question; "don't know" and silence are never that. Missing is what every
    answer that states a fact finds at its worst. Questions that were put aside count only when a second person
    confirmed that they do not apply, and then alone make a control not applicable.
    """
    rows = list(lines)
    values = [row.value for row in rows if row.value is not None]
    aside = [row for row in rows if row.state is State.NOT_APPLICABLE and row.na_confirmed]
    if not values:
        return NOT_APPLICABLE if rows and len(aside) == len(rows) else ""
    if max(values) == 0:
        return MISSING
    is_whole = min(values) == _WHOLE and len(values) + len(aside) == len(rows)
    return IN_PLACE if is_whole else PARTLY


def by_status(bearing: Mapping[int, Iterable[Line]]) -> dict[str, list[int]]:
    """Return the keys of the controls by what the lines say of them; those of which they say nothing stand nowhere."""
    found: dict[str, list[int]] = {}
    for control, lines in sorted(bearing.items()):
        status = status_of(lines)
        if status:
            found.setdefault(status, []).append(control)
    return found
