"""Reviews: the list by month, one review, giving it to somebody, starting its assessment, skipping, asking for one."""

from datetime import date, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.models import User
from decisions.lists import REVIEWS
from decisions.models import Review
from decisions.reviews import reassessment, reviews
from vendors.models import Server
from web.findings import giving
from web.forms.assessments.reviews import AskForm, AssigneeForm
from web.forms.reasons import ReasonForm
from web.page_parts import asking, history, listing, steps
from web.page_parts.access import MemberRequest, member, visible
from web.page_parts.asking import Page, asks

NAMES = ("server", "unit", "assignee", "assessment")
# What somebody asks for out of turn is wanted soon.
ASKED_WITHIN = timedelta(days=30)


@require_safe
@member
def index(request: MemberRequest) -> HttpResponseBase:
    """Show the reviews that the person may see, by the month they are due; `?format=csv` downloads this view."""

    def more(found: listing.Listing) -> dict[str, Any]:
        give_url = giving.url(request, giving.REVIEWS_GIVEN, found.rows)
        return {"groups": _groups(found), "give_url": give_url}

    return listing.shown(request, REVIEWS, template="reviews/index.html", more=more)


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
    reviews.assign.require(review, request.user)
    form = asking.filled(request, AssigneeForm, review=review)
    return asking.ask(
        request,
        form,
        _page_of(review, "Change who reviews", "The new person is told.", "Assign"),
        step=lambda data: form.take(review, **data, by=request.user, now=timezone.now()),
        message=f"{review.ref} is handed over.",
    )


@asks
@member
def start(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Start the assessment that the review is the occasion for."""
    review = _find(request, pk)
    reassessment.start.require(review, request.user)
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
    reviews.skip.require(review, request.user)
    words = "It stays on record as skipped, with your reason. After a periodic review the next one is planned."
    return asking.ask(
        request,
        asking.filled(request, ReasonForm),
        _page_of(review, "Skip", words, "Skip it", danger=True),
        step=lambda data: reviews.skip(review, **data, by=request.user, now=timezone.now()),
        message=f"{review.ref} is skipped.",
    )


@asks
@member
def ask(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Ask for a review of a server out of turn."""
    server = visible(Server.objects.select_related("unit"), request.user, pk=pk)
    reviews.request_review.require(server, request.user)
    back = reverse("web:server-detail", args=[pk])
    words = "It opens and is assigned by itself, at the latest 30 days before it is due."
    return asking.ask(
        request,
        asking.filled(request, AskForm, initial={"due_on": timezone.localdate() + ASKED_WITHIN}),
        Page(f"Ask for a review of {server.title}", words, "Ask for it", back, server.title, "review-list"),
        step=lambda data: reviews.request_review(server, **data, by=request.user, now=timezone.now()),
        message="The review is planned.",
    )


def _find(request: HttpRequest, pk: UUID) -> Review:
    return get_object_or_404(Review.objects.visible_to(request.user).select_related(*NAMES), pk=pk)


def _page_of(review: Review, heading: str, consequence: str, label: str, *, danger: bool = False) -> Page:
    back = reverse("web:review-detail", args=[review.pk])
    heading = f"{heading}: {review.ref} {review.server.title}"
    return Page(heading, consequence, label, back, review.ref, "review-list", danger)


def _steps(review: Review, user: User) -> dict[str, bool]:
    """Return which steps the person may take; while its assessment is under way it is neither started nor skipped."""
    is_begun = review.begun is not None
    return {
        "waits": review.status in Review.WAITING,
        "is_begun": is_begun,
        "can_start": not is_begun and reviews.link.offer(review, user).may,
        "can_assign": reviews.assign.offer(review, user).may,
        "can_skip": not is_begun and reviews.skip.offer(review, user).may,
    }


def _groups(listed: listing.Listing) -> list[tuple[date | None, list[Review]]]:
    """Return the rows by the month they are due; under another order in one group."""
    if listed.sort.removeprefix("-") != "due_on":
        return [(None, listed.rows)]
    return [(month, list(found)) for month, found in groupby(listed.rows, key=lambda row: row.due_on.replace(day=1))]
