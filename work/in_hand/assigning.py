"""Several findings or reviews given to one person: each by its own step, all of them or none."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.access import NotPermitted
from accounts.models import User
from accounts.principals import Principal
from accounts.steps import Step
from decisions.models import Review
from decisions.reviews import reviews
from findings import register
from findings.models import Finding
from riskregister.refusals import Refused
from riskregister.transitions import IllegalTransition
from riskregister.unit_of_work import unit_of_work

# Each takes some 16 ms in one transaction; a page of a list has 50.
MOST = 100


class NotGiven(Refused):
    """Some of what was chosen cannot be given to the person, so that none of it is."""


def findings(chosen: Sequence[Finding], *, owner: User, by: Principal, now: datetime) -> None:
    """Give all of the findings to one owner. Raises NotGiven, or NotPermitted where whoever gives may not."""
    _give(register.assign, chosen, by=by, now=now, owner=owner)


def reviews_of(chosen: Sequence[Review], *, assignee: User, by: Principal, now: datetime) -> None:
    """Give all of the reviews to one person. Raises as `findings` does."""
    _give(reviews.assign, chosen, by=by, now=now, assignee=assignee)


def _give(step: Step[Any, Any], chosen: Sequence[Any], **how: Any) -> None:
    """Take the step on each row, in the order in which everybody holds rows; the refusal names each that refuses."""
    if not chosen:
        raise NotGiven("Choose at least one.")
    if len(chosen) > MOST:
        raise NotGiven(f"Choose at most {MOST} at once.")
    with unit_of_work():
        refused = {row.ref: refusal for row in _in_order(chosen) if (refusal := _refusal(step, row, how))}
        if refused:
            reasons = " ".join(f"{ref}: {refusal}" for ref, refusal in refused.items())
            raise _worst(refused.values())(f"Nothing was given. {reasons}")


def _in_order(chosen: Sequence[Any]) -> list[Any]:
    """Return the rows, each once, as they are held: a review behind its server, so that those of one stand together."""
    return sorted(set(chosen), key=lambda row: (str(row.server_id) if isinstance(row, Review) else "", row.pk))


def _refusal(step: Step[Any, Any], row: Any, how: dict[str, Any]) -> Exception | None:
    """Return why the step on a row is refused, or None once it is taken; a refusal leaves nothing written."""
    try:
        with transaction.atomic():
            step(row, **how)
    except (Refused, NotPermitted) as refusal:
        return refusal
    except IllegalTransition:
        return NotGiven(f"It is {row.get_status_display().lower()} by now.")
    return None


def _worst(refusals: Iterable[Exception]) -> type[NotGiven | NotPermitted]:
    return NotPermitted if any(isinstance(one, NotPermitted) for one in refusals) else NotGiven
