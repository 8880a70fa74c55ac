"""The page of the fields of an object that changed: who changed which when, from what to what."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import FieldDoesNotExist
from django.db.models import DateField, DateTimeField, Field
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts import access
from audit import field_history
from audit.field_history import Entry
from riskregister import nouns
from riskregister.nouns import Noun
from scoring.deadlines import written
from web.page_parts import object_pages
from web.page_parts.access import MemberRequest, member
from web.page_parts.listing import PER_PAGE
from web.templatetags import ui

_TRUTH = {"True": "Yes", "False": "No"}


@require_safe
@member
def changes(request: MemberRequest, kind: str, pk: UUID) -> HttpResponse:
    """Show the fields of an object and of its parts that changed, newest first."""
    noun = nouns.of_kind(kind)
    if noun is None or not has_page(noun):
        raise Http404
    if noun.is_administrative and not access.of(request.user).reads_administration:
        raise Http404
    row = get_object_or_404(nouns.visible_rows(noun, request.user), pk=pk)
    page = _page_in(request.GET)
    found = list(field_history.shown_to(request.user, row)[(page - 1) * PER_PAGE : page * PER_PAGE + 1])
    shown = {
        "object": row,
        "object_url": object_pages.page_of(request.user, kind, row.pk),
        "entries": [worded(entry) for entry in field_history.read(found[:PER_PAGE])],
        "newer_url": f"?page={page - 1}" if page > 1 else "",
        "older_url": f"?page={page + 1}" if len(found) > PER_PAGE else "",
        "section": "trail",
    }
    return render(request, "trail/fields.html", shown)


def _page_in(query: QueryDict) -> int:
    """Return which page the address asks for: the changes of one row are few."""
    asked = query.get("page", "1")
    return min(max(int(asked), 1), 10_000) if asked.isascii() and asked.isdigit() and len(asked) < 6 else 1


def has_page(noun: Noun) -> bool:
    """Return whether the fields of a noun's rows have a page: they are kept, and it is known who may see them."""
    return noun.field_history is not None and noun.is_seen_by_row


def url(row: Any) -> str:
    """Return the address of the page of a row's fields; empty where they have none."""
    noun = nouns.card(row)
    return reverse("web:field-history", args=[noun.kind, row.pk]) if has_page(noun) else ""


def worded(entry: Entry) -> dict[str, Any]:
    """Return an entry as people read it, for components/changes.html."""
    noun = nouns.of_kind(entry.object_type.rpartition(".")[2])
    return {
        "object": entry.object_label,
        "type": noun.word if noun else entry.object_type,
        "action": entry.action,
        "actor": entry.actor,
        "at": entry.at,
        "fields": [_worded(noun, one) for one in entry.changes],
    }


def _worded(noun: Noun | None, change: field_history.Change) -> tuple[str, str, str]:
    field = _field(noun, change.field)
    name = str(field.verbose_name) if field else change.field
    before, after = (_value(field, text or "") for text in (change.before, change.after))
    return name[:1].upper() + name[1:], before, after


def _value(field: "Field[Any, Any] | None", text: str) -> str:
    if isinstance(field, DateField):
        try:
            return _time(field, text)
        except ValueError:  # nothing, or hidden
            return text
    words = _TRUTH | {str(value): str(word) for value, word in (field.flatchoices if field else ())}
    return words.get(text, text)


def _time(field: "DateField[Any, Any]", text: str) -> str:
    if not isinstance(field, DateTimeField):
        return written(date.fromisoformat(text))
    at = datetime.fromisoformat(text)
    # django-auditlog writes moments in UTC without saying so.
    return ui.to_the_second(at if at.tzinfo else at.replace(tzinfo=UTC))


def _field(noun: Noun | None, name: str) -> "Field[Any, Any] | None":
    try:
        found = noun.model._meta.get_field(name) if noun else None
    except FieldDoesNotExist:
        return None
    return found if isinstance(found, Field) else None
