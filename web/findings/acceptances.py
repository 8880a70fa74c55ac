"""Accepted risks: the list, asking for one, another person's decision, ending one early."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts import access
from accounts.access import Capability
from accounts.models import User
from findings import acceptance
from findings.lists import ACCEPTANCES
from findings.models import RiskAcceptance
from vendors.models import Server
from web.findings import findingframe
from web.forms.findings import AcceptForm, DecisionForm
from web.forms.reasons import ReasonForm
from web.page_parts import asking, field_history, history, listing, steps
from web.page_parts.access import MemberRequest, member, visible
from web.page_parts.asking import Page, asks

NAMES = ("unit", "server", "finding__server", "finding__vendor", "requested_by", "decided_by", "revoked_by")
_WORDS = "Another person, an approver, decides. Once granted it holds until the day you name, then it ends by itself."


@require_safe
@member
def index(request: MemberRequest) -> HttpResponseBase:
    """Show the acceptances that the person may see; `?format=csv` downloads exactly this view."""
    return listing.shown(request, ACCEPTANCES, template="findings/acceptances.html", page={"section": "finding-list"})


@require_safe
@member
def detail(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Show an acceptance: what is accepted, why, until when, and who decided."""
    row = _find(request, pk)
    today = timezone.localdate()
    waits = row.status == RiskAcceptance.Status.REQUESTED
    page = {
        "acceptance": row,
        "state": row.state(today=today),
        "subject": row.subject,
        "can_decide": waits and _may_answer(row, request.user),
        "can_revoke": acceptance.revoke.offer(row, request.user).may,
        "who_decides": _who_decides(row, request.user) if waits else "",
        "events": _events(row, request.user),
        "history_url": history.url(row.finding or row),
        "fields_url": field_history.url(row),
        "section": "finding-list",
    }
    return render(request, "findings/acceptance.html", page)


@asks
@member
def ask_for_finding(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Ask to live with a finding until a day."""
    finding = findingframe.find_to(request, pk, acceptance.request)
    return asking.ask(
        request,
        asking.filled(request, AcceptForm),
        findingframe.page_of(finding, "Accept the risk", _WORDS, "Ask for it"),
        step=lambda data: acceptance.request(finding, **data, by=request.user, now=timezone.now()),
        message="Sent to the approvers to be decided.",
    )


@asks
@member
def ask_for_server(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Ask to live with the low score of a server until a day."""
    server = visible(Server.objects.select_related("unit"), request.user, pk=pk)
    acceptance.request_for_server.require(server, request.user)
    back = reverse("web:server-detail", args=[pk])
    return asking.ask(
        request,
        asking.filled(request, AcceptForm),
        Page(f"Accept the risk of {server.title}", _WORDS, "Ask for it", back, server.title, "server-list"),
        step=lambda data: acceptance.request_for_server(server, **data, by=request.user, now=timezone.now()),
        message="Sent to the approvers to be decided.",
    )


@asks
@member
def decide(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Grant or refuse what another person asked for."""
    row = _find_to_decide(request, pk)
    form = asking.filled(
        request, DecisionForm, signs=(acceptance.grant, row), grant=acceptance.grant.offer(row, request.user)
    )
    if request.method == "POST" and form.is_valid() and _is_decided(request, row, form):
        return redirect("web:acceptance-detail", pk=pk)
    page = {"acceptance": row, "subject": row.subject, "form": form, "section": "finding-list"}
    return render(request, "findings/decide.html", page, status=asking.status_of(form))


@asks
@member
def revoke(request: MemberRequest, pk: UUID) -> HttpResponse:
    """End an acceptance before its day."""
    row = _find_to_decide(request, pk)
    back = reverse("web:acceptance-detail", args=[pk])
    words = "The risk counts again at once. A finding is open again, under the due date it had."
    return asking.ask(
        request,
        asking.filled(request, ReasonForm, signs=(acceptance.revoke, row)),
        Page(f"Revoke {row}", words, "Revoke it", back, row.ref, "finding-list", danger=True),
        step=lambda data: acceptance.revoke(row, **data, by=request.user, now=timezone.now()),
        message=f"{row.ref} is revoked.",
    )


def _find(request: HttpRequest, pk: UUID) -> RiskAcceptance:
    return get_object_or_404(RiskAcceptance.objects.visible_to(request.user).select_related(*NAMES), pk=pk)


def _find_to_decide(request: HttpRequest, pk: UUID) -> RiskAcceptance:
    row = _find(request, pk)
    acceptance.grant.require(row, request.user)
    return row


def _is_decided(request: MemberRequest, row: RiskAcceptance, form: DecisionForm) -> bool:
    """Take the decision that the form says, and return whether it was taken."""
    data, now = form.cleaned_data, timezone.now()
    step = acceptance.grant if data["decision"] == "grant" else acceptance.refuse
    words = f"{row.ref} is granted." if data["decision"] == "grant" else f"{row.ref} is refused."
    return steps.done(request, lambda: step(row, note=data["note"], by=request.user, now=now), message=words, form=form)


def _events(row: RiskAcceptance, user: User) -> list[history.Line]:
    """Return what happened to the acceptance and to its finding, whose events say that it was asked for and ended."""
    own = history.of(user, row)
    found = history.of(user, row.finding) if row.finding else []
    return sorted([*own, *found], key=lambda line: line.at, reverse=True)[: history.SHOWN]


def _may_answer(row: RiskAcceptance, user: User) -> bool:
    """Return whether somebody may grant it, or refuse what nobody can grant any more."""
    grant = acceptance.grant.offer(row, user)
    return grant.may or (not grant.is_possible and acceptance.refuse.offer(row, user).may)


def _who_decides(row: RiskAcceptance, user: User) -> str:
    who = f"An approver of {row.unit}" if row.unit else "An approver"
    decides = access.of(user).can(Capability.DECIDE, row.unit_id)
    if row.requested_by_id == user.pk or (decides and not _may_answer(row, user)):
        return f"{who} other than you decides."
    return f"{who} other than {row.requested_by} decides."
