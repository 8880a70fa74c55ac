"""Where approvals are obeyed: the addresses at which gateways and clients ask, and who does."""

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from containment.calls import deciding
from containment.clients import clients, feed
from containment.models import Asker
from vendors.models import Server
from web.page_parts import lists
from web.page_parts.access import MemberRequest, member

_MOST_ASKERS = 50
_MOST_ENDED = 20


@require_safe
@member
def doors(request: MemberRequest) -> HttpResponse:
    """Show the feed, the policy files, the decision points, who asks, and what cannot be said to a client."""
    now = timezone.now()
    servers = Server.objects.visible_to(request.user)
    listed = feed.entries(feed.listed(deciding.approved_now(servers, now=now)))
    record = clients.record(servers, now=now)
    page = {
        "origin": settings.ORIGIN,
        "feed": settings.FEED,
        "in_feed": sum(1 for entry in listed if not entry.left_out),
        "not_in_feed": [entry for entry in listed if entry.left_out],
        "ended": lists.first(deciding.ended_by_now(servers, now=now), _MOST_ENDED),
        "files": clients.FILES,
        "record": record,
        "askers": Asker.objects.seen_by(request.user).select_related("token__user")[:_MOST_ASKERS],
        "section": "policy-list",
    }
    return render(request, "policies/doors.html", page)
