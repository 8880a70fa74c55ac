"""What is passed on to others: the list, one bundle with its download, and the page that decides it."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from intelligence import sharing
from intelligence.lists import SHARES
from intelligence.models import Share
from web.forms.observations.threats import ShareForm
from web.observations.threats import SECTION
from web.page_parts import asking, downloads, history, listing, steps
from web.page_parts.access import MemberRequest, member, member_who_may, visible
from web.page_parts.asking import Page, asks


@require_safe
@member
def index(request: MemberRequest) -> HttpResponseBase:
    """Show what was passed on; `?format=csv` downloads exactly this view."""
    page = {"section": SECTION, "may_share": sharing.share.may_somewhere(request.user)}
    return listing.shown(request, SHARES, template="threats/shares.html", page=page)


@require_safe
@member
def detail(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Show what was passed on, to whom, and why."""
    row = _find(request, pk)
    page = {"share": row, "section": SECTION, **history.shown(request.user, row)}
    return render(request, "threats/share.html", page)


@require_safe
@member
def download(request: MemberRequest, pk: UUID) -> HttpResponseBase:
    """Hand out a bundle as it was decided."""
    row = _find(request, pk)
    return downloads.text(row.bundle, name=f"{row.ref}-tlp-{row.tlp.replace('+', '-')}.json")


@asks
@member_who_may(sharing.share)
def make(request: MemberRequest) -> HttpResponse:
    """Decide what is passed on, to whom, and under which marking."""
    form = asking.filled(request, ShareForm, signs=(sharing.share, Share()), by=request.user)
    if request.method == "POST" and form.is_valid():
        made = steps.attempt(request, lambda: _made(request, asking.values_of(form)), form=form)
        if made is not None:
            return redirect("web:share-detail", pk=made.pk)
    words = (
        "A STIX bundle is made of what you choose. Your units, people and deployments are not in it; what its sources "
        "wrote is. Managers are told."
    )
    page = Page("Pass on what was learnt", words, "Pass it on", reverse("web:share-list"), "Passed on", SECTION)
    return asking.show(request, form, page)


def _made(request: MemberRequest, data: dict[str, Any]) -> Share:
    return sharing.share(**data, by=request.user, now=timezone.now())


def _find(request: MemberRequest, pk: UUID) -> Share:
    return visible(Share.objects.select_related("unit", "decided_by"), request.user, pk=pk)
