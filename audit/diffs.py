"""Field-level diffs by django-auditlog, with the actor, address and correlation id of the occasion."""

from datetime import UTC
from typing import Any

from auditlog.models import LogEntry
from auditlog.registry import auditlog
from django.db.models import Model
from django.db.models.signals import pre_save

from audit import authenticity, context
from riskregister import nouns, transitions
from riskregister.canonical import canonical


def connect() -> None:
    """Keep the field history of every noun whose card asks for it, and name the actor of each entry."""
    for noun in nouns.cards():
        if kept := noun.field_history:
            # By name: otherwise a new row's entry tells of all relations that lead to it, too.
            names = {one.name for one in noun.model._meta.concrete_fields} - {"id", *kept.leaves_out}
            auditlog.register(noun.model, include_fields=sorted(names), mask_fields=list(kept.hides))
    pre_save.connect(_name_actor, sender=LogEntry, dispatch_uid="audit.name_actor")
    transitions.before_each_change(note_change)


def note_change(obj: Model, changes: dict[str, Any]) -> None:
    """Write the field-level entry of a conditional UPDATE, which django-auditlog cannot see."""
    kept = nouns.card(obj).field_history if auditlog.contains(type(obj)) else None
    if kept is None:
        return
    shown = {name: [_text(getattr(obj, name)), _text(value)] for name, value in changes.items()}
    entry = {
        name: [mask(one) for one in pair] if name in kept.hides else pair
        for name, pair in shown.items()
        if pair[0] != pair[1] and name not in kept.leaves_out
    }
    LogEntry.objects.log_create(obj, force_log=True, changes=entry, action=LogEntry.Action.UPDATE)


def _text(value: object) -> str:
    return "None" if value is None else str(value)


def mask(value: str) -> str:
    """Return what an entry shows in place of a secret."""
    return "(hidden)"


def _name_actor(sender: type[Model], instance: LogEntry, **kwargs: Any) -> None:
    here = context.occasion()
    actor = context.actor()
    instance.actor_id = actor.person_id or None
    instance.additional_data = (instance.additional_data or {}) | {"actor_kind": actor.kind, "actor": actor.label}
    if here:
        instance.remote_addr = here.address
        instance.cid = str(here.correlation_id)
    sign(instance)


def sign(entry: LogEntry) -> None:
    """Give a field-level entry that is not written yet the code of what it says now."""
    entry.additional_data = (entry.additional_data or {}) | {"code": authenticity.code_of(canonical(content_of(entry)))}


def content_of(entry: LogEntry) -> dict[str, Any]:
    """Return what a field-level entry says, without its id and without the code that shows who wrote it."""
    also = {name: value for name, value in (entry.additional_data or {}).items() if name != "code"}
    kind = entry.content_type
    return {
        "at": entry.timestamp.astimezone(UTC).isoformat(),
        "object": {"type": f"{kind.app_label}.{kind.model}", "id": str(entry.object_pk), "label": entry.object_repr},
        "number": entry.object_id,
        "action": entry.action,
        "changes": entry.changes,
        "changes_text": entry.changes_text,
        "serialized": entry.serialized_data,
        "person": str(entry.actor_id) if entry.actor_id else None,
        "address": entry.remote_addr,
        "port": entry.remote_port,
        "mail": entry.actor_email,
        "correlation": entry.cid,
        "also": also,
    }
