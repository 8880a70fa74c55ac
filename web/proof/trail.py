"""The audit trail: who did what, to what, when and why; and what exactly changed."""

import json
from typing import Any
from uuid import UUID

from auditlog.models import LogEntry
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts import access
from accounts.models import User
from audit import field_history as recorded
from audit.events import words
from audit.models import Event
from riskregister.canonical import digest
from web.page_parts import field_history, listing, object_pages
from web.page_parts.access import MemberRequest, member
from web.page_parts.lists import first
from work.trail import EVENTS

DIFFS_SHOWN = 100
OTHERS_SHOWN = 50


@require_safe
@member
def trail(request: MemberRequest) -> HttpResponseBase:
    """Show the events that the person may read."""
    return listing.shown(request, EVENTS, template="trail/index.html", page={"section": "trail"})


@require_safe
@member
def event(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Show one event: its body as stored, its digest, and the fields that changed on the same occasion."""
    seen = access.visible_events(request.user)
    found = get_object_or_404(seen, pk=pk)
    others = seen.filter(correlation_id=found.correlation_id).exclude(pk=pk) if found.correlation_id else seen.none()
    body, entries = json.loads(found.body), diffs(request.user, found, others)
    about = {str(found.object_id), *(key.rpartition(":")[2] for key in body.get("rows", ()))}
    changed = first(entries.filter(object_pk__in=about), DIFFS_SHOWN)
    beside, same = first(entries.exclude(object_pk__in=about), DIFFS_SHOWN), first(others.defer("body"), OTHERS_SHOWN)
    shown = {
        "event": found,
        "words": words(found.verb),
        "body": json.dumps(body, indent=2, ensure_ascii=False),
        "is_intact": digest(found.body) == found.digest,
        "object_url": object_pages.page_of(request.user, found.object_type.rpartition(".")[2], found.object_id),
        "others": [(other, words(other.verb)) for other in same.rows],
        "others_total": same.total,
        "diffs": [field_history.worded(entry) for entry in recorded.read(changed.rows)],
        "diffs_total": changed.total,
        "beside": [field_history.worded(entry) for entry in recorded.read(beside.rows)],
        "beside_total": beside.total,
        "section": "trail",
    }
    return render(request, "trail/event.html", shown)


def diffs(user: User, event: Event, others: QuerySet[Event]) -> QuerySet[Any]:
    """Return the field-level changes of the event's occasion, of the objects that the person's events are about.

    One occasion can be a sweep over all units: whoever sees some units gets the changes of what they see, no others.
    It can be somebody leaving, too: what changed about people is for those who read administrative events.
    """
    if not event.correlation_id:
        return LogEntry.objects.none()  # type: ignore[no-any-return]
    entries: QuerySet[Any] = LogEntry.objects.filter(cid=str(event.correlation_id)).select_related("content_type")
    reader = access.of(user)
    if not reader.reads_administration:
        entries = entries.exclude(content_type__app_label="accounts")
    if not reader.sees_all_units:
        known = {str(pk) for pair in others.values_list("object_id", "concerns_id") for pk in pair if pk}
        mine = known | {str(event.object_id), str(event.concerns_id)}
        entries = entries.filter(object_pk__in=mine)
    return entries.order_by("timestamp", "pk")
