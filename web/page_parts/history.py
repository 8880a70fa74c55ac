"""Events as people read them: the rows of the history component, and the words of the trail."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from accounts import access
from accounts.models import User
from audit.events import is_often, words
from audit.models import Event
from web.page_parts import field_history, lists

SHOWN = 20
# Beside other cards of an overview; the history has a page of its own.
LATEST = 6
_NAMED = 3
# Enough to fill a history after the steps that people take many times in a row are told once.
_READ = 400
# Of an event the line that tells it needs these alone.
_TOLD = ("verb", "at", "object_id", "object_label", "actor_label", "reason")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a history."""

    sentence: str
    actor: str
    at: datetime
    reason: str
    note: str


def of(user: User, obj: models.Model, *, limit: int = SHOWN) -> list[Line]:
    """Return what happened to an object, newest first, as at most `limit` rows of components/history.html."""
    lines = [_told(list(events), obj.pk) for _key, events in groupby(about(user, obj.pk)[:_READ], key=_occasion)]
    return lines[:limit]


def shown(user: User, obj: models.Model) -> dict[str, Any]:
    """Return the parameters of components/history.html for an object."""
    return {"events": of(user, obj), "history_url": url(obj), "fields_url": field_history.url(obj)}


def url(obj: models.Model) -> str:
    """Return the address of the whole history of an object, for the component's `all_url`."""
    return f"{reverse('web:trail')}?{urlencode({'about': str(obj.pk)})}"


def about(user: User, pk: Any) -> models.QuerySet[Event]:
    """Return the events that the person may read about an object, or that its page shows too."""
    return access.visible_events(user).filter(Q(object_id=pk) | Q(concerns_id=pk)).only(*_TOLD)


def moments(obj: models.Model, verbs: Iterable[str]) -> dict[str, datetime]:
    """Return when each of these happened to an object that is shown, the last time; without what did not."""
    found = Event.objects.filter(object_id=obj.pk, verb__in=list(verbs)).order_by("at", "id")
    return dict(found.values_list("verb", "at"))


def _occasion(event: Event) -> tuple[object, ...]:
    """Return what neighbouring events share that are told in one line: step, person and day, or the event alone."""
    if is_often(event.verb) and not event.reason:
        return event.verb, event.actor_label, timezone.localdate(event.at)
    return (event.pk,)


def _told(events: list[Event], pk: Any) -> Line:
    line = _line(events[0], pk)
    if len(events) == 1:
        return line
    return replace(line, sentence=f"{words(events[0].verb)}, {len(events)} times", note=_named(events, pk))


def _named(events: list[Event], pk: Any) -> str:
    """Return what the events are about, each once, the first three by name; empty when it is the object itself."""
    names = list(dict.fromkeys(event.object_label for event in events if event.object_id != pk))
    return lists.named(names, most=_NAMED)


def _line(event: Event, pk: Any) -> Line:
    word = words(event.verb)
    sentence = word if event.object_id == pk else f"{word}: {event.object_label}"
    return Line(sentence, event.actor_label, event.at, event.reason, "")
