"""The walls around a server: its profile, the files that are made of it, and the list of all profiles."""

from uuid import UUID

from django import forms
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from containment import isolating
from containment.lists import ISOLATION_PROFILES
from containment.models import IsolationProfile
from web.forms.editing import EditForm
from web.forms.fields.lines import Lines
from web.page_parts import asking, listing
from web.page_parts.access import MemberRequest, member, member_who_may
from web.page_parts.asking import asks
from web.servers.serverframe import find_to_write, frame, page_of

_TAB = "server-isolation"
_FIRST = {"port": 8080, "path": "/mcp", "run_as_user": 65532, "memory_mb": 256, "cpu_millis": 500, "processes": 128}


class IsolationForm(EditForm):
    """What the server may reach, and what it may use of the machine that runs it."""

    step = isolating.redescribe

    egress_hosts = Lines(label="Hosts that it may connect to", help_text="One a line, such as api.example.com:8443.")
    image = forms.CharField(
        max_length=500, required=False, help_text="By its digest. Leave it empty when the vendor runs it."
    )
    port = forms.IntegerField(label="Port at which it answers")
    path = forms.CharField(label="Path at which it answers", max_length=200)
    run_as_user = forms.IntegerField(label="User", help_text="The number of a user who is not root.")
    memory_mb = forms.IntegerField(label="Memory in megabytes")
    cpu_millis = forms.IntegerField(label="CPU in thousandths of a core")
    processes = forms.IntegerField(label="Processes at most")
    read_only_paths = Lines(label="Paths that it may read", help_text="One a line. It writes nowhere but in /tmp.")
    tools = Lines(label="Tools that may be called", help_text="One a line. None: all that are approved.")


@require_safe
@member
def index(request: MemberRequest) -> HttpResponseBase:
    """Show the isolation profiles that the person may see; `?format=csv` downloads exactly this view."""
    return listing.shown(
        request, ISOLATION_PROFILES, template="policies/isolation.html", page={"section": "policy-list"}
    )


@require_safe
@member
def detail(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Show the profile of a server, and each file with what changed since it was fetched."""
    page, now = frame(request, pk, tab=_TAB), timezone.now()
    profile = _of(page["server"].pk)
    prepared = isolating.prepare(profile, now=now) if profile else []
    reasons = {row.why_not for row in prepared}
    page |= {
        "profile": profile,
        "prepared": prepared,
        # What is true of all files is said once.
        "why_none": next(iter(reasons)) if len(reasons) == 1 else "",
        "notes": isolating.notes(profile, now=now) if profile else [],
    }
    return render(request, "servers/isolation.html", page)


@asks
@member_who_may(isolating.describe)
def describe(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Write the profile of a server, or write it anew."""
    server = find_to_write(request, pk)
    profile = _of(server.pk)
    begin = {"row": profile} if profile else {"initial": _FIRST | {"egress_hosts": isolating.planned_hosts(server)}}
    form = asking.filled(request, IsolationForm, **begin)
    words = (
        "Files for Kubernetes, Cilium, ToolHive, Compose, Squid and agentgateway are made of it while it is approved."
    )
    now = timezone.now()
    return asking.ask(
        request,
        form,
        page_of(server, f"Isolate {server.title}", words, "Save the profile", to=_TAB),
        step=lambda data: (
            form.take(profile, values=data, by=request.user, now=now)
            if profile
            else isolating.describe(server, values=data, by=request.user, now=now)
        ),
        message="The profile is saved.",
    )


def _of(server: UUID) -> IsolationProfile | None:
    return IsolationProfile.objects.select_related("server", "written_by").filter(server=server).first()
