"""Assessments, who edited them, and the frozen snapshot."""

import json
from datetime import date
from typing import Any, Self, cast

from django.db import models
from django.db.models import F, Q
from django.utils.functional import cached_property

from accounts.access import SharedQuerySet
from accounts.models import Unit, User
from catalogue.models import MethodologyVersion, QuestionSet
from numbering.models import Numbered
from riskregister import transitions
from riskregister.ids import uuid7
from riskregister.refusals import Refused
from scoring import assurance, scoresheet
from vendors.models import Release, Server, Vendor


class NotOfAServer(Refused):
    """This holds for assessments of servers alone, and this one is of a vendor."""


class AssessmentQuerySet(SharedQuerySet["Assessment"]):
    """Assessments of the units a person works in, and those of vendors, which everybody shares."""

    def of_vendors(self) -> Self:
        """Return the assessments that judge a vendor, and no server."""
        return self.filter(server__isnull=True)


class Assessment(Numbered):
    """One judgement at one time, of a server at its release and manifest or of a vendor; frozen from final on
    (triggers).

    One of a server belongs to its unit and names its publisher as `vendor`; one of a vendor has neither server, release
    nor unit.
    """

    class Kind(models.TextChoices):
        """Why it is made."""

        INITIAL = "initial"
        PERIODIC = "periodic"
        TRIGGERED = "triggered"

    class Status(models.TextChoices):
        """Where it is."""

        DRAFT = "draft"
        SUBMITTED = "submitted"
        FINAL = "final"
        SUPERSEDED = "superseded"
        CANCELLED = "cancelled"

    # Somebody is still to answer or to decide.
    WAITING = (Status.DRAFT, Status.SUBMITTED)
    TRANSITIONS = transitions.table(draft="submitted cancelled", submitted="draft final", final="superseded")

    unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="assessments", help_text="of the server"
    )
    server = models.ForeignKey(
        Server, on_delete=models.PROTECT, null=True, blank=True, related_name="assessments",
        help_text="what is judged; empty: the vendor is",
    )  # fmt: skip
    vendor = models.ForeignKey(Vendor, on_delete=models.PROTECT, null=True, blank=True, related_name="assessments")
    release = models.ForeignKey(Release, on_delete=models.PROTECT, null=True, blank=True, related_name="assessments")
    manifest_digest = models.CharField(max_length=64, blank=True)
    question_set = models.ForeignKey(QuestionSet, on_delete=models.PROTECT, related_name="assessments")
    methodology = models.ForeignKey(MethodologyVersion, on_delete=models.PROTECT, related_name="assessments")
    kind = models.CharField(max_length=10, choices=Kind)
    status = models.CharField(max_length=10, choices=Status, default=Status.DRAFT)
    facts = models.JSONField(default=dict, help_text="what decides which questions apply")
    depth = models.PositiveSmallIntegerField(default=1, help_text="down to which depth its questions are asked")
    known = models.JSONField(default=dict, help_text="what the register knows beside its answers, by their keys")
    assignee = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="assigned")
    due_on = models.DateField(null=True, blank=True)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    submitted_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    submitted_at = models.DateTimeField(null=True, blank=True)
    former_answers_digest = models.CharField(max_length=64, blank=True, help_text="of the submission before this one")
    answers_digest = models.CharField(max_length=64, blank=True, help_text="of the answers as submitted")
    returned_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    return_reason = models.TextField(blank=True)
    is_demo = models.BooleanField(default=False, editable=False)
    accepted_dimensions = models.JSONField(
        default=list, blank=True, help_text="dimensions rated although much of them is not applicable"
    )
    finalised_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    finalised_at = models.DateTimeField(null=True, blank=True)

    objects = AssessmentQuerySet.as_manager()

    class Meta:
        ordering = ("-number",)
        indexes = (
            models.Index(fields=["unit", "status"], name="assessment_by_unit_status"),
            models.Index(fields=["status", "due_on"], name="assessment_by_due"),
            models.Index(fields=["due_on", "-number"], name="assessment_by_day"),
            models.Index(fields=["submitted_at", "number"], name="assessment_by_submission"),
            models.Index(fields=["kind"], name="assessment_by_kind"),
            models.Index(fields=["-created_at", "-id"], name="assessment_by_age"),
        )
        constraints = (
            models.UniqueConstraint(
                fields=["server"],
                name="a_server_has_one_open_assessment",
                condition=Q(status__in=["draft", "submitted"]),
            ),
            models.UniqueConstraint(
                fields=["vendor"],
                name="a_vendor_has_one_open_assessment",
                condition=Q(status__in=["draft", "submitted"], server__isnull=True),
            ),
            models.CheckConstraint(
                name="an_assessment_is_of_a_server_or_of_a_vendor",
                condition=Q(server__isnull=False, release__isnull=False, unit__isnull=False)
                | Q(server__isnull=True, release__isnull=True, unit__isnull=True, vendor__isnull=False),
            ),
            models.CheckConstraint(
                name="whoever_finalises_did_not_submit",
                condition=Q(finalised_by__isnull=True) | ~Q(finalised_by=F("submitted_by")),
            ),
            models.CheckConstraint(
                name="a_final_assessment_names_who_finalised_it",
                condition=~Q(status__in=["final", "superseded"])
                | Q(finalised_by__isnull=False, finalised_at__isnull=False, submitted_by__isnull=False),
            ),
        )

    @property
    def same_subject(self) -> Q:
        """Return the condition that an assessment judges the same server, or the same vendor."""
        return Q(server=self.server_id) if self.server_id else Q(server__isnull=True, vendor=self.vendor_id)

    def __str__(self) -> str:
        """Return e.g. "A-7 Filesystem 2026.8.31", or of a vendor "A-8 Anthropic"."""
        return " ".join(filter(None, [self.ref, self.title, str(self.release or "")]))

    @property
    def subject(self) -> Server | Vendor:
        """Return what it judges."""
        return self.server or cast(Vendor, self.vendor)

    @property
    def title(self) -> str:
        """Return what people call the server or the vendor that it judges."""
        return self.server.title if self.server else str(self.vendor)

    @property
    def judged_server(self) -> Server:
        """Return the server that it judges. Raises NotOfAServer for one of a vendor."""
        if self.server is None:
            raise NotOfAServer(f"{self.ref} judges a vendor. Only a server is rated, approved and rejected.")
        return self.server

    @property
    def judged_release(self) -> Release:
        """Return the release that it judges. Raises NotOfAServer for one of a vendor."""
        if self.release is None:
            raise NotOfAServer(f"{self.ref} judges a vendor, which has no release.")
        return self.release

    @property
    def subject_owner(self) -> User | None:
        """Return who answers for what it judges: the owner of the server, or of the relationship with the vendor."""
        return self.server.owner if self.server else cast(Vendor, self.vendor).relationship_owner

    @classmethod
    def overdue_on(cls, today: date) -> Q:
        """Return the condition that an assessment waits and its day has passed."""
        return Q(status__in=cls.WAITING, due_on__lt=today)

    @property
    def is_open(self) -> bool:
        """Return whether answers may still change: in draft only."""
        return self.status == self.Status.DRAFT

    @property
    def waits(self) -> bool:
        """Return whether somebody has still to answer or decide, so that its due day matters."""
        return self.status in self.WAITING


