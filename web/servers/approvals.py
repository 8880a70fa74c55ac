"""What follows a decision: meeting its conditions, withdrawing it."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone

from decisions.approvals import approvals, conditions
from decisions.models import Approval, Condition
from web.forms.reasons import ReasonForm
from web.forms.servers.servers import ConditionForm
from web.page_parts import asking
from web.page_parts.access import MemberRequest, member, member_who_may, visible
from web.page_parts.asking import asks
from web.servers.serverframe import page_of


@asks
@member
def withdraw(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Withdraw an approval that is in force."""
    approval = visible(Approval.objects.select_related("server"), request.user, pk=pk)
    approvals.withdraw.require(approval, request.user)
    server = approval.server
    words = f"{approval.ref} ends today, and {server.title} is suspended. Assess it again to approve it again."
    return asking.ask(
        request,
        asking.filled(request, ReasonForm, signs=(approvals.withdraw, approval)),
        page_of(server, f"Withdraw {approval.ref}", words, "Withdraw the approval", danger=True),
        step=lambda data: approvals.withdraw(approval, **data, by=request.user, now=timezone.now()),
        message=f"{approval.ref} is withdrawn.",
    )


@asks
@member_who_may(conditions.meet)
def meet(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Record that a condition of an approval is met."""
    seen = Approval.objects.visible_to(request.user)
    condition = get_object_or_404(Condition.objects.select_related("approval__server"), pk=pk, approval__in=seen)
    server = condition.approval.server
    conditions.meet.require(condition, request.user)
    return asking.ask(
        request,
        asking.filled(request, ConditionForm),
        page_of(server, "Mark a condition as met", condition.text, "Mark as met"),
        step=lambda data: conditions.meet(condition, **data, by=request.user, now=timezone.now()),
        message="The condition is met.",
    )
