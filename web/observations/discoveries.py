"""What is in use: the fleet, one server in a configuration, reports of machines, and the script that makes them."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from discovery import applying, incoming, script
from discovery.lists import CONFIGURED_SERVERS, DISCOVERIES
from discovery.models import ConfiguredServer, Discovery, UnapprovedUse
from web.forms.observations.discoveries import ConfigurationsForm
from web.page_parts import asking, downloads, listing, lists, steps
from web.page_parts.access import MemberRequest, member, member_who_may, visible
from web.page_parts.asking import asks

SECTION = "configured-server-list"
# Its page stands under the machine.
OF_MACHINE = ("Server", "Standing", "Registered as")
MOST_OF_MACHINE = 50


@require_safe
@member
def fleet(request: MemberRequest) -> HttpResponseBase:
    """Show what the clients on the machines of the person's units are configured with; `?format=csv` downloads it."""
    waiting = UnapprovedUse.objects.visible_to(request.user).waiting(today=timezone.localdate())
    page = {"waiting": waiting.count(), "may_send": applying.receive.may_somewhere(request.user)}
    return listing.shown(request, CONFIGURED_SERVERS, template="discoveries/fleet.html", page=page)


@require_safe
@member
def configured(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Show one server in a configuration: what starts it, without values, and what the register says of it."""
    rows = ConfiguredServer.objects.with_standing(today=timezone.localdate()).select_related("machine", "unit")
    row = visible(rows, request.user, pk=pk)
    page = {
        "row": row,
        "use": UnapprovedUse.objects.filter(unit=row.unit_id, identity_digest=row.identity_digest).first(),
        "section": SECTION,
    }
    return render(request, "discoveries/configured.html", page)


@require_safe
@member
def reports(request: MemberRequest) -> HttpResponseBase:
    """Show the reports of machines that the person may see; `?format=csv` downloads exactly this view."""
    return listing.shown(request, DISCOVERIES, template="discoveries/reports.html", page={"section": SECTION})


@require_safe
@member
def report(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Show what one report brought, and what of it could not be read."""
    row = visible(Discovery.objects.select_related("machine", "unit", "sent_by"), request.user, pk=pk)
    there = (
        ConfiguredServer.objects.still_there().filter(machine=row.machine_id).with_standing(today=timezone.localdate())
    )
    page = {
        "report": row,
        "there": lists.table(CONFIGURED_SERVERS, there, *OF_MACHINE, most=MOST_OF_MACHINE),
        "waiting": UnapprovedUse.objects.visible_to(request.user).waiting(today=timezone.localdate()).count(),
        "section": SECTION,
    }
    return render(request, "discoveries/report.html", page)


@asks
@member_who_may(applying.receive)
def add(request: MemberRequest) -> HttpResponse:
    """Take configurations of a machine."""
    form = asking.filled(request, ConfigurationsForm, by=request.user)
    if request.method == "POST" and form.is_valid():
        made = steps.attempt(request, lambda: _received(request, form.cleaned_data), form=form)
        if made is not None:
            messages.success(request, "The configurations are read.")
            return redirect("web:discovery-detail", pk=made.pk)
    units = applying.receive.units(request.user)
    page = {"form": form, "origin": settings.ORIGIN, "script": script.NAME, "units": units, "section": SECTION}
    return render(request, "discoveries/add.html", page, status=asking.status_of(form))


@require_safe
@member
def download(request: MemberRequest) -> HttpResponseBase:
    """Hand out the script for fleets."""
    return downloads.text(script.text(), name=script.NAME, media_type="text/x-python")


def _received(request: MemberRequest, data: dict[str, Any]) -> Discovery:
    read = incoming.of_files(data["machine"], data["given"], client=data["client"])
    how: dict[str, Any] = {"unit": data["unit"], "via": Discovery.Via.PAGE}
    return applying.receive(read, **how, by=request.user, now=timezone.now())
