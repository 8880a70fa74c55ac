"""Watch lists: what was learnt about vendors and servers, one entry, and the pages that note, settle and reopen."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from intelligence import watching
from intelligence.lists import WATCH_ENTRIES
from intelligence.models import WatchEntry
from intelligence.reading import techniques as vocabulary
from web.forms.observations.threats import NoteForm, OutcomeForm
from web.forms.reasons import ReasonForm
from web.observations.threats import SECTION
from web.page_parts import asking, buttons, history, listing
from web.page_parts.access import MemberRequest, member, member_who_may, visible
from web.page_parts.asking import Page, asks
from web.page_parts.buttons import Button

BUTTONS = (
    Button(watching.settle, "settle", "Settle", is_main=True),
    Button(watching.reopen, "reopen", "Watch again"),
)


@require_safe
@member
def index(request: MemberRequest) -> HttpResponseBase:
    """Show the watch lists that the person may see; `?format=csv` downloads exactly this view."""
    page = {"section": SECTION, "may_write": watching.note.may_somewhere(request.user)}
    return listing.shown(request, WATCH_ENTRIES, template="threats/watch_list.html", page=page)


@require_safe
@member
def detail(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Show what was learnt, who says so, and what came of it."""
    row = _find(request, pk)
    page = {
        "entry": row,
        "techniques": vocabulary.named(row.techniques),
        "offers": [one for one in buttons.offers(BUTTONS, row, request.user, of="watch-entry") if not one.who],
        "section": SECTION,
        **history.shown(request.user, row),
    }
    return render(request, "threats/watch_entry.html", page)


@asks
@member_who_may(watching.note)
def note(request: MemberRequest) -> HttpResponse:
    """Note what was learnt about a vendor or a server."""
    initial = {name: request.GET.get(name, "") for name in ("vendor", "server")}
    form = asking.filled(request, NoteForm, by=request.user, initial=initial)
    words = "Whoever owns the vendor or the server is told, and it stays on the list until somebody settles it."
    page = Page("Note what was learnt", words, "Note it", reverse("web:watch-entry-list"), "Watch list", SECTION)
    return asking.begin(
        request,
        form,
        page,
        step=lambda data: _noted(request, data),
        message="It is noted, and watched until somebody settles it.",
        route="web:watch-entry-detail",
    )


@asks
@member_who_may(watching.settle)
def settle(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Say what came of it."""
    row = _find(request, pk)
    return asking.ask(
        request,
        asking.filled(request, OutcomeForm),
        _page_of(row, "Settle", "Nobody needs to watch it any more. It can be watched again.", "Settle it"),
        step=lambda data: watching.settle(row, **data, by=request.user, now=timezone.now()),
        message=f"{row.ref} is settled.",
    )


@asks
@member_who_may(watching.reopen)
def reopen(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Watch it again."""
    row = _find(request, pk)
    return asking.ask(
        request,
        asking.filled(request, ReasonForm),
        _page_of(row, "Watch again", "It is on the list until somebody settles it.", "Watch it again"),
        step=lambda data: watching.reopen(row, **data, by=request.user, now=timezone.now()),
        message=f"{row.ref} is watched again.",
    )


def _noted(request: MemberRequest, data: Mapping[str, Any]) -> WatchEntry:
    facts = dict(data)
    subject = facts.pop("subject")
    return watching.note(subject, **facts, via=WatchEntry.Via.PAGE, by=request.user, now=timezone.now())


def _find(request: MemberRequest, pk: UUID) -> WatchEntry:
    rows = WatchEntry.objects.select_related("unit", "server", "vendor", "noted_by", "settled_by")
    return visible(rows, request.user, pk=pk)


def _page_of(row: WatchEntry, heading: str, consequence: str, label: str) -> Page:
    back = reverse("web:watch-entry-detail", args=[row.pk])
    return Page(f"{heading}: {row.ref}", consequence, label, back, row.ref, SECTION)
