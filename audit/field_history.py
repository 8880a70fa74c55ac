"""The field history of a row: what django-auditlog kept of its changes, and of those of its parts, as its card says."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from auditlog.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model, Q, QuerySet

from audit import diffs
from riskregister import nouns
from riskregister.nouns import FieldHistory, Noun

_Parts = Callable[[Noun], "QuerySet[Any]"]
# Of each kind, the newest: a vendor has some ten contacts, an assessment 59 answers.
PARTS_READ = 500
_ACTIONS = {LogEntry.Action.CREATE: "created", LogEntry.Action.UPDATE: "updated", LogEntry.Action.DELETE: "deleted"}


@dataclass(frozen=True, slots=True)
class Change:
    """A field with its values before and after, as text; None where it had none."""

    field: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Entry:
    """What somebody changed in one row at one moment; `action` is created, updated or deleted."""

    id: int
    at: datetime
    actor_kind: str
    actor: str
    action: str
    object_type: str
    object_id: str
    object_label: str
    correlation_id: str | None
    changes: tuple[Change, ...]


def of(row: Model) -> "QuerySet[Any]":
    """Return the field-level entries of a row and of its parts that are there, newest first."""
    return _entries(row, _all)


def shown_to(user: Any, row: Model) -> "QuerySet[Any]":
    """Return the same, without those of parts that somebody who sees the row does not see."""
    return _entries(row, lambda noun: noun.visible(user) if noun.visible else _all(noun))


def _all(noun: Noun) -> "QuerySet[Any]":
    return noun.model._base_manager.all()


def _entries(row: Model, parts_in: _Parts) -> "QuerySet[Any]":
    wanted = Q(pk__in=())
    for model, keys in _with_parts(type(row), [row.pk], parts_in):
        kind = ContentType.objects.get_for_model(model)
        wanted |= Q(content_type=kind, object_pk__in=[str(key) for key in keys])
    rows: QuerySet[Any] = LogEntry.objects.filter(wanted)
    return rows.select_related("content_type").order_by("-timestamp", "-id")


def read(entries: Sequence[LogEntry]) -> list[Entry]:
    """Return what entries say, each of a row by what its card calls it, without the values of fields that it hides."""
    named = _named(entries)
    return [_read(entry, named.get(entry.object_pk) or entry.object_repr) for entry in entries]


def _read(entry: LogEntry, label: str) -> Entry:
    model = entry.content_type.model_class()
    additional = entry.additional_data or {}
    return Entry(
        id=entry.pk,
        at=entry.timestamp,
        actor_kind=additional.get("actor_kind", ""),
        actor=additional.get("actor", ""),
        action=_ACTIONS.get(entry.action, ""),
        object_type=f"{entry.content_type.app_label}.{entry.content_type.model}",
        object_id=entry.object_pk,
        object_label=label,
        correlation_id=entry.cid or None,
        changes=tuple(_changes(entry.changes or {}, _kept(model))),
    )


def _named(entries: Sequence[LogEntry]) -> dict[str, str]:
    """Return what rows are called, by their keys, whose cards say that it is not what they hold."""
    named: dict[str, str] = {}
    for model in {entry.content_type.model_class() for entry in entries}:
        if model and (path := _kept(model).called):
            keys = {entry.object_pk for entry in entries if entry.content_type.model_class() is model}
            rows = model._base_manager.filter(pk__in=keys).values_list("pk", path.replace(".", "__"))
            named |= {str(key): label for key, label in rows}
    return named


def _with_parts(model: type[Model], keys: list[Any], parts_in: _Parts) -> Iterator[tuple[type[Model], list[Any]]]:
    yield model, keys
    for noun in nouns.cards():
        if nouns.owner(noun) is model:
            whose = {f"{noun.of.replace('.', '__')}__in": keys}
            parts = parts_in(noun).filter(**whose).order_by("-pk")
            if found := list(parts.values_list("pk", flat=True)[:PARTS_READ]):
                yield from _with_parts(noun.model, found, parts_in)


def _kept(model: type[Model] | None) -> FieldHistory:
    noun = nouns.known(model) if model else None
    return (noun and noun.field_history) or FieldHistory()


def _changes(changes: dict[str, Any], kept: FieldHistory) -> Iterator[Change]:
    for name, pair in changes.items():
        if name in kept.leaves_out or not (isinstance(pair, list) and len(pair) == 2):
            continue
        hide = diffs.mask if name in kept.hides else str
        before, after = (None if value in (None, "", "None") else hide(value) for value in pair)
        if before != after or name in kept.hides:
            yield Change(name, before, after)
