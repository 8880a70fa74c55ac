"""Due diligence: the list of rounds, a round with its items, and the pages of its steps."""

from itertools import groupby
from typing import Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from assurance import rounds, weight
from assurance.lists import DUE_DILIGENCE
from assurance.models import DueDiligence, DueDiligenceItem
from vendors.models import Vendor
from web.forms.reasons import ReasonForm
from web.forms.vendors.due_diligence import ConcludeForm, ItemForm, WaiveForm
from web.page_parts import asking, buttons, history, listing
from web.page_parts.access import MemberRequest, member, member_who_may, visible
from web.page_parts.asking import Page, asks
from web.page_parts.buttons import Button

BUTTONS = (
    Button(rounds.complete, "complete", "Complete the round", is_main=True),
    Button(rounds.cancel, "cancel", "Give it up", is_danger=True),
)


@require_safe
@member
def index(request: MemberRequest) -> HttpResponseBase:
    """Show the rounds of due diligence; `?format=csv` downloads exactly this view."""
    return listing.shown(request, DUE_DILIGENCE, template="due_diligence/index.html")


@require_safe
@member
def detail(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Show a round: what is looked at, what good is, and what was found."""
    row, today = _find(request, pk), timezone.localdate()
    items = list(row.items.select_related("due_diligence__vendor", "looked_by", "waived_by", "evidence"))
    drawn = [_drawn(item, request) for item in items]
    offers = list(buttons.offers(BUTTONS, row, request.user, of="due-diligence"))
    page = {
        "round": row,
        "topics": [(topic, list(group)) for topic, group in groupby(drawn, key=lambda one: one["item"].topic)],
        "left": sum(item.state(today=today) == "open" for item in items),
        "total": len(items),
        "offers": [offer for offer in offers if not offer.who],
        "waits_for": next((offer.who for offer in offers if offer.who and offer.key == "complete"), ""),
        **history.shown(request.user, row),
        "section": "vendor-list",
    }
    return render(request, "due_diligence/detail.html", page)


def _drawn(item: DueDiligenceItem, request: MemberRequest) -> dict[str, Any]:
    may = {name: step.offer(item, request.user) for name, step in (("record", rounds.record), ("waive", rounds.waive))}
    return {
        "item": item,
        "state": item.state(today=timezone.localdate()),
        **{f"can_{name}": offer.is_possible and offer.may for name, offer in may.items()},
    }


@asks
@member_who_may(rounds.start)
def start(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Begin a round for a vendor."""
    vendor = visible(Vendor.objects.all(), request.user, pk=pk)
    known = weight.of(vendor.criticality, weight.worst_tier(vendor))
    words = (
        "The list fits what the vendor supplies and how much depends on it. "
        f"{known.reason} Another person than those who look completes the round."
    )
    back = reverse("web:vendor-assurance", args=[pk])
    return asking.begin(
        request,
        asking.filled(request, asking.Nothing),
        Page(f"Begin due diligence of {vendor}", words, "Begin", back, vendor.name, "vendor-list"),
        step=lambda data: rounds.start(vendor, by=request.user, now=timezone.now()),
        message="The round is open. Say of each item what was found.",
        route="web:due-diligence-detail",
    )


@asks
@member_who_may(rounds.record)
def record(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Record what was found of an item."""
    item = _find_item(request, pk)
    form = asking.filled(request, ItemForm, row=item)
    words = f"Look at: {item.look_at} Good is: {item.good}"
    return asking.ask(
        request,
        form,
        _page_of(item.due_diligence, item.title, words, "Record it"),
        step=lambda data: form.take(item, **data, by=request.user, now=timezone.now()),
        message=f"{item.title} is recorded.",
    )


@asks
@member_who_may(rounds.waive)
def waive(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Let an item be left out for a while."""
    item = _find_item(request, pk)
    words = "It is left out until the day. The end is told, and from the day after that the item counts again."
    return asking.ask(
        request,
        asking.filled(request, WaiveForm, signs=(rounds.waive, item)),
        _page_of(item.due_diligence, f"Waive {item.title}", words, "Waive it"),
        step=lambda data: rounds.waive(item, **data, by=request.user, now=timezone.now()),
        message=f"{item.title} is waived.",
    )


@asks
@member_who_may(rounds.complete)
def complete(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Complete a round that others did."""
    row = _find(request, pk)
    words = "What was unsatisfactory or is not known becomes a finding of the vendor, and the next round gets its day."
    return asking.ask(
        request,
        asking.filled(request, ConcludeForm, signs=(rounds.complete, row)),
        _page_of(row, "Complete the round", words, "Complete it"),
        step=lambda data: rounds.complete(row, **data, by=request.user, now=timezone.now()),
        message=f"{row.ref} is complete.",
    )


@asks
@member_who_may(rounds.cancel)
def cancel(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Give a round up."""
    row = _find(request, pk)
    words = "What was recorded in it counts for nothing. The last complete round, if there is one, goes on counting."
    return asking.ask(
        request,
        asking.filled(request, ReasonForm),
        _page_of(row, "Give the round up", words, "Give it up", danger=True),
        step=lambda data: rounds.cancel(row, **data, by=request.user, now=timezone.now()),
        message=f"{row.ref} is given up.",
    )


def _find(request: MemberRequest, pk: UUID) -> DueDiligence:
    rows = DueDiligence.objects.select_related("vendor", "started_by", "completed_by")
    return visible(rows, request.user, pk=pk)


def _find_item(request: MemberRequest, pk: UUID) -> DueDiligenceItem:
    seen = DueDiligenceItem.objects.visible_to(request.user)
    return get_object_or_404(seen.select_related("due_diligence__vendor", "evidence"), pk=pk)


def _page_of(row: DueDiligence, heading: str, consequence: str, label: str, *, danger: bool = False) -> Page:
    back = reverse("web:due-diligence-detail", args=[row.pk])
    return Page(f"{heading}: {row.vendor}", consequence, label, back, row.ref, "vendor-list", danger=danger)
