"""Reviews: planned, asked for, assigned, linked to their assessment, done or skipped; swept by `review_schedule`."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts import steps
from accounts.access import Capability
from accounts.models import User
from accounts.principals import Principal
from accounts.steps import Done, step
from assessments import snapshots
from assessments.models import Assessment
from audit.context import SYSTEM
from decisions.models import Approval, Review
from decisions.ratings import rating_inputs, ratings
from decisions.reviews import changed_tools, reviewers
from riskregister import nouns, versions
from riskregister.refusals import Conflict, Refused
from riskregister.transitions import change_if, move
from riskregister.unit_of_work import unit_of_work
from scoring import deadlines, methodology
from vendors.models import Release, Server


class ReviewInvalid(Refused):
    """The review cannot be planned or assigned like this."""


class ReviewAlreadyRequested(Conflict):
    """Somebody has asked for a review of this server already."""


class BeingReviewed(Conflict):
    """An assessment for this review is under way."""


@unit_of_work()
def schedule_next(server: Server, *, after: date, now: datetime) -> Review:
    """Return the server's next periodic review, due in the months of its tier after a day. Part of a step.

    A server has one periodic review ahead of it: one that waits already is returned, brought forward when this day is
    earlier, so that doing it twice plans nothing twice.
    """
    nouns.hold(server)
    method = methodology.load()
    due_on = deadlines.next_review_on(server.inherent_tier, after, method)
    months = method.reviews.months[server.inherent_tier]
    reason = f"{months} months after {deadlines.written(after)}, for tier {server.inherent_tier}"
    periodic = Review.objects.filter(server=server, trigger=Review.Trigger.CADENCE)
    waiting = periodic.filter(status__in=Review.WAITING).first()
    if waiting is not None:
        _bring_forward(waiting, due_on, reason=reason, now=now)
        return waiting
    occasion = f"periodic:{periodic.count() + 1}"
    review = _plan(server, Review.Trigger.CADENCE, occasion=occasion, due_on=due_on, reason=reason, now=now)
    record("review.scheduled", review, now=now, reason=reason, trigger=review.trigger)
    return review


@unit_of_work()
def follow(server: Server, *, now: datetime) -> None:
    """Let the reviews follow what changed about a server: its tier or its tools. Part of the step that changed it.

    A worse tier brings the periodic review forward, though never closer than the lead time. Tools that differ from the
    approved ones are an occasion for a review of their own, once for each manifest and approval. So are a tier that
    asks for more questions than were asked, and a deployment that came into use since.
    """
    approval = Approval.objects.in_force(today=timezone.localdate(now)).filter(server=server).first()
    if approval is not None:
        _follow_tier(server, approval, now=now)
        _follow_tools(server, approval, now=now)
        _follow_scope(server, now=now)


@unit_of_work()
def before_the_end(approval: Approval, *, last_day: date, now: datetime) -> None:
    """Let the server be reviewed by the last day of its approval, or today when that has passed. Part of the sweep.

    A periodic review that waits for a later day is due by then; without one it is an occasion of its own, once.
    """
    server, due_on = approval.server, max(last_day, timezone.localdate(now))
    nouns.hold(server)
    waiting = list(waiting_for(server))
    if any(review.due_on <= due_on for review in waiting):
        return
    reason = f"{approval.ref} ends on {deadlines.written(last_day)}."
    periodic = next((review for review in waiting if review.trigger == Review.Trigger.CADENCE), None)
    if periodic is not None:
        change_if(periodic, {}, due_on=due_on, trigger_reason=reason)
        record("review.scheduled", periodic, now=now, reason=reason)
        return
    occasion = f"end:{approval.ref}"
    if not Review.objects.filter(server=server, occasion=occasion).exists():
        review = _plan(server, Review.Trigger.EVENT, occasion=occasion, due_on=due_on, reason=reason, now=now)
        record("review.scheduled", review, now=now, reason=reason, trigger=review.trigger)


@step("review.scheduled", needs=(Capability.MANAGE, Capability.WRITE), makes=Review, reason="reason")
def request_review(server: Server, *, reason: str, due_on: date, by: Principal, now: datetime) -> Done[Review]:
    """Return a review that somebody asks for, e.g. after an incident, due within a year.

    Raises ReviewInvalid for another day, ReviewAlreadyRequested while one that was asked for waits.
    """
    today = timezone.localdate(now)
    if not deadlines.is_within_a_year(due_on, today=today):
        raise ReviewInvalid("Choose a day from today to a year from now.", field="due_on")
    nouns.hold(server)
    asked_for = Review.objects.filter(server=server, trigger=Review.Trigger.REQUEST)
    waiting = asked_for.filter(status__in=Review.WAITING).first()
    if waiting is not None:
        raise ReviewAlreadyRequested(
            f"{waiting.ref}, due on {deadlines.written(waiting.due_on)}, was asked for already."
        )
    occasion = f"requested:{asked_for.count() + 1}"
    review = _plan(server, Review.Trigger.REQUEST, occasion=occasion, due_on=due_on, reason=reason, now=now)
    ratings.refresh_at_end(server, reason=f"{review.ref} was asked for.", now=now)
    return _done(review, trigger=review.trigger)


@step(
    "review.assigned",
    needs=(Capability.MANAGE, Capability.WRITE),
    frm=Review.WAITING,
    edits=versions.facts("assignee"),
)
def assign(review: Review, *, assignee: User, by: Principal, now: datetime) -> Done[Review]:
    """Give a waiting review to an analyst or approver of its unit."""
    if not reviewers.can_review(assignee, review.server):
        raise ReviewInvalid(f"{assignee} cannot do it. Choose an analyst or approver of the unit.", field="assignee")
    review.assignee = assignee
    return _done(review, assignee=str(assignee.pk))


@step("review.started", needs=Capability.WRITE, frm=Review.WAITING)
def link(review: Review, assessment: Assessment, *, by: Principal, now: datetime) -> Done[Review]:
    """Say that an assessment was started for a review, which opens if it was only scheduled. Part of starting.

    Raises BeingReviewed when another assessment for it is under way, ReviewInvalid for another server's.
    """
    if review.server_id != assessment.server_id:
        raise ReviewInvalid("This review is of another server.", field="review")
    if review.begun is not None:
        raise BeingReviewed(f"{review.begun.ref} is under way for this review. Continue that assessment.")
    if review.status == Review.Status.SCHEDULED:
        move(review, Review.Status.OPEN, opened_at=now, assignee=review.assignee or assessment.assignee)
    review.assessment = assessment
    return _done(review, assessment=assessment.ref)


@unit_of_work()
def complete(assessment: Assessment, *, by: Principal, now: datetime) -> list[Review]:
    """Return the reviews that a decided assessment settles, done now. Part of deciding.

    They are those it was started for, and those of its server that were open or ahead by cadence before it was final;
    one that was asked for a later day stays.
    """
    settled = Q(status=Review.Status.OPEN) | Q(status=Review.Status.SCHEDULED, trigger=Review.Trigger.CADENCE)
    before = Q(server=assessment.server_id, created_at__lt=assessment.finalised_at or now) & settled
    rows = Review.objects.filter(before | Q(assessment=assessment), status__in=Review.WAITING).select_related("server")
    done = list(rows)
    for review in done:
        move(review, Review.Status.DONE, assessment=assessment, done_at=now)
        record("review.done", review, by=by, now=now, assessment=assessment.ref)
    return done


@step("review.skipped", needs=Capability.MANAGE, frm=Review.WAITING, to=Review.Status.SKIPPED, reason="reason")
def skip(review: Review, *, reason: str, by: Principal, now: datetime) -> Done[Review]:
    """Leave a review out, as a manager and with a reason; after a periodic one the next is planned.

    Raises BeingReviewed while an assessment for it is under way.
    """
    if review.begun is not None:
        raise BeingReviewed(f"{review.begun.ref} is under way for this review. Cancel it first.")
    review.skip_reason, review.done_at = reason, now
    ratings.refresh_at_end(review.server, reason=f"{review.ref} was skipped.", now=now)
    done = _done(review)
    if review.trigger != Review.Trigger.CADENCE:
        return done
    after = max(review.due_on, timezone.localdate(now))
    return done.and_then(lambda: schedule_next(review.server, after=after, now=now))


def record(verb: str, review: Review, *, now: datetime, by: Principal = SYSTEM, reason: str = "", **data: Any) -> None:
    """Record an event of a review with the day it is due. Part of a step."""
    steps.record(verb, review, by=by, now=now, reason=reason, due_on=review.due_on.isoformat(), **data)


def waiting_for(server: Server) -> "QuerySet[Review]":
    """Return the server's scheduled and open reviews, the next one first."""
    return Review.objects.waiting().filter(server=server).order_by("due_on", "number")


