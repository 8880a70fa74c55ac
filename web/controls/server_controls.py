"""The tab of a server that says which controls are in place, and where that comes from."""

from dataclasses import dataclass
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from catalogue.models import Control, Framework
from controls import bulk
from controls.in_place import reading
from controls.in_place.effective import Effective
from controls.models import ControlStatus, Source
from vendors.models import Server
from web.controls import section_statuses
from web.controls.section_statuses import deployment_of, framework_of, sections_of
from web.page_parts.access import MemberRequest, member
from web.servers.serverframe import frame

TAB = "server-controls"


@dataclass(frozen=True, slots=True)
class Line:
    """A control, what holds of it here, whence, and the status on record here, if any."""

    control: Control
    holds: Effective
    row: ControlStatus | None

    @property
    def whence(self) -> str:
        """Return in words where it comes from; empty where nothing is known."""
        statement = self.holds.basis
        if statement is None:
            return "It ran out" if self.holds.lapsed else ""
        if statement.source:
            return f"{Source(statement.source).label} {statement.origin}"
        if statement.service:
            return f"Inherited from {statement.service}, {statement.origin}"
        places = {"organisation": "Stated for the organisation", "server": "Stated for the server"}
        return f"{places.get(statement.place, 'Stated for the deployment')}, {statement.origin}"


@require_safe
@member
def index(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Show what holds of a framework's controls for the server, or for one of its deployments, section by section."""
    page = frame(request, pk, tab=TAB)
    server: Server = page["server"]
    deployment, framework = deployment_of(request, server), framework_of(request)
    controls = list(
        framework.controls.filter(status=Control.ACTIVE).select_related("framework", "same_as").order_by("position")
    )
    statuses = reading.load_servers(Server.objects.filter(pk=server.pk), today=timezone.localdate())
    known = bulk.on_record(deployment or server, controls)
    lines = [
        Line(one, statuses.effective(server.pk, key, deployment=deployment.pk if deployment else None), known.get(key))
        for one in controls
        for key in [one.same_as_id or one.pk]
    ]
    page |= {
        "framework": framework,
        "frameworks": Framework.objects.current().order_by("title"),
        "deployments": server.deployments.filter(ended_on=None).order_by("number"),
        "deployment": deployment,
        "groups": [_group(request, server, framework, one, lines) for one in sections_of(framework)],
        "known": sum(line.holds.is_known for line in lines),
        "counted": sum(line.holds.counts for line in lines),
        "total": len(lines),
    }
    return render(request, "controls/server.html", page)


def _group(
    request: MemberRequest, server: Server, framework: Framework, section: str, lines: list[Line]
) -> dict[str, object]:
    mine = [line for line in lines if line.control.section == section]
    return {
        "section": section,
        "url": section_statuses.address(
            server.pk, framework.key, section, deployment=request.GET.get("deployment", "")
        ),
        # Of a framework with a thousand controls only what is known is of use here.
        "lines": mine if len(lines) <= 100 else [line for line in mine if line.holds.is_known or line.holds.lapsed],
        "known": sum(line.holds.is_known for line in mine),
        "total": len(mine),
    }
