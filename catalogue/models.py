"""Question sets, methodologies and controls: versioned data that never changes once published (triggers)."""

from typing import Self

from django.db import models

from accounts.access import OrganisationQuerySet
from riskregister.ids import uuid7


class Dimension(models.TextChoices):
    """The five dimensions of an assessment."""

    PROVENANCE = "provenance", "Code provenance"
    PERMISSION_SCOPE = "permission_scope", "Permission scope"
    DATA_HANDLING = "data_handling", "Data handling"
    SECURITY_POSTURE = "security_posture", "Security posture"
    OPERATIONAL_RESILIENCE = "operational_resilience", "Operational resilience"


class MethodologyVersion(models.Model):
    """The numbers of the scoring method, as canonical JSON with its digest."""

    version = models.CharField(max_length=20, primary_key=True)
    body = models.TextField()
    digest = models.CharField(max_length=64)
    published_at = models.DateTimeField()

    class Meta:
        ordering = ("version",)

    def __str__(self) -> str:
        """Return e.g. "Scoring method 1"."""
        return f"Scoring method {self.version}"


class FrameworkQuerySet(OrganisationQuerySet["Framework"]):
    """Frameworks are for the whole organisation."""

    def current(self) -> Self:
        """Return the revisions that count: one of each framework."""
        return self.filter(status=Framework.CURRENT)


class Framework(models.Model):
    """A catalogue of controls at one revision; one revision of each framework is current."""

    CURRENT, SUPERSEDED = "current", "superseded"

    class Origin(models.TextChoices):
        """Where its controls come from."""

        SHIPPED = "shipped", "Comes with the register"
        IMPORTED = "imported", "Imported"
        OWN = "own", "Our own"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    key = models.CharField(max_length=40)
    revision = models.CharField(max_length=80)
    title = models.CharField(max_length=200)
    publisher = models.CharField(max_length=120, blank=True)
    status = models.CharField(max_length=10, choices=[(CURRENT, "Current"), (SUPERSEDED, "Superseded")])
    origin = models.CharField(max_length=10, choices=Origin, default=Origin.SHIPPED)
    overlays = models.CharField(
        max_length=40, blank=True, help_text="key of the framework whose controls it names again, for its own purpose"
    )
    note = models.TextField(blank=True)

    objects = FrameworkQuerySet.as_manager()

    class Meta:
        ordering = ("title", "revision")
        constraints = (
            models.UniqueConstraint(fields=["key", "revision"], name="a_framework_revision_is_listed_once"),
            models.UniqueConstraint(
                fields=["key"], name="a_framework_has_one_current_revision", condition=models.Q(status="current")
            ),
        )

    def __str__(self) -> str:
        """Return title and revision."""
        return f"{self.title}, {self.revision}" if self.revision else self.title

    @property
    def is_current(self) -> bool:
        """Return whether its controls count."""
        return self.status == self.CURRENT


class ControlQuerySet(OrganisationQuerySet["Control"]):
    """Controls are for the whole organisation."""

    def by_revision(self) -> Self:
        """Return those of former revisions first, from the earliest on, and those of current ones last.

        So what is kept by their references is of the current revision, else of the last that had the control.
        """
        # Downwards "superseded" stands before "current"; the keys of revisions follow each other in time.
        return self.order_by("-framework__status", "framework_id")


class Control(models.Model):
    """A control of a framework; a withdrawn one names what replaced it.

    `requirement` says in our own words what it asks for, `section` under which heading it stands. A control that an
    overlay names again is the `same_as` the one of the framework below: what is stated of that is stated of both.
    """

    ACTIVE, WITHDRAWN = "active", "withdrawn"

    framework = models.ForeignKey(Framework, on_delete=models.PROTECT, related_name="controls")
    position = models.PositiveIntegerField(default=0, help_text="its place in the framework")
    ref = models.CharField(max_length=40)
    title = models.CharField(max_length=250)
    section = models.CharField(max_length=120, blank=True)
    requirement = models.TextField(blank=True)
    status = models.CharField(max_length=10, choices=[(ACTIVE, "Active"), (WITHDRAWN, "Withdrawn")])
    note = models.CharField(max_length=300, blank=True)
    superseded_by = models.CharField(max_length=120, blank=True)
    same_as = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="named_again")

    objects = ControlQuerySet.as_manager()

    class Meta:
        ordering = ("framework", "position", "ref")
        indexes = (models.Index(fields=["ref"], name="control_by_ref"),)
        constraints = (models.UniqueConstraint(fields=["framework", "ref"], name="a_control_is_listed_once"),)

    def __str__(self) -> str:
        """Return reference and title."""
        return f"{self.ref} {self.title}"


