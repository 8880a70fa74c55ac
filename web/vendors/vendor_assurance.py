"""The tab of a vendor that says what shows that it can be relied on: due diligence, certificates and reports."""

from uuid import UUID

from django.db.models import F
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from assurance import diligence_of
from assurance.facts import OF_KIND
from assurance.lists import CERTIFICATES
from assurance.models import Certificate, DueDiligence
from web.page_parts import lists
from web.page_parts.access import MemberRequest, member
from web.vendors.vendors import frame

SHOWN, ROUNDS_SHOWN = 100, 10


@require_safe
@member
def shown(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Show the last rounds of due diligence, and the certificates, those that count on top."""
    page = frame(request, pk, tab="vendor-assurance")
    latest = F("counts_until").desc(nulls_last=True)
    rows = Certificate.objects.filter(vendor=pk).select_related("vendor").order_by("status", latest, "-number")
    rounds = DueDiligence.objects.filter(vendor=pk).select_related("completed_by", "started_by")
    current = list(rounds.filter(status__in=DueDiligence.CURRENT))
    extra = {
        "certificates": lists.table(CERTIFICATES, rows, most=SHOWN),
        "all_url": f"{reverse('web:certificate-list')}?vendor={pk}",
        "rounds": lists.first(rounds, ROUNDS_SHOWN),
        "all_rounds_url": f"{reverse('web:due-diligence-list')}?vendor={pk}",
        "state": diligence_of.state_among(current, today=timezone.localdate()),
        "is_open": any(one.status == DueDiligence.Status.OPEN for one in current),
        "kinds": [(kind, Certificate.Kind(kind).label) for kind in OF_KIND],
    }
    return render(request, "vendors/assurance.html", page | extra)
