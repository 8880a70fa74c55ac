"""Pages of evidence: what it is, who checked it, what rests on it; and the file itself, for download only."""

from uuid import UUID

from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts import access
from accounts.access import Capability
from assessments.models import AnswerEvidence, Assessment
from evidence import records, store, verification
from evidence.models import Evidence
from web import asking, history, lists, lost
from web.access import MemberRequest, member, member_who, visible
from web.asking import Page, asks
from web.forms.answers import VerifyForm

USES_SHOWN = 100
# A file of a stranger must not act in the register's name, whatever a browser makes of it.
_SANDBOX = "default-src 'none'; sandbox"


@require_safe
@member
def detail(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Show a piece of evidence with its verifications and the answers that rest on it."""
    evidence = _find(request, pk)
    seen = Assessment.objects.visible_to(request.user)
    uses = AnswerEvidence.objects.filter(evidence=evidence, answer__assessment__in=seen)
    shown = uses.select_related("answer__question", "answer__option", "answer__assessment__server")
    page = {
        "evidence": evidence,
        "level": verification.level(evidence, today=timezone.localdate()),
        "state": verification.state(evidence, today=timezone.localdate()),
        "uses": lists.first(shown.order_by("-answer__assessment__number", "answer__question__position"), USES_SHOWN),
        "can_verify": evidence.kind != Evidence.Kind.NOTE
        and access.of(request.user).can(Capability.WRITE, evidence.unit_id),
        **history.shown(request.user, evidence),
        "section": "evidence-list",
    }
    return render(request, "evidence/detail.html", page)


@require_safe
@member
def download(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Return the file as it was attached, for download only."""
    evidence = _find(request, pk)
    if evidence.blob is None:
        raise Http404
    try:
        content = store.open_blob(evidence.blob)
    except (store.FileLost, store.StoreUnreachable) as refusal:
        up_url = reverse("web:evidence-detail", args=[pk])
        return lost.page(request, refusal, noun=evidence.ref, up_url=up_url, section="evidence-list")
    response = FileResponse(content, as_attachment=True, filename=evidence.file_name, content_type=evidence.media_type)
    response["Content-Security-Policy"] = _SANDBOX
    response["X-Content-Type-Options"] = "nosniff"
    return response  # type: ignore[return-value]


@asks
@member_who(Capability.WRITE)
def verify(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Record that the person checked a document."""
    evidence = _find(request, pk)
    records.verify.require(evidence, request.user)
    words = "Your name and this moment are kept with the record. A checked document counts more than a claimed one."
    back_url = reverse("web:evidence-detail", args=[pk])
    page = Page(f"Verify {evidence.title}", words, "Record the check", back_url, evidence.ref, "evidence-list")
    return asking.ask(
        request,
        asking.filled(request, VerifyForm, initial={"document": evidence.title, "document_date": evidence.issued_on}),
        page,
        step=lambda data: records.verify(evidence, **data, by=request.user, now=timezone.now()),
        message="The check is recorded.",
    )


def _find(request: MemberRequest, pk: UUID) -> Evidence:
    rows = Evidence.objects.select_related("blob", "added_by", "unit").prefetch_related("verifications__verified_by")
    return visible(rows, request.user, pk=pk)
