"""Contracts: the list, a contract with its clauses, the pages of its steps, and the tab of a vendor."""

from collections import Counter
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts import access
from contracts.agreements import agreeing, lifecycle
from contracts.coverage import clause_list, looking, measures, parties
from contracts.coverage.judging import Verdict
from contracts.lists import CONTRACTS, services
from contracts.models import Clause, Contract
from vendors.models import Vendor
from web.forms.reasons import OptionalReasonForm, ReasonForm
from web.forms.vendors.contracts import ContractForm, CoverForm, EndForm, NoticeForm, ReviewedForm, SignForm
from web.page_parts import asking, buttons, history, listing, lists, steps
from web.page_parts.access import MemberRequest, member, member_who_may, visible
from web.page_parts.asking import Page, asks
from web.page_parts.buttons import Button
from web.vendors.vendors import frame

BUTTONS = (
    Button(lifecycle.send_for_signing, "send", "Send for signing", is_main=True),
    Button(lifecycle.sign, "sign", "Record the signatures", is_main=True),
    Button(lifecycle.return_to_drafting, "return", "Return to drafting"),
    Button(lifecycle.finish_review, "reviewed", "Finish the review", is_main=True),
    Button(lifecycle.start_review, "review", "Start a review"),
    Button(agreeing.edit, "edit", "Edit"),
    Button(lifecycle.end, "end", "End", is_danger=True),
)
SHOWN = 50
_WORST_FIRST = (*(verdict for verdict in Verdict if verdict is not Verdict.ENOUGH), Verdict.ENOUGH)
SHOWN_COLUMNS = ("Number", "Contract", "Kind", "State", "At its end", "Term ends", "Notice by", "Owner")


@require_safe
@member
def index(request: MemberRequest) -> HttpResponseBase:
    """Show the contracts; `?format=csv` downloads exactly this view."""
    return listing.shown(request, CONTRACTS, template="contracts/index.html")


