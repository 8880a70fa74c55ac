"""Evidence: immutable blobs by SHA-256, the records that point at them, and the copies that are kept of links."""

from datetime import date

from django.db import models

from accounts.access import SharedQuerySet
from accounts.models import Unit, User
from evidence import filetypes
from numbering.models import Numbered
from riskregister.ids import uuid7


class Blob(models.Model):
    """The bytes of a file, stored once under their SHA-256 and never overwritten.

    What kind of file they are is said by whatever refers to them, by the name that it gives them: the same bytes can be
    a text to one unit and a table to another.
    """

    sha256 = models.CharField(max_length=64, primary_key=True)
    size = models.PositiveBigIntegerField()
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        """Return the digest."""
        return self.sha256


class FileCheck(models.Model):
    """When the file of a blob was last read again, and what was found; a blob without one was not checked yet.

    A row of its own, since a blob never changes.
    """

    class Found(models.TextChoices):
        """What the file was when it was read again."""

        WHOLE = "whole"
        DAMAGED = "damaged"
        MISSING = "missing"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    blob = models.OneToOneField(Blob, on_delete=models.CASCADE, related_name="last_check")
    checked_at = models.DateTimeField()
    found = models.CharField(max_length=10, choices=Found, default=Found.WHOLE)

    class Meta:
        ordering = ("checked_at",)
        indexes = (
            models.Index(fields=["checked_at"], name="file_check_by_time"),
            models.Index(fields=["checked_at"], name="file_check_not_whole", condition=~models.Q(found="whole")),
        )

    def __str__(self) -> str:
        """Return which file was checked."""
        return f"File with the SHA-256 {self.blob_id}"


def has_ended(valid_until: date | None, *, today: date) -> bool:
    """Return whether what is valid until that day (None: it does not run out) is so no more."""
    return valid_until is not None and valid_until < today


class EvidenceQuerySet(SharedQuerySet["Evidence"]):
    """Evidence of a unit, or of the whole organisation where it belongs to none."""


class Evidence(Numbered):
    """A file, a link or a note that a statement rests on."""

    class Kind(models.TextChoices):
        """What it is."""

        FILE = "file"
        LINK = "link"
        NOTE = "note"

    class Issuer(models.TextChoices):
        """Who made it; with the verification it decides the evidence level."""

        VENDOR = "vendor", "The vendor"
        INDEPENDENT = "independent", "An independent party"
        REGISTER = "register", "Collected by the register"
        ORGANISATION = "organisation", "Our own organisation"

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="evidence")
    kind = models.CharField(max_length=10, choices=Kind)
    title = models.CharField(max_length=200)
    issuer = models.CharField(max_length=20, choices=Issuer)
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, null=True, blank=True, related_name="evidence")
    file_name = models.CharField(max_length=200, blank=True)
    url = models.URLField(max_length=500, blank=True)
    note = models.TextField(blank=True)
    issued_on = models.DateField(null=True, blank=True)
    valid_until = models.DateField(null=True, blank=True)
    moved_at = models.DateTimeField(
        null=True, blank=True, help_text="when its validity or issuer came to be another than it was added with"
    )
    added_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()

    objects = EvidenceQuerySet.as_manager()

    class Meta:
        ordering = ("-number",)
        indexes = (
            models.Index(fields=["valid_until", "number"], name="evidence_by_validity"),
            models.Index(fields=["title", "number"], name="evidence_by_title"),
            models.Index(fields=["kind"], name="evidence_by_kind"),
            models.Index(fields=["issuer"], name="evidence_by_issuer"),
            models.Index(fields=["moved_at"], name="evidence_moved", condition=models.Q(moved_at__isnull=False)),
        )
        constraints = (
            models.CheckConstraint(
                name="evidence_is_a_file_a_link_or_a_note",
                condition=models.Q(kind="file", blob__isnull=False)
                | models.Q(kind="link", blob__isnull=True) & ~models.Q(url="")
                | models.Q(kind="note", blob__isnull=True) & ~models.Q(note=""),
            ),
            models.CheckConstraint(
                name="evidence_is_valid_after_it_was_issued",
                condition=models.Q(issued_on__isnull=True)
                | models.Q(valid_until__isnull=True)
                | models.Q(valid_until__gte=models.F("issued_on")),
            ),
        )

    def __str__(self) -> str:
        """Return number and title."""
        return f"{self.ref} {self.title}"

    @property
    def media_type(self) -> str:
        """Return the media type of its file, by the name under which it was added; empty for a link or a note."""
        return filetypes.media_type_of(self.file_name) if self.blob_id else ""

    @property
    def copy(self) -> "KeptCopy | None":
        """Return the copy that is kept of a link, or None."""
        return getattr(self, "kept_copy", None)

    @property
    def is_bare_link(self) -> bool:
        """Return whether it is an address of which no copy is kept: what stands there can be another thing tomorrow."""
        return self.kind == self.Kind.LINK and self.copy is None

    def is_expired(self, *, today: date) -> bool:
        """Return whether its validity ended before `today`."""
        return has_ended(self.valid_until, today=today)


class KeptCopy(models.Model):
    """What stood at the address of a link, as a file that somebody kept beside it; one a link, append-only."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    evidence = models.OneToOneField(Evidence, on_delete=models.PROTECT, related_name="kept_copy")
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="copies")
    file_name = models.CharField(max_length=200)
    kept_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    kept_at = models.DateTimeField()

    class Meta:
        ordering = ("-kept_at",)

    def __str__(self) -> str:
        """Return of what it is a copy."""
        return f"Copy of {self.evidence}"

    @property
    def media_type(self) -> str:
        """Return the media type of the file, by its name."""
        return filetypes.media_type_of(self.file_name)
