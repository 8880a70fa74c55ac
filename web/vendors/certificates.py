"""Certificates and reports of vendors: the list, one with what rests on it, and the pages of its steps."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from assurance import certificates, facts, reliance
from assurance.lists import CERTIFICATES
from assurance.models import CONDITIONS, Certificate
from evidence import records
from evidence.models import Evidence
from vendors.models import Vendor
from vendors.naming import legal_entities
from web.forms.reasons import ReasonForm
from web.forms.vendors.certificates import CorrectForm, JudgeForm, RecordForm, StopForm
from web.page_parts import asking, buttons, history, listing, lists, steps
from web.page_parts.access import MemberRequest, member, member_who_may, visible
from web.page_parts.asking import Page, asks
from web.page_parts.buttons import Button

SHOWN = 50
BUTTONS = (
    Button(certificates.judge, "judge", "Judge the conditions", is_main=True),
    Button(certificates.correct, "correct", "Correct"),
    Button(certificates.suspend, "suspend", "Record that it is suspended"),
    Button(certificates.resume, "resume", "Record that it is in force again"),
    Button(certificates.withdraw, "withdraw", "Record that it is withdrawn", is_danger=True),
)
_WORDS = {True: "Yes", False: "No", None: "Not known"}


@require_safe
@member
def index(request: MemberRequest) -> HttpResponseBase:
    """Show the certificates, what ended or ends next on top; `?format=csv` downloads exactly this view."""
    return listing.shown(request, CERTIFICATES, template="certificates/index.html")


@require_safe
@member
def detail(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Show what a certificate says, whether it may carry something critical, and what rests on it."""
    row = _find(request, pk)
    offers = list(buttons.offers(BUTTONS, row, request.user, of="certificate"))
    page = {
        "certificate": row,
        "state": row.state(today=timezone.localdate()),
        "facts": list(facts_in_words(row)),
        "conditions": [(words, _WORDS[getattr(row, name)]) for name, words in CONDITIONS.items()],
        "is_of_another": legal_entities.differs(row.legal_entity, row.vendor.legal_entity),
        "answers": lists.first(reliance.answers(row.evidence, request.user), SHOWN),
        "servers": list(reliance.visible_servers(row.evidence, request.user)[:SHOWN]),
        "successor": getattr(row, "superseded_by", None),
        "offers": [offer for offer in offers if not offer.who],
        **history.shown(request.user, row),
        "section": "certificate-list",
    }
    return render(request, "certificates/detail.html", page)


def facts_in_words(row: Certificate) -> Any:
    """Yield the facts of the certificate's kind, each with its label and its value in words; empty: not known."""
    form = CorrectForm(kind=row.kind)
    for name in facts.OF_KIND[row.kind]:
        if name not in ("scope", "legal_entity"):
            yield form.fields[name].label or name.capitalize(), _worded(row, name)


def _worded(row: Certificate, name: str) -> Any:
    if name == "categories":
        return ", ".join(Certificate.Category(one).label for one in row.categories)
    if hasattr(row, f"get_{name}_display"):
        return getattr(row, f"get_{name}_display")()
    return getattr(row, name)


@asks
@member_who_may(certificates.record)
def record(request: MemberRequest, pk: UUID, certificate_kind: str) -> HttpResponse:
    """Record a certificate or report of a vendor, with its document."""
    vendor = visible(Vendor.objects.all(), request.user, pk=pk)
    kind = certificate_kind
    if kind not in facts.OF_KIND:
        raise Http404
    label = Certificate.Kind(kind).label
    form = asking.filled(request, RecordForm, kind=kind, vendor=vendor)
    if request.method == "POST" and form.is_valid():
        made = steps.attempt(request, lambda: _recorded(request, vendor, kind, form.cleaned_data), form=form)
        if made is not None:
            messages.success(request, f"{made.ref} is recorded.")
            return redirect("web:certificate-detail", pk=made.pk)
    words = "Until when it counts follows from its days, and so does the document: answers that rest on it follow."
    back = reverse("web:vendor-assurance", args=[pk])
    page = Page(f"Record for {vendor}: {label}", words, "Record it", back, vendor.name, "vendor-list")
    return asking.show(request, form, page)