@require_safe
@member
def of_vendor(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Show the contracts with a vendor, what they give us, and what is missing."""
    page = frame(request, pk, tab="vendor-contracts")
    vendor: Vendor = page["vendor"]
    rows = CONTRACTS.rows(request.user).filter(vendor=vendor).order_by("-number")
    seen = access.visible_units(request.user).values_list("pk", flat=True)
    view = looking.view(vendor, today=timezone.localdate(), units=seen)
    extra = {
        "contracts": lists.table(CONTRACTS, rows, *SHOWN_COLUMNS, most=SHOWN),
        "all_url": f"{reverse('web:contract-list')}?vendor={vendor.pk}",
        "view": view,
        "groups": _by_group(view),
        "verdicts": _counted(view),
    }
    return render(request, "contracts/of_vendor.html", page | extra)


@require_safe
@member
def detail(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Show a contract: its term, what it covers, and what it says under each clause."""
    row, today = _find(request, pk), timezone.localdate()
    offers = [one for one in buttons.offers(BUTTONS, row, request.user, of="contract") if not one.who]
    page = {
        "contract": row,
        "value": "" if row.yearly_value is None else measures.worded(row.yearly_value, "money", row.currency),
        "offers": offers,
        "may_write": agreeing.edit.offer(row, request.user).may,
        "term_ends": row.term_end(today=today),
        "notice_by": row.notice_day(today=today),
        "runs": row.status in Contract.LIVE,
        "is_decided": row.kept_until is not None and row.kept_until == row.term_end(today=today),
        "may_decide": row.status in Contract.LIVE and row.goes_on,
        "is_for_unseen_unit": parties.is_for_unseen_unit(row, request.user),
        "other_party": next(iter(parties.differing(row.vendor, [row])), None),
        "clauses": _clauses(row),
        "read": sum(one.present != Clause.Present.UNKNOWN for one in row.clauses.all()),
        "services": services(request.user).filter(contract=row),
        "covers_all": not row.services.exists(),
        "under_it": list(Contract.objects.filter(parent=row).order_by("number")),
        **history.shown(request.user, row),
    }
    return render(request, "contracts/detail.html", page)


@asks
@member_who_may(agreeing.draft)
def draft(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Draft a contract with a vendor."""
    vendor = visible(Vendor.objects.all(), request.user, pk=pk)
    form = asking.filled(request, ContractForm, by=request.user, vendor=vendor)
    if request.method == "POST" and form.is_valid():
        data, now = form.cleaned_data, timezone.now()
        made = steps.attempt(request, lambda: agreeing.draft(vendor, **data, by=request.user, now=now), form=form)
        if made is not None:
            return redirect("web:contract-clauses", pk=made.pk)
    page = {"form": form, "vendor": vendor, "back_url": reverse("web:vendor-contracts", args=[pk])}
    return render(request, "contracts/form.html", page, status=asking.status_of(form))


@asks
@member_who_may(agreeing.edit)
def edit(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Change what a contract says of itself."""
    row = _find(request, pk)
    form = asking.filled(request, ContractForm, by=request.user, vendor=row.vendor, row=row)
    if request.method == "POST" and form.is_valid():
        data, now = form.cleaned_data, timezone.now()
        how: dict[str, Any] = {"changes": data, "by": request.user, "now": now}
        if steps.done(request, lambda: form.take(row, **how), message="Saved.", form=form):
            return redirect("web:contract-detail", pk=pk)
    back = reverse("web:contract-detail", args=[pk])
    page = {"form": form, "vendor": row.vendor, "contract": row, "back_url": back}
    return render(request, "contracts/form.html", page, status=asking.status_of(form))


@asks
@member_who_may(lifecycle.send_for_signing)
def send(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Send a contract for signing."""
    row = _find(request, pk)
    words = "Nothing holds until both sides have signed."
    return asking.ask(
        request,
        asking.filled(request, asking.Nothing),
        _page(row, "Send for signing", words),
        step=lambda data: lifecycle.send_for_signing(row, by=request.user, now=timezone.now()),
        message=f"{row.ref} is to be signed.",
    )


@asks
@member_who_may(lifecycle.return_to_drafting)
def give_back(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Return a contract that was not signed to drafting."""
    row = _find(request, pk)
    return asking.ask(
        request,
        asking.filled(request, ReasonForm),
        _page(row, "Return to drafting", "It was not signed and is written anew."),
        step=lambda data: lifecycle.return_to_drafting(row, **data, by=request.user, now=timezone.now()),
        message=f"{row.ref} is in drafting again.",
    )


@asks
@member_who_may(lifecycle.sign)
def sign(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Record that both sides have signed."""
    row = _find(request, pk)
    known = {name: getattr(row, name) for name in SignForm.base_fields}
    return asking.ask(
        request,
        asking.filled(request, SignForm, initial=known),
        _page(row, "Record the signatures", "From its first day on it gives what its clauses say."),
        step=lambda data: lifecycle.sign(row, **data, by=request.user, now=timezone.now()),
        message=f"{row.ref} is in force.",
    )


@asks
@member_who_may(lifecycle.start_review)
def review(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Start a review of a contract."""
    row = _find(request, pk)
    return asking.ask(
        request,
        asking.filled(request, OptionalReasonForm),
        _page(row, "Start a review", "It holds on while it is under review."),
        step=lambda data: lifecycle.start_review(row, **data, by=request.user, now=timezone.now()),
        message=f"{row.ref} is under review.",
    )


@asks
@member_who_may(lifecycle.finish_review)
def reviewed(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Finish the review of a contract."""
    row = _find(request, pk)
    return asking.ask(
        request,
        asking.filled(request, ReviewedForm),
        _page(row, "Finish the review", "It goes on as it is. What has to change, change by an amendment."),
        step=lambda data: lifecycle.finish_review(row, **data, by=request.user, now=timezone.now()),
        message=f"{row.ref} is reviewed.",
    )


@asks
@member_who_may(lifecycle.end)
def end(request: MemberRequest, pk: UUID) -> HttpResponse:
    """End a contract."""
    row = _find(request, pk)
    words = "It gives nothing any more: what only it gave is missing, and becomes a finding where it is demanded."
    return asking.ask(
        request,
        asking.filled(request, EndForm),
        _page(row, "End", words, danger=True),
        step=lambda data: lifecycle.end(row, **data, by=request.user, now=timezone.now()),
        message=f"{row.ref} has ended.",
    )


@asks
@member_who_may(lifecycle.keep)
def keep(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Decide that a contract which renews by itself goes on."""
    row = _find(request, pk)
    return asking.ask(
        request,
        asking.filled(request, ReasonForm),
        _page(row, "Let it renew", "Nobody is asked again before the next term ends."),
        step=lambda data: lifecycle.keep(row, **data, by=request.user, now=timezone.now()),
        message=f"{row.ref} goes on.",
    )


@asks
@member_who_may(lifecycle.give_notice)
def notice(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Record that notice was given."""
    row = _find(request, pk)
    words = "It ends with its term, by your notice or by theirs."
    return asking.ask(
        request,
        asking.filled(request, NoticeForm),
        _page(row, "Record the notice", words, danger=True),
        step=lambda data: lifecycle.give_notice(row, **data, by=request.user, now=timezone.now()),
        message=f"{row.ref} does not renew.",
    )


@asks
@member_who_may(agreeing.cover)
def cover(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Say what a contract covers."""
    row = _find(request, pk)
    return asking.ask(
        request,
        asking.filled(request, CoverForm, by=request.user, vendor=row.vendor),
        _page(row, "Add what it covers", "A contract without any covers all that the vendor supplies."),
        step=lambda data: agreeing.cover(row, **data, by=request.user, now=timezone.now()),
        message="Added.",
    )


@asks
@member_who_may(agreeing.uncover)
def uncover(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Take something out of what a contract covers."""
    seen = Contract.objects.visible_to(request.user)
    rows = services(request.user).select_related("contract__vendor")
    service = get_object_or_404(rows, pk=pk, contract__in=seen)
    words = f"{service.contract.ref} does not cover {service} any more."
    return asking.ask(
        request,
        asking.filled(request, asking.Nothing),
        _page(service.contract, f"Remove {service}", words, "Remove", danger=True),
        step=lambda data: agreeing.uncover(service, by=request.user, now=timezone.now()),
        message="Removed.",
    )


def _find(request: HttpRequest, pk: UUID) -> Contract:
    rows = Contract.objects.select_related("vendor", "parent", "owner", "for_unit", "evidence")
    return visible(rows.prefetch_related("clauses__checked_by"), request.user, pk=pk)  # type: ignore[arg-type]


def _page(row: Contract, heading: str, consequence: str, label: str = "", *, danger: bool = False) -> Page:
    back = reverse("web:contract-detail", args=[row.pk])
    return Page(f"{heading}: {row}", consequence, label or heading, back, row.ref, "vendor-list", danger)


def _clauses(contract: Contract) -> list[tuple[str, list[dict[str, Any]]]]:
    """Return all clauses by their groups, each with what this contract says of it, or None."""
    recorded, known = {row.key: row for row in contract.clauses.all()}, clause_list.load()
    found: dict[str, list[dict[str, Any]]] = {key: [] for key in known.groups}
    for clause in known.clauses.values():
        row = recorded.get(clause.key)
        found[clause.group].append({"clause": clause, "recorded": row, "figure": _figure(row)})
    return [(title, found[key]) for key, title in known.groups.items()]


def _by_group(view: looking.View) -> list[tuple[str, list[Any]]]:
    groups = clause_list.load().groups
    found = [(title, [one for one in view.judged if one.clause.group == key]) for key, title in groups.items()]
    return [(title, rows) for title, rows in found if rows]


def _counted(view: looking.View) -> list[tuple[Verdict, int]]:
    """Return how many clauses stand how, what is not there first."""
    counts = Counter(one.verdict for one in view.judged)
    return [(verdict, counts[verdict]) for verdict in _WORST_FIRST if counts[verdict]]


def _figure(row: Clause | None) -> str:
    if row is None:
        return ""
    if row.countries:
        return ", ".join(row.countries.split())
    return "" if row.value is None else measures.worded(row.value, row.unit, row.currency)
