"""Reviews: planned, asked for, assigned, linked to their assessment, done or skipped. The sweeps are in `occasions`."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts import access
from accounts.models import User
from assessments.models import Assessment
from audit import trail
from audit.context import SYSTEM
from decisions import ratings, reviewers
from decisions.models import Approval, Review
from riskregister.refusals import Conflict, Refused
from riskregister.text import clean_reason
from riskregister.transitions import IllegalTransition, change_if, move
from scoring import deadlines, methodology
from vendors.models import Server

LONGEST = timedelta(days=365)
_MOVING = ("status", "assignee", "assessment", "due_on")


class ReviewInvalid(Refused):
    """The review cannot be planned or assigned like this."""


class ReviewAlreadyRequested(Conflict):
    """Somebody has asked for a review of this server already."""


class BeingReviewed(Conflict):
    """An assessment for this review is under way."""


@transaction.atomic
def schedule_next(server: Server, *, after: date, now: datetime) -> Review:
    """Return the server's next periodic review, due in the months of its tier after a day. Part of a step.

    A server has one periodic review ahead of it: one that waits already is returned, brought forward when this day is
    earlier, so that doing it twice plans nothing twice.
    """
    held = _held(server)
    method = methodology.load()
    due_on = deadlines.next_review_on(held.inherent_tier, after, method)
    months = method.reviews.months[held.inherent_tier]
    reason = f"{months} months after {deadlines.written(after)}, for tier {held.inherent_tier}"
    periodic = Review.objects.filter(server=server, trigger=Review.Trigger.CADENCE)
    waiting = periodic.filter(status__in=Review.WAITING).first()
    if waiting is not None:
        _bring_forward(waiting, due_on, reason=reason, now=now)
        return waiting
    occasion = f"periodic:{periodic.count() + 1}"
    return _plan(held, Review.Trigger.CADENCE, occasion=occasion, due_on=due_on, reason=reason, by=SYSTEM, now=now)


@transaction.atomic
def follow(server: Server, *, now: datetime) -> None:
    """Let the reviews follow what changed about a server: its tier or its tools. Part of the step that changed it.

    A worse tier brings the periodic review forward, though never closer than the lead time. Tools that differ from the
    approved ones are an occasion for a review of their own, once for each manifest.
    """
    approval = Approval.objects.in_force(today=timezone.localdate(now)).filter(server=server).first()
    if approval is not None:
        _follow_tier(server, approval, now=now)
        _follow_tools(server, approval, now=now)


@transaction.atomic
def request_review(server: Server, *, reason: str, due_on: date, by: User, now: datetime) -> Review:
    """Return a review that somebody asks for, e.g. after an incident, due within a year.

    Raises ReviewInvalid for another day, ReviewAlreadyRequested while one that was asked for waits.
    """
    access.require_any(by, access.Capability.MANAGE, access.Capability.WRITE, unit_id=server.unit_id)
    today = timezone.localdate(now)
    if not today <= due_on <= today + LONGEST:
        raise ReviewInvalid("Choose a day from today to a year from now.", field="due_on")
    reason = clean_reason(reason)
    held = _held(server)
    asked_for = Review.objects.filter(server=server, trigger=Review.Trigger.REQUEST)
    waiting = asked_for.filter(status__in=Review.WAITING).first()
    if waiting is not None:
        raise ReviewAlreadyRequested(
            f"{waiting.ref}, due on {deadlines.written(waiting.due_on)}, was asked for already."
        )
    occasion = f"requested:{asked_for.count() + 1}"
    review = _plan(held, Review.Trigger.REQUEST, occasion=occasion, due_on=due_on, reason=reason, by=by, now=now)
    ratings.refresh(server, reason=f"{review.ref} was asked for.", now=now)
    return review


@transaction.atomic
def assign(review: Review, *, assignee: User, by: User, now: datetime) -> Review:
    """Give a waiting review to an analyst or approver of its unit."""
    access.require_any(by, access.Capability.MANAGE, access.Capability.WRITE, unit_id=review.unit_id)
    assignee = access.held(assignee)
    if not reviewers.can_review(assignee, review.server):
        raise ReviewInvalid(f"{assignee} cannot do it. Choose an analyst or approver of the unit.", field="assignee")
    if not change_if(review, {"status__in": Review.WAITING}, assignee=assignee):
        raise IllegalTransition(review, review.status, "another assignee")
    record("review.assigned", review, by=by, now=now, assignee=str(assignee.pk))
    return review


@transaction.atomic
def link(review: Review, assessment: Assessment, *, by: User, now: datetime) -> Review:
    """Say that an assessment was started for a review, which opens if it was only scheduled. Part of starting.

    Raises BeingReviewed when another assessment for it is under way, ReviewInvalid for another server's.
    """
    if review.server_id != assessment.server_id:
        raise ReviewInvalid("This review is of another server.", field="review")
    hold(review)
    former = review.assessment
    if former is not None and former.status != Assessment.Status.CANCELLED:
        raise BeingReviewed(f"{former.ref} is under way for this review. Continue that assessment.")
    if review.status == Review.Status.SCHEDULED:
        move(review, Review.Status.OPEN, opened_at=now, assignee=review.assignee or assessment.assignee)
    if not change_if(review, {"status": Review.Status.OPEN, "assessment": former}, assessment=assessment):
        raise IllegalTransition(review, review.status, "an assessment")
    record("review.started", review, by=by, now=now, assessment=assessment.ref)
    return review


@transaction.atomic
def complete(assessment: Assessment, *, by: User, now: datetime) -> list[Review]:
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


@transaction.atomic
def skip(review: Review, *, reason: str, by: User, now: datetime) -> Review:
    """Leave a review out, as a manager and with a reason; after a periodic one the next is planned.

    Raises BeingReviewed while an assessment for it is under way.
    """
    access.require(by, access.Capability.MANAGE, unit_id=review.unit_id)
    reason = clean_reason(reason)
    hold(review)
    if review.assessment is not None and review.assessment.status != Assessment.Status.CANCELLED:
        raise BeingReviewed(f"{review.assessment.ref} is under way for this review. Cancel it first.")
    move(review, Review.Status.SKIPPED, skip_reason=reason, done_at=now)
    record("review.skipped", review, by=by, now=now, reason=reason)
    if review.trigger == Review.Trigger.CADENCE:
        schedule_next(review.server, after=max(review.due_on, timezone.localdate(now)), now=now)
    ratings.refresh(review.server, reason=f"{review.ref} was skipped.", now=now)
    return review


def hold(review: Review) -> None:
    """Bring a review and its server up to date and hold them until the step ends. Part of a step.

    The server is held first, as by every step that holds both.
    """
    review.server = _held(review.server)
    review.refresh_from_db(fields=_MOVING, from_queryset=Review.objects.select_for_update(of=("self",)))


def record(verb: str, review: Review, *, by: object, now: datetime, reason: str = "", **data: Any) -> None:
    """Record an event of a review, shown on its server's page too."""
    due_on = review.due_on.isoformat()
    trail.record(verb, review, by=by, at=now, reason=reason, concerns=review.server, due_on=due_on, **data)


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
    """Set an earlier day for a review that is not open yet; leave it alone when the day is no earlier."""
    if change_if(review, {"status": Review.Status.SCHEDULED, "due_on__gt": due_on}, due_on=due_on):
        record("review.scheduled", review, by=SYSTEM, now=now, reason=reason)