class QuestionSetQuerySet(OrganisationQuerySet["QuestionSet"]):
    """Question sets are for the whole organisation."""


class QuestionSet(models.Model):
    """A published version of the questions."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    key = models.CharField(max_length=40)
    version = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=160)
    each_deployment = models.BooleanField(
        default=False, help_text="questions about deployments are answered for each of them"
    )
    digest = models.CharField(max_length=64)
    published_at = models.DateTimeField()

    objects = QuestionSetQuerySet.as_manager()

    class Meta:
        ordering = ("key", "-version")
        constraints = (models.UniqueConstraint(fields=["key", "version"], name="a_version_is_published_once"),)

    def __str__(self) -> str:
        """Return e.g. "MCP server assessment, version 1"."""
        return f"{self.title}, version {self.version}"


class Question(models.Model):
    """A question of a set, with the finding that a bad answer raises."""

    class Subject(models.TextChoices):
        """What the question is about."""

        VENDOR = "vendor"
        RELEASE = "release"
        DEPLOYMENT = "deployment"

    question_set = models.ForeignKey(QuestionSet, on_delete=models.PROTECT, related_name="questions")
    key = models.CharField(max_length=80)
    dimension = models.CharField(max_length=30)
    position = models.PositiveSmallIntegerField()
    subject = models.CharField(max_length=12, choices=Subject)
    text = models.TextField()
    guidance = models.TextField()
    good_answer = models.TextField()
    evidence_expected = models.TextField(blank=True)
    weight = models.PositiveSmallIntegerField()
    is_critical = models.BooleanField()
    applies_when = models.JSONField(null=True)
    depth = models.PositiveSmallIntegerField(default=1, help_text="1: asked of every server, 3: of the worst tiers")
    event = models.CharField(max_length=20, blank=True, help_text="what the answer tells of happened on a day: scan")
    fresh_days = models.PositiveSmallIntegerField(null=True, help_text="days from the event for which it speaks")
    finding_title = models.CharField(max_length=200)
    finding_severity = models.CharField(max_length=10)
    finding_description = models.TextField()
    finding_remediation = models.TextField(blank=True)
    seeds = models.JSONField(default=list)
    controls = models.ManyToManyField(Control, related_name="questions")

    class Meta:
        ordering = ("question_set", "position")
        constraints = (
            models.UniqueConstraint(fields=["question_set", "key"], name="a_question_is_asked_once"),
            models.CheckConstraint(name="a_weight_is_1_2_3_or_5", condition=models.Q(weight__in=[1, 2, 3, 5])),
            models.CheckConstraint(name="a_question_lies_1_to_3_deep", condition=models.Q(depth__in=[1, 2, 3])),
            models.CheckConstraint(
                name="an_event_is_fresh_for_some_days",
                condition=models.Q(event="", fresh_days__isnull=True)
                | ~models.Q(event="") & models.Q(fresh_days__gte=1),
            ),
        )

    def __str__(self) -> str:
        """Return the question."""
        return self.text

    def asks_the_same_as(self, other: "Question") -> bool:
        """Return whether both ask the same with the same options, of the same worth: an answer to one is one to both.

        Reads the options of both, unless they are one question.
        """
        return self.pk == other.pk or self._asks() == other._asks()

    def option(self, key: str) -> "Option | None":
        """Return the option with this key, or None."""
        return next((row for row in self.options.all() if row.key == key), None)

    def _asks(self) -> tuple[object, ...]:
        options = tuple((row.key, row.text, row.quarters, row.is_undated) for row in self.options.all())
        return self.text, self.subject, self.event, options


class Option(models.Model):
    """An answer that can be chosen; `quarters` is its value in quarters, 0 to 4."""

    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="options")
    key = models.CharField(max_length=60)
    text = models.TextField()
    quarters = models.PositiveSmallIntegerField()
    is_undated = models.BooleanField(default=False, help_text="it needs no event that took place on a day")
    raises_when = models.JSONField(null=True, help_text="facts under which it raises the finding, however good it is")
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ("question", "position")
        constraints = (
            models.UniqueConstraint(fields=["question", "key"], name="an_option_is_offered_once"),
            models.CheckConstraint(name="an_option_is_worth_0_to_4_quarters", condition=models.Q(quarters__lte=4)),
        )

    def __str__(self) -> str:
        """Return the fact that the option states."""
        return self.text
