"""The sweep over the ends of approvals: each is told ahead, on its last day and afterwards, and reviewed before it.

Any number of sweeps may run at once or be killed anywhere: each holds the approval and looks at it again, and a notice
is a row that can exist once, written with its event.
"""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from accounts import steps
from audit.context import SYSTEM
from decisions.models import Approval, EndNotice
from decisions.ratings import ratings
from decisions.reviews import reviews
from riskregister import nouns, sweeps
from riskregister.unit_of_work import unit_of_work
from scoring import deadlines, methodology
from vendors.models import Server


def tell(*, now: datetime) -> int:
    """Tell of the approvals that end soon or have ended, and return of how many; each in its own transaction.

    Of several notices that were missed only the most urgent is sent; what has ended is told once, as ended.
    """
    return sum(_tell(key, now=now) for key in sweeps.keys(_near(now)))


def _near(now: datetime) -> "QuerySet[Approval]":
    last = timezone.localdate(now) + timedelta(days=max(methodology.load().approvals.notice_days))
    ended = EndNotice.objects.filter(approval=OuterRef("pk"), step=Approval.EXPIRED)
    standing = Approval.objects.filter(~Exists(ended), status=Approval.Status.GRANTED, valid_until__lte=last)
    return standing.exclude(server__status__in=Server.OUT_OF_USE)


def _tell(key: UUID, *, now: datetime) -> bool:
    """Return whether this sweep told it; the row is held, so that of two at once the second sees the notice."""
    with unit_of_work():
        approval = Approval.objects.select_related("server").get(pk=key)
        nouns.hold(approval)
        last_day = approval.valid_until
        if approval.status != Approval.Status.GRANTED or last_day is None:
            return False
        step = _step(approval, last_day, today=timezone.localdate(now))
        if step is None:
            return False
        EndNotice.objects.create(approval=approval, step=step, sent_at=now)
        _record(approval, last_day, step, now=now)
        reviews.before_the_end(approval, last_day=last_day, now=now)
        reason = f"{approval.ref} ends on {deadlines.written(last_day)}."
        ratings.refresh_at_end(approval.server, reason=reason, now=now)
        return True


def _step(approval: Approval, last_day: date, *, today: date) -> str | None:
    """Return the notice to send today, or None."""
    sent = set(approval.end_notices.values_list("step", flat=True))
    if deadlines.is_past(last_day, today=today):
        return None if Approval.EXPIRED in sent else Approval.EXPIRED
    notice_days = methodology.load().approvals.notice_days
    due = deadlines.reminder_due(last_day, today=today, sent={int(one) for one in sent}, reminder_days=notice_days)
    return None if due is None else str(due)


def _record(approval: Approval, last_day: date, step: str, *, now: datetime) -> None:
    data: dict[str, Any] = {"until": last_day.isoformat()}
    if step == Approval.EXPIRED:
        steps.record("approval.expired", approval, by=SYSTEM, now=now, **data)
        return
    left = (last_day - timezone.localdate(now)).days
    steps.record("approval.ending", approval, by=SYSTEM, now=now, step=step, days=left, **data)
