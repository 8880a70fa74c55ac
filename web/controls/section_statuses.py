"""Stating what holds of the controls of a section: for the organisation, a service, a server or a deployment."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from catalogue.models import Control, Framework
from controls import bulk, statuses
from controls.bulk import About, RowsRefused
from controls.in_place import reading
from controls.in_place.effective import Effective
from controls.models.status import place_of
from landscape import shared_services
from landscape.models import SharedService
from vendors.models import Deployment, Server
from web.forms.controls.section_statuses import Line, RowForm, SectionForm, SharedForm
from web.page_parts import steps
from web.page_parts.access import MemberRequest, member_who_may, visible
from web.page_parts.asking import REFUSED, asks
from web.servers.serverframe import find as find_server

ROWS_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Place:
    """For what it is stated, and where the page leads back to."""

    about: About
    words: str
    back_url: str
    unit_id: UUID | None
    section: str


@asks
@member_who_may(statuses.state_for_server)
def of_server(request: MemberRequest, pk: UUID) -> HttpResponse:
    """State what holds of one section of a framework for a server, or for one of its deployments (`?deployment=`)."""
    server = find_server(request, pk)
    statuses.state_for_server.require(server, request.user)
    deployment = deployment_of(request, server)
    framework = framework_of(request)
    asked = {"framework": framework.key, **({"deployment": str(deployment.pk)} if deployment else {})}
    back = f"{reverse('web:server-controls', args=[server.pk])}?{urlencode(asked)}"
    words = str(deployment or server.title)
    return _ask(request, framework, Place(deployment or server, words, back, server.unit_id, "server-list"))


@asks
@member_who_may(statuses.state_for_service)
def of_service(request: MemberRequest, pk: UUID) -> HttpResponse:
    """State what a shared service gives of one section of a framework to all that run behind it."""
    service = visible(SharedService.objects.select_related("unit"), request.user, pk=pk)
    statuses.state_for_service.require(service, request.user)
    if refusal := shared_services.of_other_units(service, request.user):
        raise refusal
    back = reverse("web:shared-service-detail", args=[service.pk])
    place = Place(service, f"all that run behind {service}", back, service.unit_id, "use-case-list")
    return _ask(request, framework_of(request), place)


@asks
@member_who_may(statuses.state_for_organisation)
def of_organisation(request: MemberRequest, pk: UUID) -> HttpResponse:
    """State what holds of one section of a framework for the whole organisation."""
    framework = visible(Framework.objects.current(), request.user, pk=pk)
    if refusal := statuses.refuse_for_all(request.user):
        raise refusal
    back = reverse("web:framework-detail", args=[framework.pk])
    return _ask(request, framework, Place(None, "the whole organisation", back, None, "framework-list"))


def address(server: UUID, framework: str, section: str, *, deployment: str = "") -> str:
    """Return where a section of a framework is stated for a server, or for the deployment that is named."""
    asked = {"framework": framework, "section": section} | ({"deployment": deployment} if deployment else {})
    return f"{reverse('web:server-state-controls', args=[server])}?{urlencode(asked)}"


def deployment_of(request: MemberRequest, server: Server) -> Deployment | None:
    """Return the deployment of the server that the address names. Raises Http404 for one that is none of it."""
    asked = request.GET.get("deployment", "")
    if not asked:
        return None
    found = next((row for row in server.deployments.select_related("server") if str(row.pk) == asked), None)
    if found is None:
        raise Http404
    return found


def framework_of(request: MemberRequest) -> Framework:
    """Return the framework that the address names, MI-20 unless it names one. Raises Http404."""
    key = request.GET.get("framework", "") or "finos-mi-20"
    found = Framework.objects.visible_to(request.user).current().filter(key=key).first()
    if found is None:
        raise Http404
    return found


def sections_of(framework: Framework) -> list[str]:
    """Return the headings of a framework in their order; one without headings has the empty one."""
    rows = framework.controls.filter(status=Control.ACTIVE).order_by("position")
    return list(dict.fromkeys(rows.values_list("section", flat=True)))


def _ask(request: MemberRequest, framework: Framework, place: Place) -> HttpResponse:
    sections = sections_of(framework)
    section = request.GET.get("section", sections[0] if sections else "")
    rows = framework.controls.filter(status=Control.ACTIVE, section=section).order_by("position")
    controls = list(rows.select_related("framework", "same_as__framework")[:ROWS_SHOWN])
    if not controls:
        raise Http404
    form = _form(request, place, controls)
    if request.method == "POST" and form.is_valid() and _taken(request, form, place):
        return redirect(place.back_url)
    page = {
        "framework": framework,
        "place": place,
        "chosen": section,
        "sections": [(one, f"?{_with_section(request, one)}") for one in sections],
        "form": form,
        "section": place.section,
    }
    return render(request, "controls/bulk.html", page, status=REFUSED if form.errors else 200)


def _form(request: MemberRequest, place: Place, controls: list[Control]) -> SectionForm:
    data = request.POST if request.method == "POST" else None
    known = bulk.on_record(place.about, controls)
    shared = SharedForm(data, person=request.user, unit_id=place.unit_id)
    holding = _holding(place.about)
    lines = []
    for one in controls:
        meant = one.same_as_id or one.pk
        row = known.get(meant)
        form = RowForm(data, prefix=f"c{one.pk}", initial=RowForm.begin(row))
        lines.append(Line(one, form, row, holding(meant)))
    return SectionForm(shared, lines)


def _holding(about: About) -> Callable[[int], Effective]:
    """Return what says, by the key of a control, what holds of it in a place."""
    today, keys = timezone.localdate(), place_of(about)
    if isinstance(about, SharedService):
        return partial(reading.load_service(about.pk, today=today).of_service, about.pk)
    loaded = reading.load_servers(Server.objects.filter(pk__in=[keys["server_id"]]), today=today)
    return partial(loaded.effective, keys["server_id"], deployment=keys["deployment_id"])


def _taken(request: MemberRequest, form: SectionForm, place: Place) -> bool:
    """State what was changed; return whether that was done, and mark the rows that were refused."""

    def state() -> int:
        try:
            return bulk.state_all(place.about, list(form.entries()), by=request.user, now=timezone.now())
        except RowsRefused as refused:
            form.mark(refused)
            raise

    count = steps.attempt(request, state)
    if count is None:
        return False
    messages.success(request, _words(count))
    return True


def _words(count: int) -> str:
    if not count:
        return "Nothing was changed."
    return "1 status is saved." if count == 1 else f"{count} statuses are saved."


def _with_section(request: MemberRequest, section: str) -> str:
    kept: dict[str, Any] = {name: request.GET[name] for name in ("framework", "deployment") if request.GET.get(name)}
    return urlencode({**kept, "section": section})
