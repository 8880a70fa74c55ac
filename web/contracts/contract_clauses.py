"""The page on which what a contract says is recorded, clause by clause."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from contracts.agreements import clauses
from contracts.coverage import clause_list
from contracts.models import Contract
from web.forms.vendors.clauses import ClausesForm
from web.page_parts import asking, steps
from web.page_parts.access import MemberRequest, member_who_may, visible
from web.page_parts.asking import asks


@asks
@member_who_may(clauses.record)
def record(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Record what a contract says under its clauses."""
    contract = visible(Contract.objects.select_related("vendor"), request.user, pk=pk)
    rows = {row.key: row for row in contract.clauses.select_related("evidence")}
    posted = request.POST if request.method == "POST" else None
    form = ClausesForm(posted, known=clause_list.load(), rows=rows)
    if posted is not None and form.is_valid():
        readings, now = form.readings(), timezone.now()
        if steps.done(
            request,
            lambda: clauses.record(contract, readings=readings, by=request.user, now=now),
            message="Recorded." if readings else "Nothing was changed.",
            form=form,
        ):
            return redirect("web:contract-detail", pk=pk)
    page = {"contract": contract, "form": form, "section": "contract-list"}
    status = asking.REFUSED if form.errors else 200
    return render(request, "contracts/clauses.html", page, status=status)
