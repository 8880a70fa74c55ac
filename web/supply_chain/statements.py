"""Statements on vulnerabilities: the list, one of them, taking a document in, saying it by hand, accepting it."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from composition.models import Hit, Statement, Suppression
from composition.statements import suppressing, taking
from composition.statements.lists import STATEMENTS
from vendors.models import Server
from web.findings import findingframe
from web.forms.observations.statements import AcceptForm, DocumentForm, StatementForm
from web.forms.reasons import ReasonForm
from web.page_parts import asking, buttons, downloads, history, listing, lists, steps
from web.page_parts.access import MemberRequest, member, member_who_may, visible
from web.page_parts.asking import Page, asks
from web.page_parts.buttons import Button
from web.servers import serverframe

SECTION = "finding-list"
BUTTONS = (Button(taking.withdraw, "withdraw", "Withdraw", is_danger=True),)
SHOWN = 100


@require_safe
@member
def index(request: MemberRequest) -> HttpResponseBase:
    """Show the statements that the person may see; `?format=csv` downloads exactly this view."""
    page = {"section": SECTION, "can_take": taking.take.may_somewhere(request.user)}
    return listing.shown(request, STATEMENTS, template="statements/index.html", page=page)


@require_safe
@member
def detail(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Show one statement: what it says, and what came of it here."""
    row = _find(request, pk)
    hits = Hit.objects.visible_to(request.user).filter(statements=row)
    known = {one.hit_id: one for one in Suppression.objects.filter(statement=row).select_related("decided_by")}
    shown = lists.first(hits.select_related("server", "vulnerability", "observation__finding").order_by("pk"), SHOWN)
    page = {
        "statement": row,
        "state": row.state(today=timezone.localdate()),
        "hits": shown,
        "applied": [(hit, known.get(hit.pk)) for hit in shown.rows],
        "offers": [one for one in buttons.offers(BUTTONS, row, request.user, of="statement") if not one.who],
        "section": SECTION,
        **history.shown(request.user, row),
    }
    return render(request, "statements/detail.html", page)


@require_safe
@member
def document(request: MemberRequest, pk: UUID) -> HttpResponseBase:
    """Hand out the document as it came."""
    row = _find(request, pk)
    where = {"up_url": reverse("web:statement-detail", args=[pk]), "section": SECTION}
    return downloads.blob(
        request, row.document, name=row.file_name, media_type="application/octet-stream", noun="This document", **where
    )


@asks
@member_who_may(taking.take)
def take(request: MemberRequest) -> HttpResponse:
    """Take a VEX document in: for the server that `?server=` names, else for a unit or for all."""
    server = _server(request)
    form = asking.filled(request, DocumentForm, by=request.user, server=server)
    if request.method == "POST" and form.is_valid():
        data, now = form.cleaned_data, timezone.now()
        unit = server.unit if server else data["unit"]
        taken = steps.attempt(
            request,
            lambda: taking.take(
                data["file"], form.raw, file_name=form.file_name, server=server,
                release=data.get("release"), unit=unit, by=request.user, now=now,
            ),
            form=form,
        )  # fmt: skip
        if taken is not None and taken.document is not None:
            messages.success(request, "The document is on record. What became of each statement stands here.")
            return redirect(f"{reverse('web:statement-list')}?document={taken.document.sha256}")
    words = (
        "What its author says is shown beside the findings. That something is not affected is proposed: somebody "
        "accepts it, and nothing is closed by a word alone."
    )
    heading = f"Take in a VEX document for {server.title}" if server else "Take in a VEX document"
    return asking.show(
        request, form, Page(heading, words, "Take it in", reverse("web:statement-list"), "Statements", SECTION)
    )


@asks
@member_who_may(taking.withdraw)
def withdraw(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Let a statement say nothing any more."""
    row = _find(request, pk)
    words = "What is suppressed because of it opens again."
    page = Page(
        f"Withdraw {row.ref}", words, "Withdraw", reverse("web:statement-detail", args=[pk]), row.ref, SECTION,
        danger=True,
    )  # fmt: skip
    return asking.ask(
        request,
        asking.filled(request, ReasonForm),
        page,
        step=lambda data: taking.withdraw(row, **data, by=request.user, now=timezone.now()),
        message=f"{row.ref} is withdrawn.",
    )


@asks
@member_who_may(taking.state)
def state(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Say by hand what is known of a vulnerability in a package."""
    rows = Hit.objects.select_related("server__unit", "vulnerability", "observation__finding")
    hit = visible(rows, request.user, pk=pk)
    taking.state.require(hit, request.user)
    finding = hit.observation.finding
    if finding is None:
        raise Http404
    words = "That it is not affected is proposed: somebody who does not own the finding accepts it."
    return asking.ask(
        request,
        asking.filled(request, StatementForm),
        findingframe.page_of(finding, "Say what is known", words, "Say it"),
        step=lambda data: taking.state(hit, **data, by=request.user, now=timezone.now()),
        message="It is on record.",
    )


@asks
@member_who_may(suppressing.accept)
def accept(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Accept that a hit does not apply."""
    row = _suppression(request, pk)
    words = (
        "Its finding is dismissed until the day. It opens again when that has passed, when the vulnerability is worse "
        "or exploited, or when another version is there."
    )
    return asking.ask(
        request,
        asking.filled(request, AcceptForm, signs=(suppressing.accept, row)),
        _page_of(row, f"Accept {row}", words, "Accept it"),
        step=lambda data: suppressing.accept(row, **data, by=request.user, now=timezone.now()),
        message="Accepted. The finding is dismissed.",
    )


@asks
@member_who_may(suppressing.end)
def end(request: MemberRequest, pk: UUID) -> HttpResponse:
    """End a suppression before its day."""
    row = _suppression(request, pk)
    return asking.ask(
        request,
        asking.filled(request, ReasonForm),
        _page_of(row, f"End {row}", "Its finding opens again.", "End it"),
        step=lambda data: suppressing.end(row, **data, by=request.user, now=timezone.now()),
        message="Ended. The finding is open again.",
    )


def _find(request: MemberRequest, pk: UUID) -> Statement:
    rows = Statement.objects.with_outcome()
    return visible(
        rows.select_related("unit", "server", "release", "owner", "taken_by", "document"), request.user, pk=pk
    )


def _suppression(request: MemberRequest, pk: UUID) -> Suppression:
    rows = Suppression.objects.select_related(
        "statement__unit", "hit__server__unit", "hit__vulnerability", "hit__observation__finding"
    )
    return visible(rows, request.user, pk=pk)


def _server(request: MemberRequest) -> Server | None:
    """Return the server that the address names. Raises Http404."""
    if not (asked := request.GET.get("server")):
        return None
    try:
        return serverframe.find_to_write(request, UUID(asked))
    except ValueError as error:
        raise Http404 from error


def _page_of(row: Suppression, heading: str, consequence: str, label: str) -> Page:
    finding = row.finding
    if finding is None:
        back, up = reverse("web:statement-detail", args=[row.statement_id]), row.statement.ref
    else:
        back, up = reverse("web:finding-detail", args=[finding.pk]), finding.ref
    return Page(heading, consequence, label, back, up, SECTION)
