"""The trail: events are recorded in the transaction that made them true."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import models, transaction

from audit import authenticity, bound_rows, context, events
from audit.models import Event, Outbox
from riskregister import nouns
from riskregister.canonical import canonical, digest
from riskregister.unit_of_work import at_end, may_be_taken_back, unit_of_work

Follower = Callable[[models.Model, models.Model | None, datetime], None]
_followers: list[Follower] = []
# So many rows a statement: beside each other they wait for the database once.
_AT_ONCE = 500


def when_recorded(follower: Follower) -> None:
    """Let `follower` be called, in its transaction, with what an event is about, what that concerns, and its moment."""
    if follower not in _followers:
        _followers.append(follower)


def record(
    verb: str,
    obj: models.Model,
    *,
    by: Any,
    at: datetime,
    reason: str = "",
    is_part: bool = False,
    rows: Collection[models.Model] = (),
    gone: Collection[str] = (),
    **data: Any,
) -> Event:
    """Write the event "`verb` happened to `obj`" and its outbox row; call it inside the step's transaction.

    All events of a unit of work are written together at its end: each has its key and its digest at once.
    `by` is a person or an Actor; `is_part` says that the mail about another event of the same step tells of it. `rows`
    are further rows that it is about, `gone` the keys (`bound_rows.key`) of those that it took away. `data` is what the
    event's declaration asks for, and is kept in the body. Who may read it, and on whose page it is shown too, says the
    object's card. Raises RuntimeError outside a transaction: an event must never be true without its change;
    events.Undeclared and events.DataInvalid for what no room declared; LookupError for an object without card.
    """
    event = _made(verb, obj, by=by, at=at, reason=reason, rows=rows, gone=gone, data=data)
    _write_at_end(Outbox(event=event, is_part=is_part))
    _follow(obj, at=at)
    return event


def record_all(verb: str, rows: Sequence[tuple[models.Model, Mapping[str, Any]]], *, by: Any, at: datetime) -> None:
    """Write the same event of many rows, of each with its data, as `record` does of one."""
    with unit_of_work():
        for obj, data in rows:
            record(verb, obj, by=by, at=at, **data)


def _made(
    verb: str,
    obj: models.Model,
    *,
    by: Any,
    at: datetime,
    data: Mapping[str, Any],
    reason: str = "",
    rows: Collection[models.Model] = (),
    gone: Collection[str] = (),
) -> Event:
    """Return the event as it is to be written. Raises as `record` does."""
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError(f"{verb} must be recorded in the transaction of its change.")
    checked = events.of(verb).checked(data)
    actor = context.actor_of(by)
    here = context.occasion()
    unit_id, concerns = nouns.unit_of(obj), nouns.subject_of(obj)
    event = Event(
        verb=verb,
        at=at,
        scope=_scope(nouns.card(obj), unit_id),
        unit_id=unit_id,
        object_type=obj._meta.label_lower,
        object_id=obj.pk,
        object_label=str(obj)[:250],
        concerns_id=concerns.pk if concerns else None,
        actor_kind=actor.kind,
        actor_id=actor.id,
        actor_label=actor.label[:250],
        correlation_id=here.correlation_id if here else None,
        reason=reason,
    )
    states = {**bound_rows.states((obj, *rows)), **dict.fromkeys(gone)}
    event.body = canonical(columns_of(event) | {"data": checked, "rows": states})
    event.digest = digest(event.body)
    event.mac = authenticity.code_of(event.body)
    return event


def _write_at_end(outbox: Outbox) -> None:
    if may_be_taken_back():
        _write([outbox])
    else:
        at_end("events", outbox, _write, after_others=True)


def _write(rows: list[Outbox]) -> None:
    Event.objects.bulk_create([row.event for row in rows], batch_size=_AT_ONCE)
    Outbox.objects.bulk_create(rows, batch_size=_AT_ONCE)


def _follow(obj: models.Model, *, at: datetime) -> None:
    concerns = nouns.subject_of(obj)
    for follower in _followers:
        follower(obj, concerns, at)


def columns_of(event: Event) -> dict[str, Any]:
    """Return what the columns of an event say, as its body says it beside the data and the rows."""
    return {
        "id": str(event.pk),
        "verb": event.verb,
        "at": event.at.astimezone(UTC).isoformat(),
        "scope": str(event.scope),
        "unit": _text(event.unit_id),
        "object": {"type": event.object_type, "id": str(event.object_id), "label": event.object_label},
        "concerns": _text(event.concerns_id),
        "actor": {"kind": event.actor_kind, "id": event.actor_id, "label": event.actor_label},
        "correlation": _text(event.correlation_id),
        "reason": event.reason,
    }


def _text(key: UUID | None) -> str | None:
    return str(key) if key else None


def _scope(noun: nouns.Noun, unit_id: UUID | None) -> Event.Scope:
    if noun.is_administrative:
        return Event.Scope.ADMINISTRATION
    if unit_id:
        return Event.Scope.UNIT
    return Event.Scope.ALL_UNITS if noun.is_of_all_units else Event.Scope.ORGANISATION
