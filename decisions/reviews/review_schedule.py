"""The sweeps over reviews: open them before they are due, remind, escalate; each review in a transaction of its own.

Any number of sweeps may run at once or be killed anywhere: each holds the review and looks at it again, and a reminder
is a row that can exist once, written with its event.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from decisions.models import Reminder, Review
from decisions.ratings import ratings
from decisions.reviews import reviewers, reviews
from riskregister import nouns, sweeps
from riskregister.transitions import move
from riskregister.unit_of_work import unit_of_work
from scoring import deadlines, methodology
from vendors.models import Server

OVERDUE = "overdue"


def open_due(*, now: datetime) -> int:
    """Open and assign the reviews that are due within the lead time of the method, and return how many."""
    lead = timedelta(days=methodology.load().reviews.lead_days)
    due = Review.objects.filter(status=Review.Status.SCHEDULED, due_on__lte=timezone.localdate(now) + lead)
    return sum(_open(key, now=now) for key in sweeps.keys(due.exclude(server__status__in=Server.OUT_OF_USE)))


def drop_out_of_use(*, now: datetime) -> int:
    """Skip the waiting reviews of servers that were retired or rejected, and return how many."""
    moot = Review.objects.waiting().filter(server__status__in=Server.OUT_OF_USE)
    return sum(_drop(key, now=now) for key in sweeps.keys(moot))


def remind(*, now: datetime) -> int:
    """Send the reminders of open reviews that are due now, and return how many.

    Of several that were missed only the most urgent is sent; an overdue review is escalated once instead.
    """
    return sum(_remind(key, now=now) for key in sweeps.keys(_near(now)))


def _near(now: datetime) -> "QuerySet[Review]":
    last = timezone.localdate(now) + timedelta(days=max(methodology.load().reviews.reminder_days))
    escalated = Reminder.objects.filter(review=OuterRef("pk"), step=OVERDUE)
    return Review.objects.filter(~Exists(escalated), status=Review.Status.OPEN, due_on__lte=last)


def _open(key: UUID, *, now: datetime) -> bool:
    """Return whether this sweep opened the review; of two at once one does."""
    with unit_of_work():
        review = _held(key)
        if review.status != Review.Status.SCHEDULED:
            return False
        assignee = reviewers.choose(review.server, preferred=review.assignee)
        move(review, Review.Status.OPEN, opened_at=now, assignee=assignee)
        reviews.record("review.opened", review, now=now, assignee=str(assignee.pk) if assignee else None)
        return True


def _drop(key: UUID, *, now: datetime) -> bool:
    """Return whether this sweep skipped the review: not when the server has been asked for again meanwhile."""
    with unit_of_work():
        review = _held(key)
        if review.status not in Review.WAITING or review.server.status not in Server.OUT_OF_USE:
            return False
        reason = f"The server is {review.server.get_status_display().lower()}."
        move(review, Review.Status.SKIPPED, skip_reason=reason, done_at=now)
        reviews.record("review.skipped", review, now=now, reason=reason)
        ratings.refresh_at_end(review.server, reason=f"{review.ref} was skipped.", now=now)
        return True


def _remind(key: UUID, *, now: datetime) -> bool:
    """Return whether this sweep reminded; the row is held, so that of two at once the second sees the reminder."""
    with unit_of_work():
        review = _held(key)
        step = _step(review, now=now) if review.status == Review.Status.OPEN else None
        if step is None:
            return False
        Reminder.objects.create(review=review, step=step, sent_at=now)
        reviews.record("review.overdue" if step == OVERDUE else "review.reminded", review, now=now, step=step)
        return True


def _step(review: Review, *, now: datetime) -> str | None:
    """Return the reminder to send now, or None."""
    today = timezone.localdate(now)
    sent = set(review.reminders.values_list("step", flat=True))
    if deadlines.is_past(review.due_on, today=today):
        return None if OVERDUE in sent else OVERDUE
    days = {int(step) for step in sent - {OVERDUE}}
    reminder_days = methodology.load().reviews.reminder_days
    due = deadlines.reminder_due(review.due_on, today=today, sent=days, reminder_days=reminder_days)
    return None if due is None else str(due)


def _held(key: UUID) -> Review:
    review = Review.objects.select_related("server").get(pk=key)
    nouns.hold(review)
    return review
