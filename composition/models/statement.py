"""What vendors and people say of vulnerabilities in packages, and the hits that need no work because of it."""

from datetime import date
from typing import Self

from django.db import models
from django.db.models import Case, Exists, OuterRef, Q, Value, When

from accounts.access import ScopedQuerySet, SharedQuerySet
from accounts.models import Unit, User
from composition.models.inventory import relied_on
from composition.models.match import Hit
from evidence.models import Blob
from findings.models import Finding
from numbering.models import Numbered
from riskregister import transitions
from riskregister.ids import uuid7
from scoring.scales import Severity
from vendors.models import Release, Server


class StatementQuerySet(SharedQuerySet["Statement"]):
    """Statements about servers of the units a person works in, and those for the whole organisation."""

    def in_force(self, *, today: date) -> Self:
        """Return those that count today."""
        return self.filter(Statement.in_force_on(today))

    def with_outcome(self) -> Self:
        """Return them with what became of each here as `outcome`."""
        hits = Statement.hits.through.objects.filter(statement=OuterRef("pk"))
        return self.annotate(
            outcome=Case(
                When(status=Statement.Status.REJECTED, then=Value(Statement.Outcome.REJECTED)),
                When(Exists(hits), then=Value(Statement.Outcome.APPLIED)),
                default=Value(Statement.Outcome.UNMATCHED),
            )
        )

    def about(self, server: Server) -> Self:
        """Return those whose scope the server is in, by the release of it that is relied on."""
        of_release = Q(release__isnull=True) | relied_on("")
        own = Q(server=server) & of_release
        return self.filter(own | Q(server__isnull=True) & (Q(unit__isnull=True) | Q(unit=server.unit_id)))


