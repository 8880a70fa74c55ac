"""Reviews: the list by month, one review, giving it to somebody, starting its assessment, skipping, asking for one."""

from datetime import date, timedelta
from itertools import groupby
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts import access
from accounts.access import Capability
from accounts.models import User
from assessments.models import Assessment
from decisions import reassessment, reviews
from decisions.models import Review
from riskregister import looks
from vendors.models import Server
from web import asking, history, lists, steps
from web.access import MemberRequest, member, visible
from web.asking import Page, asks
from web.filters.reviews import ReviewFilters
from web.forms.reasons import ReasonForm
from web.forms.reviews import AskForm, AssigneeForm

SORTS = {
    "due": ("due_on", "number"),
    "server": ("server__title", "due_on", "number"),
    "assignee": ("assignee__name", "due_on", "number"),
    "number": ("-number",),
}
NAMES = ("server", "unit", "assignee", "assessment")
COLUMNS = {
    "Number": lambda row: row.ref,
    "Server": lambda row: row.server.title,
    "Registry name": lambda row: row.server.name,
    "Unit": lambda row: row.unit.name,
    "State": lambda row: looks.word("review", row.state(today=timezone.localdate())),
    "Due on": lambda row: row.due_on,
    "Assignee": lambda row: row.assignee.name if row.assignee else "",
    "Why": lambda row: row.get_trigger_display(),
    "Reason": lambda row: row.trigger_reason,
    "Assessment": lambda row: row.assessment.ref if row.assessment else "",
    "Settled at": lambda row: row.done_at.isoformat() if row.done_at else "",
}
LIST = lists.Kind("reviews", ReviewFilters, SORTS, default="due", columns=COLUMNS)
# What somebody asks for out of turn is wanted soon.
ASKED_WITHIN = timedelta(days=30)


@require_safe
@member
def index(request: MemberRequest) -> HttpResponse:
    """Show the reviews that the person may see, by the month they are due; `?format=csv` downloads this view."""
    rows = Review.objects.visible_to(request.user).select_related(*NAMES)
    if lists.wants_csv(request):
        return lists.csv_of(request, rows, LIST)  # type: ignore[return-value]
    listed = lists.listing(request, rows, LIST)
    page = {"list": listed, "groups": _groups(listed, today=timezone.localdate()), "waiting": Review.WAITING}
    return render(request, "reviews/index.html", page)


@require_safe
@member
def detail(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Show a review: why, until when, by whom, and its assessment."""
    review = _find(request, pk)
    page = {
        "review": review,
        "state": review.state(today=timezone.localdate()),
        "reminders": review.reminders.order_by("sent_at"),
        **history.shown(request.user, review),
        **_steps(review, request.user),
    }
    return render(request, "reviews/detail.html", page)


@asks
@member
def assign(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Give a waiting review to somebody."""
    review = _find(request, pk)
    _require_writer_or_manager(request.user, review.unit_id)
    return asking.ask(
        request,
        asking.filled(request, AssigneeForm, review=review),
        _page_of(review, "Change who reviews", "The new person is told.", "Assign"),
        step=lambda said: reviews.assign(review, **said, by=request.user, now=timezone.now()),
        said=f"{review.ref} is handed over.",
    )


@asks
@member
def start(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Start the assessment that the review is the occasion for."""
    review = _find(request, pk)
    access.require(request.user, Capability.WRITE, unit_id=review.unit_id)
    form = asking.filled(request, forms.Form)
    if request.method == "POST":
        started = steps.attempt(
            request, lambda: reassessment.start(review, by=request.user, now=timezone.now()), form=form
        )
        if started is not None:
            messages.success(request, f"{started.ref} is started. Begin with any of the five parts.")
            return redirect("web:assessment-detail", pk=started.pk)
    words = "A draft starts at the newest release, with the answers about the vendor that are still fresh."
    return asking.show(request, form, _page_of(review, "Start the assessment", words, "Start the assessment"))


@asks
@member
def skip(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Leave a review out, with a reason."""
    review = _find(request, pk)
    access.require(request.user, Capability.MANAGE, unit_id=review.unit_id)
    words = "It stays on record as skipped, with your reason. After a periodic review the next one is planned."
    return asking.ask(
        request,
        asking.filled(request, ReasonForm),
        _page_of(review, "Skip", words, "Skip it", danger=True),
        step=lambda said: reviews.skip(review, **said, by=request.user, now=timezone.now()),
        said=f"{review.ref} is skipped.",
    )


@asks
@member
def ask(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Ask for a review of a server out of turn."""
    server = visible(Server.objects.select_related("unit"), request.user, pk=pk)
    _require_writer_or_manager(request.user, server.unit_id)
    back = reverse("web:server-detail", args=[pk])
    words = "It opens and is assigned by itself, at the latest 30 days before it is due."
    return asking.ask(
        request,
        asking.filled(request, AskForm, initial={"due_on": timezone.localdate() + ASKED_WITHIN}),
        Page(f"Ask for a review of {server.title}", words, "Ask for it", back, server.title, "review-list"),
        step=lambda said: reviews.request_review(server, **said, by=request.user, now=timezone.now()),
        said="The review is planned.",
    )


def _find(request: HttpRequest, pk: UUID) -> Review:
    return get_object_or_404(Review.objects.visible_to(request.user).select_related(*NAMES), pk=pk)


def _page_of(review: Review, heading: str, consequence: str, label: str, *, danger: bool = False) -> Page:
    back = reverse("web:review-detail", args=[review.pk])
    heading = f"{heading}: {review.ref} {review.server.title}"
    return Page(heading, consequence, label, back, review.ref, "review-list", danger)


def _steps(review: Review, user: User) -> dict[str, bool]:
    """Return which steps the review's state and the person's roles allow."""
    seen = access.of(user)
    writes, manages = (seen.can(one, review.unit_id) for one in (Capability.WRITE, Capability.MANAGE))
    waits = review.status in Review.WAITING
    begun = review.assessment is not None and review.assessment.status != Assessment.Status.CANCELLED
    return {
        "waits": waits,
        "is_begun": begun,
        "can_start": waits and writes and not begun,
        "can_assign": waits and (writes or manages),
        "can_skip": waits and manages and not begun,
    }


def _groups(listed: lists.Listing, *, today: date) -> list[tuple[date | None, list[tuple[Review, str]]]]:
    """Return the rows with their states, by the month they are due; under another order in one group."""
    rows = [(row, row.state(today=today)) for row in listed.rows]
    if listed.sort.removeprefix("-") != "due":
        return [(None, rows)]
    return [(month, list(found)) for month, found in groupby(rows, key=lambda pair: pair[0].due_on.replace(day=1))]


def _require_writer_or_manager(user: User, unit_id: UUID) -> None:
    if not access.of(user).can(Capability.MANAGE, unit_id):
        access.require(user, Capability.WRITE, unit_id=unit_id)
