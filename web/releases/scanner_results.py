"""The page on which somebody brings what another scanner found of a server."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from inspection import drift, scanner_results
from inspection.scanners import reading
from web.forms.servers.releases import ScannerResultsForm
from web.page_parts import asking, documents
from web.page_parts.access import MemberRequest, member_who_may
from web.page_parts.asking import asks
from web.servers.serverframe import find_to_write


@asks
@member_who_may(scanner_results.import_results)
def import_scan(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Import the results of another scanner; look at them first."""
    server = find_to_write(request, pk)
    form = asking.filled(request, ScannerResultsForm)
    taken = documents.Taken(request, form, parse=reading.read)
    if taken.is_wanted:
        now, text = timezone.now(), form.cleaned_data["text"]
        run = taken.attempt(lambda: scanner_results.import_results(server, text, by=request.user, now=now))
        if run is not None:
            taken.say("The results are on record, as claims of the scanner.", recorded=True)
            return redirect("web:run-detail", pk=run.pk)
    known = scanner_results.offered_by(drift.newest(server))
    claims = taken.preview.claims if taken.preview else ()
    strangers = sorted({claim.place for claim in claims} - known)
    page = {"server": server, "form": form, "taken": taken, "strangers": strangers, "section": "server-list"}
    return render(request, "servers/scan_import.html", page, status=taken.status)