class Statement(Numbered):
    """What somebody says of a vulnerability in a package: a document (VEX) of a vendor, or a person of the register.

    Its scope is a server, or one release of it; without these a unit, and without that the whole organisation. `names`
    are those of the vulnerability; `ecosystem`, `package` and `versions` (none: all) say what it is about, `within` is
    the product of which that is a part, as the document names it. It never says that anything is so: it proposes, and
    what is decided because of it are its suppressions. Whether it has run out is asked of the clock.
    """

    class Status(models.TextChoices):
        """Where it is."""

        IN_FORCE = "in_force", "In force"
        WITHDRAWN = "withdrawn"
        SUPERSEDED = "superseded"
        REJECTED = "rejected"

    class Says(models.TextChoices):
        """What it says, in the words that all forms of VEX share."""

        NOT_AFFECTED = "not_affected", "Not affected"
        AFFECTED = "affected", "Affected"
        FIXED = "fixed", "Fixed"
        UNDER_INVESTIGATION = "under_investigation", "Under investigation"

    class Outcome(models.TextChoices):
        """What became of it here; what speaks of nothing yet is applied when that appears."""

        APPLIED = "applied"
        UNMATCHED = "unmatched", "Speaks of nothing here"
        REJECTED = "rejected"

    class Justification(models.TextChoices):
        """Why something is not affected."""

        COMPONENT_NOT_PRESENT = "component_not_present", "The component is not there"
        CODE_NOT_PRESENT = "vulnerable_code_not_present", "The vulnerable code is not there"
        CODE_NOT_IN_EXECUTE_PATH = "vulnerable_code_not_in_execute_path", "The vulnerable code is never run"
        NOT_CONTROLLED_BY_ADVERSARY = (
            "vulnerable_code_cannot_be_controlled_by_adversary",
            "An attacker cannot control the vulnerable code",
        )
        MITIGATED = "inline_mitigations_already_exist", "It is protected against it"

    TRANSITIONS = transitions.table(in_force="withdrawn superseded")
    EXPIRED = "expired"

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="statements")
    server = models.ForeignKey(Server, on_delete=models.PROTECT, null=True, blank=True, related_name="statements")
    release = models.ForeignKey(Release, on_delete=models.PROTECT, null=True, blank=True, related_name="statements")
    status = models.CharField(max_length=10, choices=Status, default=Status.IN_FORCE)
    says = models.CharField(max_length=20, choices=Says, blank=True, help_text="empty where that could not be read")
    name = models.CharField(max_length=100, blank=True, help_text="of the vulnerability, that it goes by")
    names = models.JSONField(default=list, blank=True)
    ecosystem = models.CharField(max_length=60, blank=True)
    package = models.CharField(max_length=300, blank=True)
    folded = models.CharField(max_length=300, blank=True, help_text="the package's name as it is compared")
    versions = models.JSONField(default=list, blank=True, help_text="of the package; none: all")
    purl = models.CharField(max_length=700, blank=True, help_text="of the package, without a version")
    within = models.CharField(max_length=700, blank=True)
    justification = models.CharField(max_length=60, choices=Justification, blank=True)
    impact = models.TextField(blank=True, help_text="why it is not affected, in words")
    action = models.TextField(blank=True, help_text="what to do about it")
    notes = models.TextField(blank=True)
    until = models.DateField(null=True, blank=True, help_text="the last day on which it counts")
    owner = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="statements_owned")
    author = models.CharField(max_length=300, help_text="whose word it is")
    stated_at = models.DateTimeField()
    document = models.ForeignKey(Blob, on_delete=models.PROTECT, null=True, blank=True, related_name="statements")
    form = models.CharField(max_length=40, blank=True)
    file_name = models.CharField(max_length=255, blank=True)
    document_name = models.CharField(max_length=500, blank=True, help_text="what its author calls the document")
    document_version = models.CharField(max_length=20, blank=True)
    place = models.CharField(max_length=200, blank=True, help_text="where it stands in the document")
    refusal = models.TextField(blank=True, help_text="why it was rejected")
    taken_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", help_text="empty: a command"
    )
    taken_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    end_reason = models.TextField(blank=True)
    hits = models.ManyToManyField(Hit, related_name="statements", blank=True)

    objects = StatementQuerySet.as_manager()

    class Meta:
        ordering = ("-number",)
        indexes = (
            models.Index(fields=["folded", "status"], name="statement_by_package"),
            models.Index(fields=["name"], name="statement_by_name"),
            models.Index(fields=["taken_at", "number"], name="statement_by_time"),
            models.Index(fields=["until", "number"], name="statement_by_end"),
        )
        constraints = (
            models.CheckConstraint(
                name="a_statement_about_a_release_names_its_server",
                condition=Q(release__isnull=True) | Q(server__isnull=False),
            ),
            models.CheckConstraint(
                name="a_statement_about_a_server_is_of_its_unit",
                condition=Q(server__isnull=True) | Q(unit__isnull=False),
            ),
            models.CheckConstraint(
                name="who_says_that_something_is_not_affected_says_why",
                condition=~Q(says="not_affected") | Q(status="rejected") | ~Q(justification="") | ~Q(impact=""),
            ),
            models.CheckConstraint(
                name="who_suppresses_by_hand_says_until_when",
                condition=~Q(says="not_affected") | Q(document__isnull=False) | Q(until__isnull=False),
            ),
            models.CheckConstraint(
                name="a_statement_that_ended_says_when",
                condition=Q(status__in=["in_force", "rejected"]) | Q(ended_at__isnull=False),
            ),
            models.CheckConstraint(
                name="a_rejected_statement_says_why", condition=~Q(status="rejected") | ~Q(refusal="")
            ),
        )

    def __str__(self) -> str:
        """Return e.g. "VX-3 CVE-2022-24999 in qs"."""
        return f"{self.ref} {self.name or 'unnamed'} in {self.package}" if self.package else f"{self.ref} {self.name}"

    @classmethod
    def in_force_on(cls, today: date) -> Q:
        """Return the condition that one counts on the day."""
        return Q(Q(until__isnull=True) | Q(until__gte=today), status=cls.Status.IN_FORCE)

    def state(self, *, today: date) -> str:
        """Return how it is today: its status, or "expired" from the day after the last on which it counts."""
        is_past = self.until is not None and self.until < today
        return self.EXPIRED if is_past and self.status == self.Status.IN_FORCE else self.status

    @property
    def scope(self) -> str:
        """Return in words for what it holds."""
        if self.release:
            return f"{self.server} {self.release}"
        return str(self.server or self.unit or "The whole organisation")

    @property
    def why(self) -> str:
        """Return why it says so, in words."""
        return " ".join(filter(None, (self.justification and f"{self.get_justification_display()}.", self.impact)))


