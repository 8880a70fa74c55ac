"""Figures that are kept by part of the register, and counted anew once somebody has changed something of the part.

Triggers (`guards.Counted`) mark a part in the transaction that changes it. What is kept counts while no mark is there,
so a figure is never older than the last commit. Whoever finds a mark counts, keeps what was counted, and takes away the
marks that were there before counting began; whoever changes something never waits for that.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.db import DatabaseError, transaction
from django.db.models import Count, F, Max, QuerySet

from accounts.models import KeptPart, PartMark

# What is about vendors belongs to no unit; the parts of units are called by their ids.
VENDORS = "vendors"


@dataclass(frozen=True, slots=True)
class Part:
    """A part as it was found: what is kept (empty: nothing), whether it still counts, and what that was judged by:
    the version (0: none), how many marks there were, and the last of them.
    """

    name: str
    body: str
    is_current: bool
    version: int
    marks: int
    last_mark: int


class _Overtaken(Exception):
    """Somebody else has counted meanwhile."""


def find(names: Collection[str], *, basis: str) -> dict[str, Part]:
    """Return the parts by name; two statements. What was counted on another basis is there, but not current."""
    # Marks first: what is read after them is at least as new as they are.
    marked = PartMark.objects.filter(part__in=[_mark(one) for one in names]).order_by().values_list("part")
    marks = {part: (count, last) for part, count, last in marked.annotate(n=Count("pk"), last=Max("pk"))}
    kept = {row.part: row for row in KeptPart.objects.filter(part__in=names)}
    found = {}
    for name in names:
        count, last = marks.get(_mark(name), (0, 0))
        row = kept.get(name) or KeptPart(part=name, version=0)
        found[name] = Part(name, row.body, not count and row.basis == basis, row.version, count, last)
    return found


def keep(counted: Mapping[Part, str], *, basis: str) -> None:
    """Keep what was counted of parts after they were found; what somebody else has counted meanwhile stays theirs.

    What cannot be kept, since nothing can be written for the moment, is counted again by whoever looks next.
    """
    for part, body in counted.items():
        try:
            with transaction.atomic():
                _keep(part, body, basis=basis)
        except (_Overtaken, DatabaseError):
            continue


def _keep(part: Part, body: str, *, basis: str) -> None:
    if part.version:
        same = KeptPart.objects.filter(part=part.name, version=part.version)
        if not same.update(body=body, basis=basis, version=F("version") + 1):
            raise _Overtaken
    else:
        KeptPart.objects.create(part=part.name, body=body, basis=basis)
    # Another number than before: a transaction that began earlier has committed since, and was not counted.
    if part.marks and _marks(part).delete()[0] != part.marks:
        raise _Overtaken


def _marks(part: Part) -> "QuerySet[PartMark]":
    return PartMark.objects.filter(part=_mark(part.name), pk__lte=part.last_mark)


def _mark(name: str) -> str:
    return "" if name == VENDORS else name
