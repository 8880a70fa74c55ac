"""Looks at servers: the list, one of them with what it saw, and asking for one."""

from collections.abc import Sequence
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db.models import F
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from collectors import asking as collecting
from collectors import plans
from findings import register
from inspection import inspecting, targets
from monitoring.lists import RUNS
from monitoring.models import Collector, Run
from riskregister import unseen
from vendors.models import Package
from web.page_parts import asking, downloads, listing, lists, steps
from web.page_parts.access import MemberRequest, member, member_who_may, visible
from web.page_parts.asking import asks
from web.releases import tool_changes
from web.servers.serverframe import find_to_write, page_of

# How many names of tools a look shows; the tools of the server show all.
TOOLS_SHOWN = 20
# Where another look is asked for.
_LOOKS: dict[str, str] = {Collector.INSPECTION: "server-inspect"}


@require_safe
@member
def index(request: MemberRequest) -> HttpResponseBase:
    """Show the looks at servers that the person may see; `?format=csv` downloads exactly this view."""
    return listing.shown(request, RUNS, template="runs/index.html", page={"section": "server-list"})


@require_safe
@member
def detail(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Show one look: how it ended, and what was seen."""
    run = _find(request, pk)
    is_under_way = run.status in Run.UNDER_WAY
    page = {
        "run": run,
        "observations": run.observations.select_related("finding").order_by(F("severity").asc(nulls_last=True), "key"),
        "is_under_way": is_under_way,
        "later": None if is_under_way else run.later(),
        "may_look": not is_under_way and _may_look(request, run),
        "look_url": reverse(f"web:{_LOOKS.get(run.collector, 'server-collect')}", args=[run.server_id]),
        "may_raise": register.open_by_hand.offer(run.server, request.user).may,
        "is_claim": run.collector == Collector.SCANNER,
        "claims_of": f"Claims of {unseen.visible(run.version)}",
        "tools": lists.first(run.captured.tools.values_list("name", flat=True), TOOLS_SHOWN) if run.captured else None,
        "compared": tool_changes.of_run(run) if _is_look(run) else None,
        "section": "server-list",
    }
    return render(request, "runs/detail.html", page)


@require_safe
@member
def answers(request: MemberRequest, pk: UUID) -> HttpResponseBase:
    """Hand out the answers of the server as they came."""
    run = _find(request, pk)
    where = {"up_url": reverse("web:run-detail", args=[pk]), "section": "server-list"}
    return downloads.blob(
        request, run.raw, name="answers.json", media_type=downloads.JSON, noun="These answers", **where
    )


@asks
@member_who_may(inspecting.ask)
def inspect(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Ask for a look at a server."""
    server = find_to_write(request, pk)
    heading, offer = f"Look at {server.title}", inspecting.ask.offer(server, request.user)
    if not offer.is_possible:
        return asking.refuse(request, page_of(server, heading, offer.why_not, "", to="server-tools"))
    form = asking.filled(request, forms.Form)
    words = _words(targets.ways(server))
    if request.method == "POST" and form.is_valid():
        now = timezone.now()
        asked = steps.attempt(request, lambda: inspecting.ask_everywhere(server, by=request.user, now=now), form=form)
        if asked is not None:
            messages.success(request, "It is asked.")
            if len(asked) > 1:
                return redirect(f"{reverse('web:run-list')}?server={pk}")
            return redirect("web:run-detail", pk=asked[0].pk)
    page = page_of(server, heading, words, "Look now", to="server-tools")
    return asking.show(request, form, page)


def _words(ways: Sequence[targets.Way]) -> str:
    """Return what the register does to look at a server, in words."""
    *first, last = [
        f"starts {unseen.visible(str(way))} in a sandbox"
        if isinstance(way, Package)
        else f"connects to {unseen.visible(str(way))}"
        for way in ways
    ]
    words = f"{', '.join(first)} and {last}" if first else last
    return f"The register {words}, and lists what the server offers. It calls no tool."


def _is_look(run: Run) -> bool:
    return run.collector == Collector.INSPECTION


def _may_look(request: MemberRequest, run: Run) -> bool:
    if _is_look(run):
        return bool(inspecting.ask.offer(run.server, request.user).may)
    can_look = run.collector in plans.collectors()
    return can_look and bool(collecting.ask.offer(run.server, request.user).may)


def _find(request: MemberRequest, pk: UUID) -> Run:
    rows = Run.objects.select_related("server__unit", "asked_by", "captured", "release", "raw")
    return visible(rows, request.user, pk=pk)
