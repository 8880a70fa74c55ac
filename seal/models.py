"""The tree over the trail, its checkpoints, where they went, and what checks found; nothing of it changes (triggers).

Only `Export` moves: it says how far a target has got.
"""

import json
from typing import Any

from django.db import models
from django.db.models import Q

from riskregister.ids import uuid7


class Leaf(models.Model):
    """An event or a field-level entry at its place in the tree; `hash` is RFC 9162's of what it says.

    Without foreign keys: that an entry is gone must be found, not refused in the name of the seal.
    """

    position = models.PositiveBigIntegerField(primary_key=True)
    hash = models.CharField(max_length=64)
    event_id = models.UUIDField(null=True, unique=True)
    change_id = models.BigIntegerField(null=True, unique=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="a_leaf_is_an_event_or_a_change",
                condition=Q(event_id__isnull=False, change_id__isnull=True)
                | Q(event_id__isnull=True, change_id__isnull=False),
            ),
        )

    def __str__(self) -> str:
        """Return the place."""
        return str(self.position)


class Tile(models.Model):
    """The root over 256 leaves, kept so that a proof reads hundreds of rows and not all."""

    number = models.PositiveBigIntegerField(primary_key=True)
    hash = models.CharField(max_length=64)

    def __str__(self) -> str:
        """Return the place among the tiles."""
        return str(self.number)


class Checkpoint(models.Model):
    """What the tree was when it had `size` leaves, signed as a C2SP checkpoint.

    `subtrees` are the roots from which the tree grows on; `last_event` and `last_change` the newest entries in it.
    """

    size = models.PositiveBigIntegerField(primary_key=True)
    root = models.CharField(max_length=64)
    subtrees = models.TextField()
    last_event = models.UUIDField(null=True)
    last_change = models.BigIntegerField(default=0)
    at = models.DateTimeField()
    note = models.TextField()

    class Meta:
        ordering = ("-size",)
        indexes = (models.Index(fields=["at"], name="checkpoint_by_time"),)

    def __str__(self) -> str:
        """Return how many entries it seals."""
        return f"{self.size} entries"


class Stamp(models.Model):
    """That an authority saw a checkpoint at a moment; `answer` is what it said (RFC 3161, DER in base64)."""

    size = models.PositiveBigIntegerField(primary_key=True, help_text="of the checkpoint")
    at = models.DateTimeField()
    asked_at = models.DateTimeField()
    answer = models.TextField()

    class Meta:
        ordering = ("-size",)

    def __str__(self) -> str:
        """Return how many entries were stamped."""
        return f"{self.size} entries"


class Export(models.Model):
    """How far the checkpoints got to a place outside the database, and why not further."""

    target = models.CharField(max_length=20, primary_key=True)
    size = models.PositiveBigIntegerField(default=0)
    tried_at = models.DateTimeField()
    error = models.TextField(blank=True)

    def __str__(self) -> str:
        """Return the place."""
        return self.target


class TrailCheck(models.Model):
    """One check of the whole trail: what was compared, how much waited to be sealed, and what did not hold."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    size = models.PositiveBigIntegerField(help_text="how many entries the tree had")
    waiting = models.PositiveBigIntegerField(help_text="how many were not sealed yet")
    rows = models.PositiveBigIntegerField(help_text="how many rows were compared with their events")
    problem_count = models.PositiveIntegerField()
    problems = models.TextField(help_text="the first of them, as a list in JSON")

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        """Return what came of it."""
        return "the trail holds" if self.holds else f"the trail does not hold: {self.problem_count} problems"

    @property
    def holds(self) -> bool:
        """Return whether everything was as it was said."""
        return not self.problem_count

    @property
    def first_problems(self) -> list[dict[str, Any]]:
        """Return the first problems."""
        found: list[dict[str, Any]] = json.loads(self.problems)
        return found
