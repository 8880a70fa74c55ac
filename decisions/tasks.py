"""What the clock asks of the room; each kind is a job of its own, so that none waits for another."""

from datetime import timedelta

from django.utils import timezone

from decisions import approval_ends, conditions, overriding, ratings, review_schedule
from decisions.models import Approval, Condition
from jobs import dated, queue, tasks

EVERY = timedelta(minutes=10)


@queue.handler("decisions.reviews", every=EVERY)
def sweep_reviews(running: queue.Running) -> None:
    """Open, drop and remind of reviews."""
    now = timezone.now()
    review_schedule.drop_out_of_use(now=now)
    review_schedule.open_due(now=now)
    review_schedule.remind(now=now)


@queue.handler("decisions.approvals", every=EVERY)
def sweep_approvals(running: queue.Running) -> None:
    """Tell of approvals that end soon or have ended."""
    approval_ends.tell(now=timezone.now())


@queue.handler("decisions.conditions", every=EVERY)
def sweep_conditions(running: queue.Running) -> None:
    """Turn missed conditions into findings."""
    conditions.record_missed(now=timezone.now())


@queue.handler("decisions.ratings", every=EVERY)
def sweep_ratings(running: queue.Running) -> None:
    """Record which overrides ran out, and what the clock alone changed in ratings."""
    now = timezone.now()
    overriding.record_expired(now=now)
    ratings.refresh_due(now=now)


# That one was missed is recorded with the finding that it becomes: condition.missed.
tasks.tell_days_of(
    dated.Dated(
        "condition",
        lambda: Condition.objects.filter(met_at=None, finding=None, approval__status=Approval.Status.GRANTED),
        day="due_on",
        ahead="condition.due_soon",
    ),
)