def _follow_tools(server: Server, approval: Approval, *, now: datetime) -> None:
    captured = server.releases.exclude(manifest_digest="").order_by("-captured_at", "-created_at").first()
    if captured is None or captured.manifest_digest == approval.manifest_digest:
        return
    occasion = f"tools:{captured.manifest_digest}"
    if Review.objects.filter(server=_held(server), occasion=occasion).exists():
        return
    due_on = timezone.localdate(now) + timedelta(days=methodology.load().reviews.lead_days)
    reason = f"The tools of {captured} differ from those that were approved."
    _plan(server, Review.Trigger.EVENT, occasion=occasion, due_on=due_on, reason=reason, by=SYSTEM, now=now)


def _plan(
    server: Server,
    trigger: Review.Trigger,
    *,
    occasion: str,
    due_on: date,
    reason: str,
    by: object,
    now: datetime,
) -> Review:
    review = Review(
        unit_id=server.unit_id,
        server=server,
        occasion=occasion,
        trigger=trigger,
        trigger_reason=reason,
        due_on=due_on,
        created_at=now,
    )
    review.save(force_insert=True)
    record("review.scheduled", review, by=by, now=now, reason=reason, trigger=trigger.value)
    return review


def _held(server: Server) -> Server:
    """Return the server as it is now, held until the step ends: its occasions are counted one step after the other."""
    return Server.objects.select_for_update(of=("self",), no_key=True).get(pk=server.pk)