def _follow_tier(server: Server, approval: Approval, *, now: datetime) -> None:
    method = methodology.load()
    wanted = deadlines.next_review_on(server.inherent_tier, timezone.localdate(approval.decided_at), method)
    soonest = timezone.localdate(now) + timedelta(days=method.reviews.lead_days)
    reason = f"It is of tier {server.inherent_tier} now."
    for review in waiting_for(server).filter(trigger=Review.Trigger.CADENCE):
        _bring_forward(review, max(wanted, soonest), reason=reason, now=now)


def _bring_forward(review: Review, due_on: date, *, reason: str, now: datetime) -> None:
    """Set an earlier day, and why, for a review that is not open yet; leave it alone when the day is no earlier."""
    waits_longer = {"status": Review.Status.SCHEDULED, "due_on__gt": due_on}
    if change_if(review, waits_longer, due_on=due_on, trigger_reason=reason):
        record("review.scheduled", review, now=now, reason=reason)


def _follow_tools(server: Server, approval: Approval, *, now: datetime) -> None:
    captured = server.releases.captured().first()
    if captured is None or captured.manifest_digest == approval.manifest_digest:
        return
    reason = f"The tools of {captured} differ from those that were approved."
    if _plan_once(server, occasion=f"tools:{approval.ref}:{captured.manifest_digest}", reason=reason, now=now):
        changed_tools.follow(server, approval, captured, now=now)