def _recorded(request: MemberRequest, vendor: Vendor, kind: str, cleaned: Mapping[str, Any]) -> Certificate:
    rest, now = dict(cleaned), timezone.now()
    upload, evidence = rest.pop("file"), rest.pop("evidence")
    if upload is not None:
        title = f"{Certificate.Kind(kind).label} of {rest['legal_entity']}"[:200]
        issuer = Evidence.Issuer.VENDOR if kind == Certificate.Kind.BRIDGE_LETTER else Evidence.Issuer.INDEPENDENT
        issued_on = rest.get("issued_on")
        how: dict[str, Any] = {"title": title, "issuer": issuer, "issued_on": issued_on, "by": request.user, "now": now}
        evidence = records.prepare_file(upload, **how)
    return certificates.record(vendor, kind=kind, evidence=evidence, by=request.user, now=now, **rest)


@asks
@member_who_may(certificates.correct)
def correct(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Correct what is recorded of a certificate."""
    row = _find(request, pk)
    form = asking.filled(request, CorrectForm, row=row, kind=row.kind)
    words = "Until when it counts is worked out again, and what rests on it follows."
    return asking.ask(
        request,
        form,
        _page_of(row, "Correct", words, "Save"),
        step=lambda data: form.take(row, changes=data, by=request.user, now=timezone.now()),
        message=f"{row.ref} is corrected.",
    )


@asks
@member_who_may(certificates.judge)
def judge(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Say of each of the eight conditions whether it is met."""
    row = _find(request, pk)
    form = asking.filled(request, JudgeForm, row=row)
    words = (
        "Under these conditions a certificate or report of others may carry something critical (article 8(3) of "
        "Delegated Regulation (EU) 2024/1773, in our words). What nobody knows counts as not met. No legal advice."
    )
    return asking.ask(
        request,
        form,
        _page_of(row, "Judge the conditions", words, "Save"),
        step=lambda data: form.take(row, by=request.user, now=timezone.now(), **data),
        message="Saved.",
    )


@asks
@member_who_may(certificates.suspend)
def suspend(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Record that a certificate is suspended."""
    row = _find(request, pk)
    words = "The document counts no more from that day: answers that rest on it lose a level, and ratings follow."
    return asking.ask(
        request,
        asking.filled(request, StopForm),
        _page_of(row, "Record that it is suspended", words, "Record it"),
        step=lambda data: certificates.suspend(row, **data, by=request.user, now=timezone.now()),
        message=f"{row.ref} is suspended.",
    )


@asks
@member_who_may(certificates.withdraw)
def withdraw(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Record that a certificate is withdrawn."""
    row = _find(request, pk)
    words = "It does not come back. The document counts no more from that day: answers lose a level, ratings follow."
    return asking.ask(
        request,
        asking.filled(request, StopForm),
        _page_of(row, "Record that it is withdrawn", words, "Record it", danger=True),
        step=lambda data: certificates.withdraw(row, **data, by=request.user, now=timezone.now()),
        message=f"{row.ref} is withdrawn.",
    )


@asks
@member_who_may(certificates.resume)
def resume(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Record that a certificate is suspended no more."""
    row = _find(request, pk)
    words = "It counts again until its own day, and so does the document."
    return asking.ask(
        request,
        asking.filled(request, ReasonForm),
        _page_of(row, "Record that it is in force again", words, "Record it"),
        step=lambda data: certificates.resume(row, **data, by=request.user, now=timezone.now()),
        message=f"{row.ref} is in force again.",
    )


def _find(request: MemberRequest, pk: UUID) -> Certificate:
    near = ("vendor", "evidence", "supersedes", "superseded_by", "bridges", "recorded_by")
    return visible(Certificate.objects.select_related(*near), request.user, pk=pk)


def _page_of(row: Certificate, heading: str, consequence: str, label: str, *, danger: bool = False) -> Page:
    back = reverse("web:certificate-detail", args=[row.pk])
    return Page(f"{heading}: {row.name}", consequence, label, back, row.ref, "certificate-list", danger=danger)
