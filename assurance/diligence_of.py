"""How the due diligence of vendors stands: never, being done, complete, or overdue."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet, Subquery

from assurance.models import DueDiligence
from vendors.models import Vendor

S = DueDiligence.Status


def with_due_diligence(rows: "QuerySet[Vendor]") -> "QuerySet[Vendor]":
    """Return vendors with the day of their next round, and whether one is open, in columns."""
    mine = DueDiligence.objects.filter(vendor=OuterRef("pk"))
    complete = mine.filter(status=S.COMPLETE).values("next_due_on")[:1]
    return rows.annotate(due_diligence_next=Subquery(complete), due_diligence_open=Exists(mine.filter(status=S.OPEN)))


def state(vendor: Any, *, today: date) -> str:
    """Return how it stands of a vendor with these columns."""
    return _state(vendor.due_diligence_next, is_open=vendor.due_diligence_open, today=today)


def state_among(rounds: Iterable[DueDiligence], *, today: date) -> str:
    """Return how it stands by the rounds of a vendor."""
    known = list(rounds)
    due = next((one.next_due_on for one in known if one.status == S.COMPLETE), None)
    return _state(due, is_open=any(one.status == S.OPEN for one in known), today=today)


def _state(next_due_on: date | None, *, is_open: bool, today: date) -> str:
    """Return "never" where no round was ever completed and none is open: that is not the same as fine."""
    if next_due_on is not None:
        return "overdue" if next_due_on < today else str(S.COMPLETE)
    return str(S.OPEN) if is_open else "never"
