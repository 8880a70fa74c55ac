"""Pages of servers: the list, and what the register knows of one."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Q
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.views.decorators.http import require_safe

from accounts.models import User
from assessments import suppliers
from assessments.facts import server_facts
from assessments.lists import ASSESSMENTS, behind_server
from composition import knowledge
from composition.models import Component
from decisions.approvals import conditions, preview
from decisions.lists import APPROVALS, REVIEWS
from decisions.models import Approval, Condition, RatingRecord, ServerRating
from discovery.models import ConfiguredServer
from exits.models import ExitPlan
from findings.lists import FINDINGS
from findings.models import Finding, RiskAcceptance
from inspection import drift
from intake.models import ServerRequest
from reports.drawings import charts, matrices
from scoring import methodology
from scoring.scales import Band
from vendors.models import Release, Server
from vendors.registering import exposure, registration
from web.alerts import escalations
from web.page_parts import history, listing, lists
from web.page_parts.access import MemberRequest, member
from web.servers import approval_needs, evidenceframe, first_rating
from web.servers.serverframe import frame
from work.lists import SERVERS

RECENT = 12
LOOK_ALIKES = 10
CHANGES_SHOWN = 5
FINDINGS_SHOWN = 200
ROWS_SHOWN = 200
# Which columns a server's own tables have: it stands above them.
OF_ASSESSMENTS = ("Number", "Release", "Kind", "Status", "Assignee", "Due", "Final", "Final by")
OF_REVIEWS = ("Number", "Why", "State", "Due", "Assignee", "Assessment")
OF_FINDINGS = ("Number", "Finding", "Severity", "Status", "Owner", "Due")
# By which filter the register lists the findings that a page shows.
_LISTED_BY = {"server": "server", "vendor": "supplier"}


@dataclass(frozen=True, slots=True)
class ConditionRow:
    """A condition of an approval, whether it is open, met or missed, and whether the person may say that it is met."""

    condition: Condition
    state: str
    may_meet: bool


@require_safe
@member
def index(request: MemberRequest) -> HttpResponseBase:
    """Show the servers that the person may see; `?format=csv` downloads exactly this view."""
    page = {"can_register": registration.register_server.may_somewhere(request.user)}
    return listing.shown(request, SERVERS, template="servers/index.html", page=page)


@require_safe
@member
def overview(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Show what a server amounts to, what may hold it down, who decided, and what it is."""
    page = frame(request, pk, tab="server-detail")
    server, rating = page["server"], page["rating"]
    approval = server.approvals.filter(status=Approval.Status.GRANTED).select_related("decided_by", "release").first()
    plan = _exit_plan(server)
    shown = {
        "today": timezone.localdate(),
        "escalations": escalations.about(request.user, server.pk, *([approval.pk] if approval else [])),
        "dimensions": _dimension_chart(rating),
        "matrix": _matrix(server, rating),
        "trend": _trend(server),
        "tasks": first_rating.tasks(server, page["running"])
        if page["acts"].write and not _rated(server, "assessment_id")
        else [],
        "changes": lists.first(server.rating_history.defer("body"), CHANGES_SHOWN),
        "approval": approval,
        "approval_state": approval.state(today=timezone.localdate()) if approval else "",
        "conditions": _conditions(approval, request.user),
        "needs": _needs(page, approval),
        "acceptances": _acceptances(server),
        "exit_plan": plan,
        "exit_plan_state": plan.state(today=timezone.localdate()) if plan else "",
        "advised_against": server.releases.filter(registry_status__in=Release.AGAINST).first(),
        "changed": drift.changed_since(server),
        "configured": ConfiguredServer.objects.visible_to(request.user).of_server(pk).still_there().machines(),
        "built_from": knowledge.counts(Component.objects.counting().filter(inventory__server=server)),
        "requests": ServerRequest.objects.visible_to(request.user).filter(server=server).count(),
        "names": dict.fromkeys([server.title, server.name]),
        "look_alikes": list(Server.objects.visible_to(request.user).looking_like(server)[:LOOK_ALIKES]),
        "judged": suppliers.behind(server, today=timezone.localdate()),
        "suppliers": list(server.suppliers.select_related("vendor")),
        "is_open_source": server_facts.open_source(server),
        "is_vendor_hosted": server_facts.hosted_by_vendor(server),
        "gaps": exposure.gaps(server),
        "events": history.of(request.user, server, limit=history.LATEST),
        "history_url": reverse("web:server-history", args=[pk]),
    }
    return render(request, "servers/overview.html", page | shown)


