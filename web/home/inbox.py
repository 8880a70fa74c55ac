"""The inbox: what somebody must know of, and what waits for them."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts import access
from alerts import inbox as room
from alerts import links
from alerts.models import Alert
from web.page_parts.access import MemberRequest, anybody, visible
from web.page_parts.listing import paged
from web.page_parts.object_pages import page_of
from web.page_parts.steps import done


@require_safe
@anybody
def inbox(request: MemberRequest) -> HttpResponse:
    """Show the alerts, unread ones unless all are asked for."""
    seen = Alert.objects.visible_to(request.user)
    show_all = request.GET.get("show") == "all"
    rows = seen if show_all else seen.unread()
    page, _is_first = paged(request.path, request.GET, rows, ("-created_at", "-id"), shown=seen.select_related("event"))
    shown = {
        "alerts": [(alert, links.path(alert)) for alert in page.rows],
        "show_all": show_all,
        "is_member": access.of(request.user).is_member,
        "previous_url": _address(show_all, page.previous),
        "next_url": _address(show_all, page.following),
    }
    return render(request, "home/inbox.html", shown)


@require_POST
@anybody
def open_alert(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Mark an alert as read and go to what it is about; stay when that page is gone."""
    alert = visible(Alert.objects.all(), request.user, pk=pk)
    room.mark_read(alert, by=request.user, now=timezone.now())
    kind = alert.object_type.rpartition(".")[2]
    return redirect(page_of(request.user, kind, alert.object_id) or "web:inbox")


@require_POST
@anybody
def mark_read(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Mark an alert as read."""
    room.mark_read(visible(Alert.objects.all(), request.user, pk=pk), by=request.user, now=timezone.now())
    return redirect("web:inbox")


@require_POST
@anybody
def mark_all_read(request: MemberRequest) -> HttpResponse:
    """Mark everything as read."""
    done(
        request,
        lambda: room.mark_all_read(by=request.user, now=timezone.now()),
        message="Everything is marked as read.",
    )
    return redirect("web:inbox")


def _address(show_all: bool, position: str) -> str:  # noqa: FBT001 - the two tabs of the page
    return f"?{'show=all&' if show_all else ''}position={position}" if position else ""
