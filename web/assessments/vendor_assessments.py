"""Pages of a vendor's assessments: those there are, how the vendor was judged, starting one; making one final."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from assessments import lifecycle, suppliers, vendor_starts
from assessments.lists import ASSESSMENTS
from assessments.models import Assessment
from assessments.suppliers import Judgement
from reports.drawings import charts
from scoring import assurance
from scoring.scales import Band
from vendors.models import Vendor
from web.assessments.assessments import find
from web.assessments.worksheet import Worksheet
from web.forms.assessments.assessments import FinaliseForm, StartVendorForm
from web.page_parts import asking, lists, steps
from web.page_parts.access import MemberRequest, member, visible
from web.page_parts.asking import asks
from web.vendors import vendors

ROWS_SHOWN = 200
# Which columns a vendor's own table has: it stands above them.
OF_ASSESSMENTS = ("Number", "Kind", "Status", "Assignee", "Due", "Final", "Final by")


_OF_A_VENDOR = (
    "The answers are frozen, and what is not good enough becomes findings about the vendor, which count for every "
    "server that is rated with it. A vendor is not approved: its scores stand on its page."
)
_OF_A_SERVER = "The answers are frozen, and its findings open. The decision is still to be made."


@dataclass(frozen=True, slots=True)
class Judged:
    """How a vendor was judged last, with its frozen score; without one nobody has judged it."""

    judgement: Judgement
    score: assurance.Score | None
    chart: charts.Chart | None


def judged(vendor: Vendor) -> Judged:
    """Return how the vendor was judged last, as its page shows it."""
    found = suppliers.judgement(vendor, today=timezone.localdate())
    if found.assessment is None:
        return Judged(found, None, None)
    score = found.assessment.snapshot.score
    bars = [
        charts.DimensionBar(score.methodology.dimension(one.key).title, one.weight, one.score, Band(one.band))
        for one in score.dimensions
    ]
    return Judged(found, score, charts.dimension_bars(bars, bands=score.methodology.bands))


@require_safe
@member
def index(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Show how a vendor was judged, and its assessments, the newest first."""
    page = vendors.frame(request, pk, tab="vendor-assessments")
    rows = Assessment.objects.of_vendors().filter(vendor=pk).select_related("assignee", "finalised_by", "vendor")
    shown = {
        "judged": judged(page["vendor"]),
        "running": rows.filter(status__in=Assessment.WAITING).first(),
        "assessments": lists.table(ASSESSMENTS, rows.order_by("-number"), *OF_ASSESSMENTS, most=ROWS_SHOWN),
    }
    return render(request, "vendors/assessments.html", page | shown)


@asks
@member
def start(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Start an assessment of a vendor."""
    vendor = visible(Vendor.objects.prefetch_related("kinds"), request.user, pk=pk)
    vendor_starts.start.require(vendor, request.user)
    form = asking.filled(request, StartVendorForm, vendor=vendor, by=request.user)
    if request.method == "POST" and form.is_valid():
        how: dict[str, Any] = {"by": request.user, "now": timezone.now()} | form.cleaned_data
        started = steps.attempt(request, lambda: vendor_starts.start(vendor, **how), form=form)
        if started is not None:
            return redirect("web:assessment-detail", pk=started.pk)
    supplies = ", ".join(str(kind).lower() for kind in vendor.kinds.all()) or "nothing that anybody has recorded"
    page = asking.Page(
        heading=f"Assess {vendor.name}",
        consequence=f"The questions follow from what it supplies: {supplies}. What is known of it from the assessments "
        "of its servers within a year is taken over. Somebody who edited nothing makes it final.",
        label="Start",
        back_url=reverse("web:vendor-assessments", args=[pk]),
        up_label=vendor.name,
        section="vendor-list",
    )
    return asking.show(request, form, page)


@asks
@member
def finalise(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Make an assessment final: all that there is to decide on a vendor's; of a server's the decision comes later."""
    assessment = find(request, pk)
    lifecycle.finalise.require(assessment, request.user)
    sheet = Worksheet(assessment, user=request.user, today=timezone.localdate())
    form = asking.filled(
        request,
        FinaliseForm,
        signs=(lifecycle.finalise, assessment),
        not_rateable=sheet.interval.needs_acceptance,
        answers_digest=assessment.answers_digest,
    )
    what = sheet.why_not_decide or (_OF_A_SERVER if assessment.server_id else _OF_A_VENDOR)
    page = asking.Page(
        heading=f"Make {assessment.ref} {assessment.title} final",
        consequence=what,
        label="" if sheet.why_not_decide else "Sign and make it final",
        back_url=reverse("web:assessment-detail", args=[pk]),
        up_label=f"{assessment.ref} {assessment.title}",
        section="assessment-list",
    )
    if sheet.why_not_decide:
        return asking.refuse(request, page)
    return asking.ask(
        request,
        form,
        page,
        step=lambda data: lifecycle.finalise(assessment, by=request.user, now=timezone.now(), **data),
        message=f"{assessment.ref} is final and its findings are open.",
    )
