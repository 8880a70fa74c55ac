"""The risk register: all findings in one list, as a page and as CSV; one finding; raising one by hand."""

from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from findings import register
from findings.lists import FINDINGS
from monitoring.models import Observation
from riskregister import unseen
from vendors.models import Server, Vendor
from web.findings import findingframe, giving
from web.forms.findings import RaiseForm
from web.page_parts import asking, listing, lists, steps
from web.page_parts.access import MemberRequest, member, member_who_may, visible
from web.page_parts.asking import asks
from web.servers.serverframe import offered


@require_safe
@member
def index(request: MemberRequest) -> HttpResponseBase:
    """Show the findings that the person may see; `?format=csv` downloads exactly this view."""
    page = {"can_raise": register.open_by_hand.may_somewhere(request.user)}
    return listing.shown(request, FINDINGS, template="findings/index.html", page=page, more=partial(_more, request))


@require_safe
@member
def detail(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Show a finding: what is wrong, what is done about it, and what can be done next."""
    finding = findingframe.find(request, pk)
    return render(request, "findings/detail.html", findingframe.page(request.user, finding, today=timezone.localdate()))


@asks
@member_who_may(register.open_by_hand)
def raise_by_hand(request: MemberRequest) -> HttpResponse:
    """Raise a finding about the server or vendor that `?server=` or `?vendor=` names; without one choose a server."""
    subject = _subject(request)
    if subject is None:
        return render(request, "findings/choose.html", _choice(request))
    register.open_by_hand.require(subject, request.user)
    form = asking.filled(
        request, RaiseForm, unit_id=getattr(subject, "unit_id", None), initial=_observed(request, subject)
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        raised = steps.attempt(
            request,
            lambda: register.open_by_hand(subject, **data, by=request.user, now=timezone.now()),
            form=form,
        )
        if raised is not None:
            messages.success(request, f"{raised.ref} is raised.")
            return redirect("web:finding-detail", pk=raised.pk)
    page = {"form": form, "subject": subject, "back_url": reverse("web:finding-list")}
    return render(request, "findings/raise.html", page, status=asking.status_of(form))


def _subject(request: MemberRequest) -> Server | Vendor | None:
    """Return what the finding is about; raise Http404 for what the person cannot see."""
    if asked := request.GET.get("server"):
        return visible(Server.objects.select_related("unit"), request.user, pk=_uuid(asked))
    if asked := request.GET.get("vendor"):
        return visible(Vendor.objects.all(), request.user, pk=_uuid(asked))
    return None


def _observed(request: MemberRequest, subject: Server | Vendor) -> dict[str, Any]:
    """Return what the form begins with: what was observed of the server, where `?observation=` names it."""
    if not (asked := request.GET.get("observation")):
        return {}
    seen = visible(Observation.objects.filter(server=subject.pk), request.user, pk=_uuid(asked))
    day = f"{timezone.localdate(seen.last_seen_at):%-d %B %Y}"
    description = f"{seen.get_collector_display()}, {day}: {unseen.visible(str(seen))}."
    return {"title": unseen.visible(seen.words)[:200], "severity": seen.severity, "description": description}


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise Http404 from error


def _more(request: MemberRequest, found: listing.Listing) -> dict[str, Any]:
    return {"give_url": giving.url(request, giving.FINDINGS_GIVEN, found.rows)}


def _choice(request: MemberRequest) -> dict[str, Any]:
    """Return the servers and vendors that fit the words, for the person to choose from."""
    words = lists.words_in(request)
    vendors = Vendor.objects.visible_to(request.user)
    if words:
        vendors = vendors.filter(name__holds=words)
    found = lists.first(vendors.order_by("name"), lists.OFFERED)
    return {"words": words, "servers": offered(request), "vendors": found}
