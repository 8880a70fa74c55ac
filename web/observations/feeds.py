"""Feeds: the list, a feed with its runs and what could not be read, and the pages of their steps."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from feeds import asking as steps
from feeds import kinds, managing, uploading
from feeds.lists import FEED_RUNS, FEEDS, QUARANTINED
from feeds.models import Feed, FeedRun
from web.forms.observations.feeds import FeedForm, FileForm, NewFeedForm
from web.forms.reasons import ReasonForm
from web.page_parts import asking, buttons, history, listing, lists
from web.page_parts.access import MemberRequest, member, member_who_may, visible
from web.page_parts.asking import Page, asks
from web.page_parts.buttons import Button
from web.page_parts.steps import attempt

BUTTONS = (
    Button(steps.run_now, "run", "Run now", is_main=True),
    Button(steps.take_file, "upload", "Upload a file"),
    Button(managing.change, "change", "Change"),
    Button(managing.switch_on, "switch-on", "Switch on", is_main=True),
    Button(managing.switch_off, "switch-off", "Switch off", is_danger=True),
)
_RUNS_SHOWN, _BAD_SHOWN = 10, 20


@require_safe
@member
def index(request: MemberRequest) -> HttpResponseBase:
    """Show the feeds, and whether each is fresh; `?format=csv` downloads exactly this view."""
    page = {"may_add": managing.add.may_somewhere(request.user), "fetches": settings.FETCH_FEEDS}
    return listing.shown(request, FEEDS, template="feeds/index.html", page=page)


@require_safe
@member
def runs(request: MemberRequest) -> HttpResponseBase:
    """Show the runs of feeds; `?format=csv` downloads exactly this view."""
    return listing.shown(request, FEED_RUNS, template="feeds/runs.html", page={"section": "feed-list"})


@require_safe
@member
def quarantine(request: MemberRequest) -> HttpResponseBase:
    """Show what could not be read; `?format=csv` downloads exactly this view."""
    return listing.shown(request, QUARANTINED, template="feeds/quarantine.html", page={"section": "feed-list"})


@require_safe
@member
def detail(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Show a feed: whether it is fresh, its last runs, and what could not be read of it."""
    row, now = _find(request, pk), timezone.now()
    lately = list(row.runs.select_related("asked_by", "lets_through")[:_RUNS_SHOWN])
    page = {
        "feed": row,
        "kind": kinds.words(row.kind),
        "freshness": row.freshness(now=now),
        "hours": managing.in_hours(row),
        "offers": [one for one in buttons.offers(BUTTONS, row, request.user, of="feed") if not one.who],
        "why_not": str(steps.why_not(row) or ""),
        "runs": [(one, steps.let_through.offer(one, request.user).may) for one in lately],
        "quarantined": lists.first(row.quarantined.all(), _BAD_SHOWN),
        "section": "feed-list",
        **history.shown(request.user, row),
    }
    return render(request, "feeds/detail.html", page)


@asks
@member_who_may(managing.add)
def add(request: MemberRequest) -> HttpResponse:
    """Add a feed; what is named in the address of the page is filled in."""
    form = asking.filled(request, NewFeedForm, initial=_offered(request))
    page = _page("Add a feed", "Nothing is fetched before its first run.", "Add the feed", None)
    if request.method == "POST" and form.is_valid():
        made = attempt(
            request, lambda: managing.add(**form.cleaned_data, by=request.user, now=timezone.now()), form=form
        )
        if made is not None:
            next_step = steps.why_not(made) or "Run it, or upload its first file."
            messages.success(request, f"{made.ref} is added. {next_step}")
            return redirect("web:feed-detail", pk=made.pk)
    shown = {"page": page, "form": form, "offers": _offers(), "section": "feed-list"}
    return render(request, "feeds/add.html", shown, status=asking.status_of(form))


