"""The risk register: all findings in one list, as a page and as CSV; one finding; raising one by hand."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts import access
from accounts.access import Capability
from findings import register
from findings.models import Finding
from scoring.scales import Severity
from vendors.models import Server, Vendor
from web import asking, findingframe, lists, steps
from web.access import MemberRequest, member, member_who, visible
from web.asking import asks
from web.filters.findings import FindingFilters
from web.forms.findings import RaiseForm
from web.serverframe import offered

SORTS = {
    "severity": ("severity", "due_on", "-number"),
    "due": ("due_on", "-id"),
    # The oldest first: who sorts by age looks for what has waited longest.
    "age": ("opened_at", "number"),
    "number": ("-number",),
    "title": ("title", "-number"),
    "server": ("server__title", "-number"),
    "owner": ("owner__name", "-number"),
}
SHOWN = (
    *("number", "title", "severity", "status", "dimension", "is_information_gap", "source"),
    *("due_on", "opened_at", "created_at", "closed_at"),
    *("unit__name", "server__title", "vendor__name", "owner__name"),
)
COLUMNS = {
    "Number": lambda row: row.ref,
    "Finding": lambda row: row.title,
    "Severity": lambda row: Severity(row.severity).word,
    "Status": lambda row: row.get_status_display(),
    "Dimension": lambda row: row.get_dimension_display(),
    "Server": lambda row: row.server.title if row.server else "",
    "Vendor": lambda row: row.vendor.name if row.vendor else "",
    "Unit": lambda row: row.unit.name if row.unit else "",
    "Owner": lambda row: row.owner.name if row.owner else "",
    "Due on": lambda row: row.due_on,
    "Overdue": lambda row: "yes" if row.is_overdue(today=timezone.localdate()) else "no",
    "Opened at": lambda row: row.opened_at.isoformat() if row.opened_at else "",
    "Age in days": lambda row: row.age_in_days(today=timezone.localdate()),
    "Information gap": lambda row: "yes" if row.is_information_gap else "no",
    "Source": lambda row: row.get_source_display(),
    "Question": lambda row: row.question_key,
    "Closed at": lambda row: row.closed_at.isoformat() if row.closed_at else "",
}
LIST = lists.Kind("findings", FindingFilters, SORTS, default="severity", columns=COLUMNS)


@require_safe
@member
def index(request: MemberRequest) -> HttpResponse:
    """Show the findings that the person may see; `?format=csv` downloads exactly this view."""
    seen = Finding.objects.visible_to(request.user).select_related("unit", "server", "vendor", "owner")
    if lists.wants_csv(request):
        rows = seen.only(*SHOWN, "question_key")
        return lists.csv_of(request, rows, LIST)  # type: ignore[return-value]
    listed = lists.listing(request, seen.only(*SHOWN), LIST)
    today = timezone.localdate()
    page = {
        "list": listed,
        "rows": [(finding, finding.age_in_days(today=today)) for finding in listed.rows],
        "being_fixed": Finding.BEING_FIXED,
        "can_raise": access.of(request.user).can(Capability.WRITE),
    }
    return render(request, "findings/index.html", page)


@require_safe
@member
def detail(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Show a finding: what is wrong, what is done about it, and what can be done next."""
    finding = findingframe.find(request, pk)
    return render(request, "findings/detail.html", findingframe.page(request.user, finding, today=timezone.localdate()))


@asks
@member_who(Capability.WRITE)
def raise_by_hand(request: MemberRequest) -> HttpResponse:
    """Raise a finding about the server or vendor that `?server=` or `?vendor=` names; without one choose a server."""
    subject = _subject(request)
    if subject is None:
        return render(request, "findings/choose.html", _choice(request))
    access.require(request.user, Capability.WRITE, unit_id=getattr(subject, "unit_id", None))
    form = asking.filled(request, RaiseForm, unit_id=getattr(subject, "unit_id", None))
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        raised = steps.attempt(
            request,
            lambda: register.open_by_hand(subject, **said, by=request.user, now=timezone.now()),
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


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise Http404 from error


def _choice(request: MemberRequest) -> dict[str, Any]:
    """Return the servers and vendors that fit the words, for the person to choose from."""
    words = lists.words_in(request)
    vendors = Vendor.objects.visible_to(request.user)
    if words:
        vendors = vendors.filter(name__icontains=words)
    found = lists.first(vendors.order_by("name"), lists.OFFERED)
    return {"words": words, "servers": offered(request), "vendors": found}
