"""What was seen of a server: by each collector, how fresh it is and what is not assessed; and asking for a look."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

from django.contrib import messages
from django.db.models import F
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from collectors import asking as collecting
from collectors import plans
from collectors.subjects import Subject
from inspection import inspecting
from monitoring.models import Collector, Observation, Run
from vendors.models import Server
from web.forms.servers.looks import LooksForm
from web.page_parts import asking, steps
from web.page_parts.access import MemberRequest, member, member_who_may
from web.page_parts.asking import asks
from web.servers.serverframe import find_to_write, frame, page_of


@dataclass(frozen=True, slots=True)
class Seen:
    """What a collector saw: its last looks, why it cannot look now (empty: it can), and each thing with its state."""

    word: str
    runs: list[Run]
    why_not: str
    rows: list[tuple[Observation, str]]


@require_safe
@member
def index(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Show what the register itself saw of a server, and what it could not see."""
    page = frame(request, pk, tab="server-seen")
    server: Server = page["server"]
    subject, now = Subject(server), timezone.now()
    shown = [_seen(subject, one, now=now) for one in (*plans.collectors(), Collector.INSPECTION)]
    look = collecting.ask.offer(server, request.user) if page["acts"].write else None
    return render(request, "servers/seen.html", page | {"parts": shown, "look": look})


@asks
@member_who_may(collecting.ask)
def collect(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Ask for looks at what shows of a server."""
    server = find_to_write(request, pk)
    heading, offer = f"Look up {server.title}", collecting.ask.offer(server, request.user)
    if not offer.is_possible:
        return asking.refuse(request, page_of(server, heading, offer.why_not, "", to="server-seen"))
    form = asking.filled(request, LooksForm, possible=collecting.possible(server))
    words = "The register connects to package registries, to the server's addresses and to its vendor's website."
    if request.method == "POST" and form.is_valid():
        now = timezone.now()
        wanted = form.cleaned_data["looks"]
        asked = [_asked(request, server, one, form, now=now) for one in wanted]
        if all(asked):
            messages.success(request, "They are looked up. Load this page again to see what came of it.")
            return redirect("web:server-seen", pk=server.pk)
    return asking.show(request, form, page_of(server, heading, words, "Look now", to="server-seen"))


def _asked(request: MemberRequest, server: Server, collector: str, form: LooksForm, *, now: datetime) -> bool:
    """Return whether the look is asked for; why not stands in the form."""
    step = partial(collecting.ask, server, collector=collector, by=request.user, now=now)
    return steps.attempt(request, step, form=form) is not None


def _seen(subject: Subject, collector: Collector, *, now: datetime) -> Seen:
    server = subject.server
    rows = server.observations.filter(collector=collector).select_related("finding", "run")
    ordered = rows.order_by("-is_seen", F("severity").asc(nulls_last=True), "-is_assessed", "key")
    states = [(row, row.state(now=now)) for row in ordered]
    refusal = plans.why_not(subject, collector) if collector in plans.collectors() else None
    return Seen(str(collector.label), _last_runs(server, collector), refusal.message if refusal else "", states)


def _last_runs(server: Server, collector: Collector) -> list[Run]:
    """Return its last look; of those who connect to the server, the last by each way in."""
    if collector == Collector.INSPECTION:
        return inspecting.last_looks(server)
    return list(server.runs.of(collector)[:1])