@require_safe
@member
def assessments(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Show the assessments of a server, the newest first."""
    page = frame(request, pk, tab="server-assessments")
    rows = page["server"].assessments.select_related("release", "assignee", "finalised_by").order_by("-number")
    approvals = page["server"].approvals.select_related("decided_by", "release", "withdrawn_by", "assessment")
    shown = {
        "assessments": lists.table(ASSESSMENTS, rows, *OF_ASSESSMENTS, most=ROWS_SHOWN),
        "approvals": lists.table(APPROVALS, approvals, most=ROWS_SHOWN),
    }
    return render(request, "servers/assessments.html", page | shown)


@require_safe
@member
def findings(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Show the findings of a server: what is left to do first."""
    page = frame(request, pk, tab="server-findings")
    shown = findings_page(request, Q(server=pk), subject={"server": str(pk)}, can_raise=page["acts"].write)
    return render(request, "servers/findings.html", page | shown)


@require_safe
@member
def reviews(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Show the reviews of a server, those ahead first."""
    page = frame(request, pk, tab="server-reviews")
    rows = page["server"].reviews.select_related("assignee", "assessment").order_by("-due_on", "-number")
    shown = {"reviews": lists.table(REVIEWS, rows, *OF_REVIEWS, most=ROWS_SHOWN)}
    return render(request, "servers/reviews.html", page | shown)


@require_safe
@member
def evidence(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Show the evidence behind the answers about a server."""
    page = frame(request, pk, tab="server-evidence")
    shown = evidenceframe.tab(request.user, behind_server(pk), server=pk)
    return render(request, "servers/evidence.html", page | shown)


@require_safe
@member
def happened(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Show what happened to a server."""
    page = frame(request, pk, tab="server-history")
    server = page["server"]
    return render(request, "servers/history.html", page | history.shown(request.user, server))


def findings_page(request: MemberRequest, about: Q, *, subject: dict[str, str], can_raise: bool) -> dict[str, Any]:
    """Return the findings about a server or a vendor, in work and settled, at most FINDINGS_SHOWN of each.

    `subject` names the server or vendor in an address, e.g. {"server": "…"}: where a finding about it is raised, and
    where all of them are when there are more.
    """
    rows = Finding.objects.visible_to(request.user).filter(about).select_related("owner", "server", "vendor")
    work = rows.filter(status__in=Finding.BEING_FIXED).order_by("severity", "due_on", "number")
    settled = rows.exclude(status__in=Finding.BEING_FIXED).order_by("status", "severity", "-number")
    labels = OF_FINDINGS if "server" in subject else (*OF_FINDINGS, "Server or vendor")
    groups = [lists.table(FINDINGS, group, *labels, most=FINDINGS_SHOWN) for group in (work, settled)]
    listed = {_LISTED_BY[name]: key for name, key in subject.items()}
    has_more = any(group.total > len(group.rows) for group in groups)
    return {
        "in_work": groups[0],
        "settled": groups[1],
        "raise_url": f"{reverse('web:finding-raise')}?{urlencode(subject)}" if can_raise else "",
        "all_url": f"{reverse('web:finding-list')}?{urlencode(listed | {'status': 'all'})}" if has_more else "",
    }


def _exit_plan(server: Server) -> ExitPlan | None:
    """Return how agents go on without a server that is suspended, where somebody wrote it."""
    is_suspended = server.status == Server.Status.SUSPENDED
    return ExitPlan.objects.filter(server=server).first() if is_suspended else None


def _rated(server: Server, field: str) -> Any:
    rating = getattr(server, "rating", None)
    return getattr(rating, field) if rating else None


def _dimension_chart(rating: ServerRating | None) -> charts.Chart | None:
    if rating is None or not rating.dimensions:
        return None
    method = methodology.load()
    bars = [
        charts.DimensionBar(one.title, one.weight, _fraction(dimension["score"]), Band(dimension["band"]))
        for one in method.dimensions
        if (dimension := rating.dimensions.get(one.key))
    ]
    return charts.dimension_bars(bars, bands=_bands(method))


def _fraction(value: Decimal | str | None) -> Fraction | None:
    return None if value is None else Fraction(value)


def _bands(method: methodology.Methodology) -> Sequence[tuple[Band, Fraction]]:
    return [(band, Fraction(floor)) for band, floor in method.bands]


def _matrix(server: Server, rating: ServerRating | None) -> charts.Chart | None:
    if rating is None or not rating.band or rating.band == Band.NOT_ASSESSED:
        return None
    here = (server.inherent_tier, Band(rating.band))
    return matrices.rating_matrix(methodology.load().residual, here=here)


def _trend(server: Server) -> charts.Chart | None:
    """Return the score after each of the latest changes, or None while it has always been the same."""
    newest = list(RatingRecord.objects.filter(server=server).defer("body")[:RECENT])
    if len({row.score_percent for row in newest}) < 2:
        return None
    rows = newest[::-1]
    labels = [date_format(timezone.localtime(row.at), "j M y") for row in rows]
    line = charts.Series("Score", tuple(_fraction(row.score_percent) for row in rows))
    return charts.trend(labels, [line], title="Assurance score after each change", top_value=100)


def _acceptances(server: Server) -> list[tuple[RiskAcceptance, str]]:
    """Return what was asked and granted about living with the server's own score, and how each stands today."""
    waiting = (RiskAcceptance.Status.REQUESTED, RiskAcceptance.Status.GRANTED)
    rows = RiskAcceptance.objects.filter(server=server, status__in=waiting).order_by("-number")
    return [(row, row.state(today=timezone.localdate())) for row in rows]


def _conditions(approval: Approval | None, user: User) -> list[ConditionRow]:
    if approval is None:
        return []
    rows = approval.conditions.select_related("met_by", "finding", "approval__server", "approval__assessment")
    return [ConditionRow(row, _state(row), conditions.meet.offer(row, user).may) for row in rows]


def _needs(page: dict[str, Any], approval: Approval | None) -> list[approval_needs.Group]:
    """Return what an approval lacks, of a server that could be approved and is not."""
    server, now = page["server"], timezone.now()
    holds = approval is not None and approval.state(today=timezone.localdate(now)) == Approval.Status.GRANTED
    can_help = page["acts"].write or page["acts"].decide
    if holds or not can_help or server.status in Server.OUT_OF_USE:
        return []
    judged = page["running"] or page["undecided"]
    return approval_needs.groups(preview.missing_of_server(server, judged, now=now), judged)


def _state(condition: Condition) -> str:
    if condition.met_at:
        return "met"
    return "missed" if condition.due_on < timezone.localdate() else "open"
