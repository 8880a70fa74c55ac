"""The human numbers that records carry."""

from typing import Any

from django.db import connection, models

from riskregister import nouns
from riskregister.ids import uuid7


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
    """A record that people call by a number, e.g. F-1042; its card says the prefix."""

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
        return f"{nouns.card(cls).prefix}-{number}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Give a new record its number, then save it."""
        if not self.number:
            self.number = take_numbers(nouns.card(self).prefix, 1)[0]
        super().save(*args, **kwargs)
