"""What an event is about, as its card says: where its alerts lead, and who holds which place."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.apps import apps
from django.db import models
from django.utils import timezone

from accounts.models import User
from alerts.recipients.routing import Facts
from audit import events
from audit.models import Event
from riskregister import nouns


@dataclass(frozen=True, slots=True)
class Subject:
    """The row that an event is about, and the people who may not do what waits there."""

    row: models.Model
    barred: Collection[UUID] = ()

    @property
    def opens(self) -> models.Model:
        """Return the object whose page an alert leads to."""
        return nouns.opened_by(self.row)

    @property
    def unit_id(self) -> UUID | None:
        """Return the unit whose people are meant by a role, None for the whole organisation."""
        return nouns.unit_of(self.row)

    def holders(self, place: str) -> list[User]:
        """Return who holds a place in it."""
        return nouns.holders(self.row, place)[1]

    def held(self, place: str) -> str:
        """Return what those who hold a place call that of which they hold it."""
        return nouns.card(nouns.holders(self.row, place)[0]).word


def find(event: Event) -> Subject | None:
    """Return what the event is about; None when it is gone."""
    row = apps.get_model(event.object_type)._base_manager.filter(pk=event.object_id).first()
    if row is None:
        return None
    tell = events.of(event.verb).tell
    return Subject(row, tell.barred(row) if tell else ())


def facts(event: Event, subject: Subject) -> Facts:
    """Return what the alerts of an event say."""
    kind, row = events.of(event.verb), subject.row
    tell, data = kind.tell, kind.typed(event.data)
    day = (tell.due_on if tell else "") or nouns.card(row).due_on
    return Facts(
        label=event.object_label,
        today=timezone.localdate(event.at),
        subject=str(nouns.subject_of(row) or event.object_label),
        opens=str(subject.opens),
        actor=event.actor_label,
        reason=event.reason,
        due_on=nouns.follow(row, day) if day else None,
        data=data,
        is_part=event.outbox.is_part,
        also=tell.also(row, data) if tell else (),
    )
