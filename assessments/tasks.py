"""What the clock asks of the room; each kind is a job of its own, so that none waits for another."""

from datetime import timedelta

from django.utils import timezone

from assessments import acceptance, conditions, occasions, overriding, ratings, stranded
from jobs import queue

EVERY = timedelta(minutes=10)


@queue.handler("assessments.reviews", every=EVERY)
def sweep_reviews(running: queue.Running) -> None:
    """Open, drop and remind of reviews."""
    now = timezone.now()
    occasions.drop_out_of_use(now=now)
    occasions.open_due(now=now)
    occasions.remind(now=now)


@queue.handler("assessments.acceptances", every=EVERY)
def sweep_acceptances(running: queue.Running) -> None:
    """Open the findings again whose acceptance ran out."""
    acceptance.record_expired(now=timezone.now())


@queue.handler("assessments.conditions", every=EVERY)
def sweep_conditions(running: queue.Running) -> None:
    """Turn missed conditions into findings."""
    conditions.record_missed(now=timezone.now())


@queue.handler("assessments.ratings", every=EVERY)
def sweep_ratings(running: queue.Running) -> None:
    """Record which overrides ran out, and what the clock alone changed in ratings."""
    now = timezone.now()
    overriding.record_expired(now=now)
    ratings.refresh_due(now=now)


@queue.handler("assessments.handover", every=timedelta(hours=1))
def sweep_what_is_stranded(running: queue.Running) -> None:
    """Give on what people hold whose role for it has ended, and say which servers need another owner."""
    now = timezone.now()
    stranded.hand_over(now=now)
    stranded.report_servers(now=now)
