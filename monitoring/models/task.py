"""What collectors that run apart are to do for a run: who took it, and what was brought."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Length, Now
from django.db.models.lookups import LessThanOrEqual

from monitoring.models.run import Collector, Run
from riskregister import limits


class Task(models.Model):
    """What a collector that runs apart is to do for a run, until what it brought is taken in: plain data, and never a
    credential.
    """

    run = models.OneToOneField(Run, on_delete=models.PROTECT, primary_key=True, related_name="task")
    collector = models.CharField(max_length=20, choices=Collector)
    asks = models.TextField(help_text="where to look and what for, as canonical JSON")
    asked_at = models.DateTimeField()

    def __str__(self) -> str:
        """Return what it is for."""
        return str(self.run)


class Claim(models.Model):
    """That a collector has taken a task for the first, second or third time; the moment is the database's."""

    MOST = 3

    id = models.UUIDField(primary_key=True, editable=False)
    task = models.ForeignKey(Task, on_delete=models.PROTECT, related_name="claims")
    attempt = models.PositiveSmallIntegerField()
    claimed_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["task", "attempt"], name="a_task_is_claimed_once_at_a_time"),
            models.CheckConstraint(name="a_task_is_claimed_three_times_at_most", condition=Q(attempt__range=(1, 3))),
        )

    def __str__(self) -> str:
        """Return which attempt it is."""
        return f"{self.task_id} {self.attempt}"


class Brought(models.Model):
    """What a collector brought for its claim, as it wrote it: a stranger's text until the register has read it."""

    LONGEST = 16 * limits.MIB

    claim = models.OneToOneField(Claim, on_delete=models.PROTECT, primary_key=True, related_name="brought")
    text = models.TextField()
    digest = models.CharField(max_length=64)
    brought_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="what_is_brought_is_not_too_long", condition=LessThanOrEqual(Length("text"), 16 * limits.MIB)
            ),
        )

    def __str__(self) -> str:
        """Return its digest."""
        return self.digest
