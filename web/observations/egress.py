"""Observed egress: which hosts servers contacted, and the logs that told so."""

from uuid import UUID

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from intelligence.lists import CONTACTS, EGRESS_LOGS
from intelligence.models import EgressLog
from web.observations.threats import SECTION
from web.page_parts import listing, lists
from web.page_parts.access import MemberRequest, member, visible

MOST = 50
_OF_LOG = ("Host", "Port", "Let through", "Times", "Last seen")


@require_safe
@member
def contacts(request: MemberRequest) -> HttpResponseBase:
    """Show which hosts servers contacted; `?format=csv` downloads exactly this view."""
    return listing.shown(request, CONTACTS, template="threats/contacts.html", page={"section": SECTION})


@require_safe
@member
def logs(request: MemberRequest) -> HttpResponseBase:
    """Show the logs that were taken; `?format=csv` downloads exactly this view."""
    return listing.shown(request, EGRESS_LOGS, template="threats/logs.html", page={"section": SECTION})


@require_safe
@member
def log(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Show what one log told."""
    row = visible(EgressLog.objects.select_related("server__unit", "deployment", "taken_by"), request.user, pk=pk)
    told = CONTACTS.rows(request.user).filter(log=row)
    page = {"log": row, "contacts": lists.table(CONTACTS, told, *_OF_LOG, most=MOST), "section": SECTION}
    return render(request, "threats/log.html", page)
