"""Events (append-only), their outbox, and the human numbers that records carry."""

from typing import Any

from django.db import connection, models

from riskregister.ids import uuid7


class Event(models.Model):
    """Something that happened, said once in the transaction that made it true; never changed or deleted (triggers).

    `body` is canonical JSON of everything that was said, `digest` its SHA-256, so that a later seal can link the rows.
    The actor and the object are kept by kind, id and label, without foreign keys.
    """

    class Scope(models.TextChoices):
        """Who may read it: members of the unit, everybody who has signed in, or administrators and auditors of all."""

        UNIT = "unit"
        ORGANISATION = "organisation"
        ADMINISTRATION = "administration"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    verb = models.CharField(max_length=60)
    at = models.DateTimeField()
    scope = models.CharField(max_length=20, choices=Scope)
    unit_id = models.UUIDField(null=True)
    object_type = models.CharField(max_length=40)
    object_id = models.UUIDField()
    object_label = models.CharField(max_length=250)
    concerns_id = models.UUIDField(null=True)
    actor_kind = models.CharField(max_length=20)
    actor_id = models.CharField(max_length=64, blank=True)
    actor_label = models.CharField(max_length=250)
    correlation_id = models.UUIDField(null=True)
    reason = models.TextField(blank=True)
    body = models.TextField()
    digest = models.CharField(max_length=64)

    class Meta:
        ordering = ("-at", "-id")
        indexes = (
            models.Index(fields=["object_id", "-at"], name="event_by_object"),
            models.Index(fields=["concerns_id", "-at"], name="event_by_concern"),
            models.Index(fields=["unit_id", "-at", "-id"], name="event_by_unit"),
            models.Index(fields=["-at", "-id"], name="event_by_time"),
            # Events of a verb are counted without reading the rows, which are wide.
            models.Index(fields=["verb", "-at", "scope", "unit_id"], name="event_by_verb"),
        )
        constraints = (
            models.CheckConstraint(
                name="a_unit_event_names_its_unit",
                condition=~models.Q(scope="unit") | models.Q(unit_id__isnull=False),
            ),
        )

    def __str__(self) -> str:
        """Return verb and object, e.g. "finding.closed F-7"."""
        return f"{self.verb} {self.object_label}"


class Outbox(models.Model):
    """An event that somebody may have to be told of; `relayed_at` is set in the transaction that made the alerts."""

    event: models.OneToOneField[Event, Event] = models.OneToOneField(
        Event, primary_key=True, on_delete=models.PROTECT, related_name="outbox"
    )
    relayed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (models.Index(fields=["event"], name="outbox_unsent", condition=models.Q(relayed_at__isnull=True)),)

    def __str__(self) -> str:
        """Return the event's id."""
        return str(self.event_id)


class Numbering(models.Model):
    """The last human number given out under a prefix; numbers are never reused."""

    prefix = models.CharField(max_length=4, primary_key=True)
    last = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        """Return the last number as people read it."""
        return f"{self.prefix}-{self.last}"


def take_numbers(prefix: str, count: int) -> range:
    """Return the next `count` numbers of a prefix; call it inside the transaction that uses them."""
    last = _count_on(prefix, count)
    if last is None:
        Numbering.objects.bulk_create([Numbering(prefix=prefix, last=0)], ignore_conflicts=True)
        last = _count_on(prefix, count) or count
    return range(last - count + 1, last + 1)


def _count_on(prefix: str, count: int) -> int | None:
    """Return the last number after counting on; None for a prefix never used. One statement, on both engines."""
    table = Numbering._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET last = last + %s WHERE prefix = %s RETURNING last", [count, prefix])  # noqa: S608
        row = cursor.fetchone()
    return row[0] if row else None


class Numbered(models.Model):
    """A record that people call by a number, e.g. F-1042; subclasses set NUMBER_PREFIX."""

    NUMBER_PREFIX = ""
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    number = models.PositiveBigIntegerField(unique=True, editable=False)

    class Meta:
        abstract = True

    @property
    def ref(self) -> str:
        """Return the number as people read it, e.g. "F-1042"."""
        return self.ref_of(self.number)

    @classmethod
    def ref_of(cls, number: int) -> str:
        """Return how people read that number of a record of this kind."""
        return f"{cls.NUMBER_PREFIX}-{number}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Give a new record its number, then save it."""
        if not self.number:
            self.number = take_numbers(self.NUMBER_PREFIX, 1)[0]
        super().save(*args, **kwargs)