class Editor(models.Model):
    """Somebody who edited an answer of an assessment or once submitted it, and cannot finalise it; append-only."""

    assessment = models.ForeignKey(Assessment, on_delete=models.CASCADE, related_name="editors")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = (models.UniqueConstraint(fields=["assessment", "user"], name="an_editor_is_named_once"),)

    def __str__(self) -> str:
        """Return the editor's name."""
        return str(self.user)


class EditingSession(models.Model):
    """That somebody began to edit the answers of an assessment, which is told once for all that they change in it.

    Whoever acts is kept as events have them: a person in a browser and by a token edits in two sessions. Append-only.
    """

    assessment = models.ForeignKey(Assessment, on_delete=models.CASCADE, related_name="editing_sessions")
    actor_id = models.CharField(max_length=64)
    began_at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=["assessment", "actor_id", "-began_at"], name="editing_session_by_actor"),)

    def __str__(self) -> str:
        """Return when it began."""
        return str(self.began_at)


class Snapshot(models.Model):
    """The frozen answers of a final assessment as canonical JSON, with its SHA-256; append-only (triggers)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    assessment = models.OneToOneField(Assessment, on_delete=models.PROTECT, related_name="snapshot")
    body = models.TextField()
    digest = models.CharField(max_length=64)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        """Return the digest's first characters."""
        return self.digest[:12]

    def __getstate__(self) -> dict[str, Any]:
        """Return what a copy gets: the row, without what was only read from it."""
        return {name: value for name, value in super().__getstate__().items() if name not in ("data", "score")}

    @cached_property
    def data(self) -> dict[str, Any]:
        """Return what is frozen; who has just written it need not read it again."""
        data: dict[str, Any] = json.loads(self.body)
        return data

    @cached_property
    def score(self) -> assurance.Score:
        """Return the score, recomputed from the frozen lines. Raises scoresheet.DoesNotRecompute when they disagree."""
        return scoresheet.recompute(self.data["sheet"])
