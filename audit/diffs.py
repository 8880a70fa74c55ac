"""Field-level diffs by django-auditlog, with the actor, address and correlation id of the occasion."""

from typing import Any

from auditlog.models import LogEntry
from auditlog.registry import auditlog
from django.db.models import Model
from django.db.models.signals import pre_save

from audit import context
from riskregister import transitions


def connect() -> None:
    """Name the actor of each field-level entry when it is written."""
    pre_save.connect(_name_actor, sender=LogEntry, dispatch_uid="audit.name_actor")
    transitions.before_each_change(note_change)


def note_change(obj: Model, changes: dict[str, Any]) -> None:
    """Write the field-level entry of a conditional UPDATE, which django-auditlog cannot see."""
    if not auditlog.contains(type(obj)):
        return
    shown = {name: [_text(getattr(obj, name)), _text(value)] for name, value in changes.items()}
    entry = {name: pair for name, pair in shown.items() if pair[0] != pair[1]}
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
