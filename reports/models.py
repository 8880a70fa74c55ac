"""Reports: what was asked for, the frozen data, and the issued PDF parts."""

from typing import Any, Self

from django.db import models
from django.db.models import Q

from accounts import access
from accounts.access import ScopedQuerySet
from accounts.models import Unit, User
from assessments.models import Assessment
from evidence import filetypes
from evidence.models import Blob
from numbering.models import Numbered
from riskregister import transitions
from riskregister.ids import uuid7


class ReportQuerySet(ScopedQuerySet["Report"]):
    """Reports whose whole content a person may see: the register of the whole organisation needs a role in all of it,
    the assessment of a vendor any.
    """

    def visible_to(self, user: Any) -> Self:
        """Return the reports on the person's units, and those on vendors."""
        here = access.of(user)
        if here.sees_all_units:
            return self
        mine = Q(unit_id__in=here.unit_ids) | Q(kind="vendor")
        return self.filter(mine) if here.is_member else self.none()


class Report(Numbered):
    """A report that was asked for; once issued, its data and its parts never change."""

    class Kind(models.TextChoices):
        """What it reports on."""

        ASSESSMENT = "assessment", "Assessment of a server"
        VENDOR = "vendor", "Assessment of a vendor"
        REGISTER = "register", "Risk register"

    class Status(models.TextChoices):
        """Where it is."""

        REQUESTED = "requested"
        RENDERING = "rendering"
        ISSUED = "issued"
        FAILED = "failed"
        WITHDRAWN = "withdrawn"

    UNDER_WAY = (Status.REQUESTED, Status.RENDERING)
    TRANSITIONS = transitions.table(
        requested="rendering failed", rendering="issued failed rendering", failed="requested", issued="withdrawn"
    )

    kind = models.CharField(max_length=12, choices=Kind)
    unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="reports", help_text="empty: all units"
    )
    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, null=True, blank=True, related_name="reports")
    since = models.DateField(
        null=True, blank=True, help_text="first day of a register's period; empty: 90 days before it is read"
    )
    title = models.CharField(max_length=200)
    status = models.CharField(max_length=10, choices=Status, default=Status.REQUESTED)
    as_of = models.DateTimeField()
    data = models.TextField(blank=True, help_text="everything it prints, as canonical JSON")
    data_digest = models.CharField(max_length=64, blank=True)
    requested_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    requested_at = models.DateTimeField()
    awaited_by = models.ManyToManyField(User, related_name="+", help_text="who asked for it beside the first")
    issued_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True)
    withdrawn_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    withdrawn_reason = models.TextField(blank=True)

    objects = ReportQuerySet.as_manager()

    class Meta:
        ordering = ("-number",)
        indexes = (
            models.Index(fields=["status"], name="report_by_status"),
            models.Index(fields=["issued_at", "number"], name="report_by_issue"),
        )
        constraints = (
            models.CheckConstraint(
                name="an_assessment_report_names_its_assessment_and_unit",
                condition=~Q(kind="assessment") | Q(assessment__isnull=False, unit__isnull=False),
            ),
            models.CheckConstraint(
                name="a_vendors_report_names_its_assessment_and_no_unit",
                condition=~Q(kind="vendor") | Q(assessment__isnull=False, unit__isnull=True),
            ),
            models.CheckConstraint(
                name="an_issued_report_has_its_data",
                condition=~Q(status__in=["issued", "withdrawn"]) | ~Q(data_digest="") & Q(issued_at__isnull=False),
            ),
        )

    @property
    def covers(self) -> str:
        """Return on what of the organisation it reports, in words."""
        if self.unit:
            return self.unit.name
        return "The whole organisation" if self.kind == self.Kind.VENDOR else "All units"

    def __str__(self) -> str:
        """Return number and title."""
        return f"{self.ref} {self.title}"


class ReportPart(models.Model):
    """One PDF of a report; a register is split into parts of at most 2,000 findings."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="parts")
    position = models.PositiveSmallIntegerField()
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="+")
    file_name = models.CharField(max_length=120)
    pages = models.PositiveIntegerField()

    class Meta:
        ordering = ("report", "position")
        constraints = (models.UniqueConstraint(fields=["report", "position"], name="a_part_is_issued_once"),)

    def __str__(self) -> str:
        """Return the file name."""
        return self.file_name

    @property
    def media_type(self) -> str:
        """Return the media type of its file, by its name."""
        return filetypes.media_type_of(self.file_name)
