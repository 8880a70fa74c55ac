"""The trail: events are recorded in the transaction that made them true."""

import uuid
from datetime import UTC, datetime
from typing import Any

from django.db import models, transaction

from audit import context, events
from audit.models import Event, Outbox
from riskregister.canonical import canonical, digest


def record(
    verb: str,
    obj: models.Model,
    *,
    by: Any,
    at: datetime,
    reason: str = "",
    unit_id: uuid.UUID | None = None,
    concerns: models.Model | None = None,
    administrative: bool = False,
    is_part: bool = False,
    **data: Any,
) -> Event:
    """Write the event "`verb` happened to `obj`" and its outbox row; call it inside the step's transaction.

    `by` is a person or an Actor; `unit_id` limits who may read the event (default: the object's own `unit_id`, else the
    whole organisation; `administrative`: administrators and auditors of all); `concerns` is the server or vendor whose
    page shows it too; `is_part` says that the mail about another event of the same step tells of it. `data` is what
    the event's declaration asks for, and is kept in the body. Raises RuntimeError outside a transaction: an event must
    never be true without its change; events.Undeclared and events.DataInvalid for what no room declared.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError(f"{verb} must be recorded in the transaction of its change.")
    data = events.of(verb).checked(data)
    actor = context.actor_of(by)
    here = context.occasion()
    unit_id = unit_id or getattr(obj, "unit_id", None)
    said = {
        "verb": verb,
        "at": at.astimezone(UTC).isoformat(),
        "object": {"type": obj._meta.label_lower, "id": str(obj.pk), "label": str(obj)[:250]},
        "actor": {"kind": actor.kind, "id": actor.id, "label": actor.label},
        "reason": reason,
        "data": data,
    }
    body = canonical(said)
    event = Event(
        verb=verb,
        at=at,
        scope=_scope(unit_id, administrative=administrative),
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
        body=body,
        digest=digest(body),
    )
    event.save(force_insert=True)
    Outbox(event=event, is_part=is_part).save(force_insert=True)
    return event


def _scope(unit_id: uuid.UUID | None, *, administrative: bool) -> Event.Scope:
    if administrative:
        return Event.Scope.ADMINISTRATION
    return Event.Scope.UNIT if unit_id else Event.Scope.ORGANISATION