@asks
@member_who_may(managing.change)
def change(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Change a feed."""
    row = _find(request, pk)
    form = asking.filled(request, FeedForm, row=row)
    return asking.ask(
        request, form, _page(f"Change {row.name}", "From another place it is taken in whole again.", "Change it", row),
        step=lambda data: form.take(row, **data, by=request.user, now=timezone.now()),
        message=f"{row.ref} is changed.",
    )  # fmt: skip


@asks
@member_who_may(steps.run_now)
def run_now(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Have a feed taken in from its place."""
    row = _find(request, pk)
    return asking.ask(
        request, asking.filled(request, asking.Nothing), _page(f"Take in {row.name}", _RUN, "Run now", row),
        step=lambda _data: steps.run_now(row, by=request.user, now=timezone.now()),
        message=f"{row.ref} is taken in. This page shows what comes of it.",
    )  # fmt: skip


@asks
@member_who_may(steps.take_file)
def upload(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Take in a file that somebody brings."""
    row = _find(request, pk)
    return asking.ask(
        request, asking.filled(request, FileForm), _page(f"Upload a file of {row.name}", _RUN, "Take it in", row),
        step=lambda data: uploading.take_upload(row, data["file"], by=request.user, now=timezone.now()),
        message=f"The file of {row.ref} is taken in. This page shows what comes of it.",
    )  # fmt: skip


@asks
@member_who_may(managing.switch_off)
def switch_off(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Switch a feed off."""
    row = _find(request, pk)
    words = "What it brought stays and ages: what is new there is not known here any more, and that is not told."
    return _asked(request, row, ReasonForm, managing.switch_off, "Switch off", words, "{} is switched off.")


@asks
@member_who_may(managing.switch_on)
def switch_on(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Switch a feed on."""
    row = _find(request, pk)
    words = "It is taken in again as often as it says."
    return _asked(request, row, asking.Nothing, managing.switch_on, "Switch on", words, "{} is switched on.")


@asks
@member_who_may(steps.let_through)
def let_through(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Let a run through that was stopped."""
    run = visible(FeedRun.objects.select_related("feed"), request.user, pk=pk)
    words = f"{run.why} It may then lose as many, and no more."
    return asking.ask(
        request,
        asking.filled(request, ReasonForm, signs=(steps.let_through, run)),
        _page(f"Let {run.feed.name} through", words, "Let it through", run.feed, danger=True),
        step=lambda data: steps.let_through(run, reason=data["reason"], by=request.user, now=timezone.now()),
        message=f"{run.feed.ref} is taken in again.",
    )


_RUN = "Each record is read by itself: a bad one is put aside. A run that would lose more than a tenth is stopped."


def _asked(
    request: MemberRequest, row: Feed, form: type[forms.Form], step: Any, label: str, words: str, message: str
) -> HttpResponse:  # fmt: skip
    return asking.ask(
        request,
        asking.filled(request, form, signs=(step, row)),
        _page(f"{label}: {row.name}", words, label, row, danger=form is ReasonForm),
        step=lambda data: step(row, **data, by=request.user, now=timezone.now()),
        message=message.format(row.ref),
    )


def _page(heading: str, words: str, label: str, row: Feed | None, *, danger: bool = False) -> Page:
    back = reverse("web:feed-detail", args=[row.pk]) if row else reverse("web:feed-list")
    return Page(heading, words, label, back, row.ref if row else "Feeds", "feed-list", danger)


def _offered(request: MemberRequest) -> dict[str, Any]:
    """Return what the form of a new feed begins with: what its kind usually has."""
    named = request.GET.get("kind", "")
    kind = next((one for one in kinds.every() if one.word == named), None)
    begin: dict[str, Any] = {"where": Feed.Where.ADDRESS, "every": 24, "silent_after": 72, "is_whole": True}
    if kind is not None:
        begin |= managing.usual(kind)
    return begin | {name: request.GET[name] for name in ("kind", "name", "place") if name in request.GET}


def _offers() -> list[tuple[str, str]]:
    """Return the public dumps that are not feeds yet, each with the address at which the form has it filled in."""
    known = set(Feed.objects.values_list("place", flat=True))
    return [
        (
            offer.name,
            f"{reverse('web:feed-add')}?{urlencode({'kind': kind.word, 'name': offer.name, 'place': offer.place})}",
        )
        for kind in kinds.every()
        for offer in kind.offers()
        if offer.place not in known
    ]


def _find(request: MemberRequest, pk: UUID) -> Feed:
    return visible(Feed.objects.select_related("added_by"), request.user, pk=pk)
