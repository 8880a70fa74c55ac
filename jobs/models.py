"""A job: work that was promised in a business transaction and must be done once."""

from django.db import models

from riskregister import transitions
from riskregister.ids import uuid7


class Job(models.Model):
    """One piece of promised work. The row is the truth; a broker message only wakes a worker.

    `key` names the occasion, so that the same work is never promised twice; `lease_token` fences off a worker that was
    thought dead; the actor is who asked for it.
    """

    class Status(models.TextChoices):
        """Where the job is."""

        QUEUED = "queued"
        RUNNING = "running"
        DONE = "done"
        DEAD = "dead", "Stopped"

    TRANSITIONS = transitions.table(queued="running", running="done queued dead", dead="queued")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(max_length=60)
    key = models.CharField(max_length=200, unique=True)
    payload = models.JSONField(default=dict)
    status = models.CharField(max_length=10, choices=Status, default=Status.QUEUED)
    run_after = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_token = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    progress = models.PositiveSmallIntegerField(default=0)
    note = models.CharField(max_length=200, blank=True)
    error = models.TextField(blank=True)
    actor_kind = models.CharField(max_length=20)
    actor_id = models.CharField(max_length=64, blank=True)
    actor_label = models.CharField(max_length=250)
    person_id = models.CharField(max_length=64, blank=True)
    correlation_id = models.UUIDField(null=True)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (
            models.Index(fields=["run_after"], name="job_queued", condition=models.Q(status="queued")),
            models.Index(fields=["lease_until"], name="job_leased", condition=models.Q(status="running")),
            models.Index(fields=["status", "-created_at"], name="job_by_status"),
            models.Index(fields=["kind", "-id"], name="job_by_kind"),
        )
        constraints = (
            models.CheckConstraint(
                name="a_running_job_has_a_lease",
                condition=~models.Q(status="running") | models.Q(lease_token__isnull=False, lease_until__isnull=False),
            ),
            models.CheckConstraint(name="progress_is_a_percentage", condition=models.Q(progress__lte=100)),
        )

    def __str__(self) -> str:
        """Return kind and key."""
        return f"{self.kind} ({self.key})"


class DayNotice(models.Model):
    """A day of some row, told ahead, on it or afterwards; one a day and step, so that nobody is told twice."""

    PASSED = "passed"
    LONGEST_WORD = 20

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    word = models.CharField(max_length=LONGEST_WORD)
    object_id = models.UUIDField()
    day = models.DateField()
    step = models.CharField(max_length=10)
    sent_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["object_id", "word", "day", "step"], name="a_day_is_told_once_a_step"),
        )

    def __str__(self) -> str:
        """Return what has the day, and the step."""
        return f"{self.word} {self.day}: {self.step}"