@unit_of_work()
def tools_are_back(server: Server, captured: Release, *, now: datetime) -> None:
    """Follow tools that differ from the approved ones, and that a look sees again after others. Part of applying it.

    Whoever judged them may have let the server go on because they were gone. Once a day for each manifest.
    """
    approval = Approval.objects.in_force(today=timezone.localdate(now)).filter(server=server).first()
    if approval is None or captured.manifest_digest == approval.manifest_digest:
        return
    reason = f"The tools of {captured} are back, which differ from those that were approved."
    occasion = f"tools:{approval.ref}:{captured.manifest_digest}:{timezone.localdate(now)}"
    if _plan_once(server, occasion=occasion, reason=reason, now=now):
        changed_tools.follow(server, approval, captured, now=now)


def _follow_scope(server: Server, *, now: datetime) -> None:
    final = rating_inputs.final_assessment(server)
    if final is None:
        return
    frozen = final.snapshot.data
    asked = snapshots.depth_of(frozen)
    if asked is None:
        return
    wanted = methodology.load(frozen["sheet"]["methodology"]["version"]).depths[server.inherent_tier]
    if asked < wanted:
        reason = f"Tier {server.inherent_tier} asks for questions that {final.ref} left out."
        _plan_once(server, occasion=f"depth:{final.ref}:{wanted}", reason=reason, now=now)
    for ref in rating_inputs.new_deployments(server, snapshots.deployments_of(frozen)):
        reason = f"{ref} is in use, and {final.ref} did not count its answers."
        _plan_once(server, occasion=f"deployment:{final.ref}:{ref}", reason=reason, now=now)


def _plan_once(server: Server, *, occasion: str, reason: str, now: datetime) -> bool:
    """Plan a review within the lead time, unless this occasion has led to one already; return whether it did now."""
    nouns.hold(server)
    if Review.objects.filter(server=server, occasion=occasion).exists():
        return False
    due_on = timezone.localdate(now) + timedelta(days=methodology.load().reviews.lead_days)
    review = _plan(server, Review.Trigger.EVENT, occasion=occasion, due_on=due_on, reason=reason, now=now)
    record("review.scheduled", review, now=now, reason=reason, trigger=review.trigger)
    return True


def _plan(
    server: Server, trigger: Review.Trigger, *, occasion: str, due_on: date, reason: str, now: datetime
) -> Review:
    review = Review(
        unit_id=server.unit_id,
        server=server,
        occasion=occasion,
        trigger=trigger.value,
        trigger_reason=reason,
        due_on=due_on,
        created_at=now,
    )
    review.save(force_insert=True)
    return review


def _done(review: Review, **data: Any) -> Done[Review]:
    return Done(review, due_on=review.due_on.isoformat(), **data)
