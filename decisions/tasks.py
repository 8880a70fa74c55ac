"""What the clock asks of the room; each kind is a job of its own, so that none waits for another."""

from datetime import date, timedelta

from django.db.models import QuerySet
from django.utils import timezone

from decisions.approvals import approval_ends, conditions
from decisions.models import Approval, Condition, RatingOverride
from decisions.ratings import overriding, ratings, worsening
from decisions.reviews import review_schedule
from escalations import tasks as escalations
from escalations.ladders import Ladder
from jobs import dated, queue, tasks
from scoring import deadlines
from scoring.scales import Severity
from vendors.models import Server

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
    # That it ran out is recorded with what follows: override.expired.
    dated.Dated(
        "override",
        lambda: RatingOverride.objects.filter(status=RatingOverride.Status.GRANTED),
        day="expires_on",
        ahead="override.ending",
        before=(30, 7, 0),
    ),
)


def _ended(today: date) -> "QuerySet[Approval]":
    """Return the approvals that stand, have passed their day, and are of servers that agents use."""
    ended = Approval.objects.filter(Approval.in_states([Approval.EXPIRED], today=today), server__is_in_use=True)
    return ended.exclude(server__status__in=Server.OUT_OF_USE).select_related("server")


def _worse(today: date) -> "QuerySet[Server]":
    return Server.objects.filter(rating__worse_since__isnull=False).select_related("rating")


escalations.let_climb(
    Ladder(
        "approval_ended",
        "Approval ended on a server in use",
        _ended,
        # The inherent tier, 1 to 4, is how bad it is that agents use what nobody approves any more.
        severity=lambda approval: Severity(approval.server.inherent_tier),
        since=lambda approval: deadlines.moment_past(approval.valid_until, timezone.get_default_timezone()),
        demo=("server.is_demo",),
        hangs_on="server",
    ),
    Ladder(
        "got_worse",
        "Approved, but got worse",
        _worse,
        severity=lambda server: worsening.severity(server.rating.residual),
        since=lambda server: server.rating.worse_since,
    ),
)