class SuppressionQuerySet(ScopedQuerySet["Suppression"]):
    """Suppressions on servers of the units a person works in."""

    unit_path = "hit__server__unit_id"

    def accepted(self) -> Self:
        """Return those because of which a hit needs no work now."""
        return self.filter(status=Suppression.Status.ACCEPTED)

    def in_force(self, *, today: date) -> Self:
        """Return those of these whose last day has not passed."""
        return self.accepted().filter(until__gte=today)


class Suppression(models.Model):
    """That a hit needs no work because a statement says that it does not apply: proposed by it, accepted by a person.

    What was known when it was accepted is kept (`severity`, `versions`, `was_exploited`, `was_likely`, `epss_model`):
    it ends when the risk is higher than that, or with its day. The hit is never hidden.
    """

    class Status(models.TextChoices):
        """Where it is."""

        PROPOSED = "proposed"
        ACCEPTED = "accepted"
        ENDED = "ended"

    TRANSITIONS = transitions.table(proposed="accepted ended", accepted="ended", ended="accepted")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    statement = models.ForeignKey(Statement, on_delete=models.PROTECT, related_name="suppressions")
    hit = models.ForeignKey(Hit, on_delete=models.PROTECT, related_name="suppressions")
    status = models.CharField(max_length=8, choices=Status, default=Status.PROPOSED)
    proposed_at = models.DateTimeField()
    severity = models.PositiveSmallIntegerField(choices=Severity.choices(), null=True, blank=True)
    versions = models.JSONField(default=list, blank=True)
    was_exploited = models.BooleanField(default=False)
    was_likely = models.BooleanField(default=False)
    epss_model = models.CharField(max_length=40, blank=True)
    until = models.DateField(null=True, blank=True)
    reason = models.TextField(blank=True)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    end_reason = models.TextField(blank=True)

    objects = SuppressionQuerySet.as_manager()

    class Meta:
        ordering = ("-proposed_at", "-id")
        indexes = (
            models.Index(fields=["-proposed_at", "-id"], name="suppression_by_time"),
            models.Index(fields=["until", "id"], name="suppression_by_end"),
        )
        constraints = (
            models.UniqueConstraint(fields=["statement", "hit"], name="a_statement_suppresses_a_hit_once"),
            models.UniqueConstraint(
                fields=["hit"], name="a_hit_has_one_suppression_that_counts", condition=Q(status="accepted")
            ),
            models.CheckConstraint(
                name="an_accepted_suppression_says_by_whom_and_until_when",
                condition=~Q(status="accepted")
                | Q(decided_by__isnull=False, decided_at__isnull=False, until__isnull=False, severity__isnull=False),
            ),
            models.CheckConstraint(
                name="a_suppression_that_ended_says_when", condition=~Q(status="ended") | Q(ended_at__isnull=False)
            ),
        )

    def __str__(self) -> str:
        """Return e.g. "VX-3 for CVE-2022-24999 in qs"."""
        return f"{self.statement.ref} for {self.hit}"

    @property
    def finding(self) -> Finding | None:
        """Return the finding of the hit, None for one of which it is unknown whether it is one."""
        return self.hit.observation.finding
