"""What is missing for governance tiers: the list of deployments, one of them control by control, and the units."""

from typing import Any
from uuid import UUID

from django import forms
from django.db.models import QuerySet
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts import access
from controls.models import TierAcceptance
from controls.tier_lists import TIER_GAPS, gap_rows
from controls.tiers import below, detail, measuring, tables, units
from vendors.models import Deployment
from web.controls import section_statuses
from web.page_parts import listing, lists
from web.page_parts.access import MemberRequest, member, visible
from web.servers.serverframe import acts

SECTION = "framework-list"
SHOWN = 200
SHOWN_COLUMNS = ("Number", "Deployment", "Environment", "Governance tier", "Missing for it", "Effort", "Owner")


class LackForm(forms.Form):
    """Of which unit, and which control."""

    unit = forms.UUIDField()
    control = forms.CharField(max_length=64)


@require_safe
@member
def index(request: MemberRequest) -> HttpResponseBase:
    """Show what is missing for the tiers of deployments; `?format=csv` downloads exactly this view."""
    return listing.shown(request, TIER_GAPS, template="tiers/gaps.html", page={"section": SECTION})


@require_safe
@member
def of_units(request: MemberRequest) -> HttpResponse:
    """Show what is missing in each unit, and which controls are missing most often.

    With `?unit=…&control=…` it shows the deployments of a unit at which one control is missing.
    """
    rows = gap_rows(request.user)
    if "control" in request.GET:
        return _lacking(request, rows)
    page = {"units": units.by_unit(rows, today=timezone.localdate()), "section": SECTION}
    return render(request, "tiers/units.html", page)


@require_safe
@member
def of_deployment(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Show a deployment beside a tier: the one it runs at, the one proposed, or the one that `?tier=` names."""
    rows = Deployment.objects.select_related("server__unit", "owner")
    row = visible(rows, request.user, pk=pk)
    today = timezone.localdate()
    gap = measuring.by_deployment([row], today=today)[row.pk]
    tier = _tier(request, gap.aim)
    page = {
        "row": row,
        "gap": gap,
        "tier": tier,
        "short": gap.shortfalls[tier - 1],
        "revision": tables.load().revisions[gap.revision],
        "held": tables.load().revisions[gap.revision].tiers[tier],
        "sections": [(one, _stated_at(row, one)) for one in detail.sections(row, tier=tier, today=today)],
        "plan": detail.plan_of(row),
        "today": today,
        **_accepted(row, gap, today),
        "can_write": acts(request.user, row.server.unit_id).write and row.ended_on is None,
        "section": SECTION,
    }
    return render(request, "tiers/gap.html", page)


def _lacking(request: MemberRequest, rows: "QuerySet[Deployment]") -> HttpResponse:
    form, today = LackForm(request.GET), timezone.localdate()
    if not form.is_valid():
        raise Http404
    unit = get_object_or_404(access.visible_units(request.user), pk=form.cleaned_data["unit"])
    ref, of_unit = form.cleaned_data["control"], rows.filter(server__unit=unit)
    try:
        found = units.lacking(of_unit, ref, today=today)
    except units.UnknownControl as unknown:
        raise Http404 from unknown
    shown = list(of_unit.filter(pk__in=found.deployments[:SHOWN]).order_by("-number"))
    page = {
        "unit": unit,
        "control": found.control,
        "lacking": lists.table_of(TIER_GAPS, shown, *SHOWN_COLUMNS),
        "total": len(found.deployments),
        "section": SECTION,
    }
    return render(request, "tiers/lacking.html", page)


def _stated_at(row: Deployment, section: detail.Section) -> str:
    """Return where the controls of a section are stated for the deployment."""
    control = section.lines[0].control
    return section_statuses.address(row.server_id, tables.load().framework, control.section, deployment=str(row.pk))


def _accepted(row: Deployment, gap: measuring.Measured, today: Any) -> dict[str, Any]:
    waiting = TierAcceptance.objects.filter(deployment=row, status=TierAcceptance.Status.REQUESTED).first()
    return {"accepted": below.acceptances([gap], today=today).get(row.pk), "waiting": waiting}


def _tier(request: MemberRequest, aim: int) -> int:
    asked = request.GET.get("tier", "")
    return int(asked) if asked in ("1", "2", "3") else aim
