"""Certificates of vendors and the reports of others about them: what each says, and until when it counts."""

from datetime import date

from django.db import models
from django.db.models import F, Q

from accounts.access import OrganisationQuerySet
from accounts.models import User
from assurance.validity import Days
from evidence.models import Evidence
from numbering.models import Numbered
from riskregister import transitions
from vendors.models import Vendor
from vendors.naming import legal_entities

# The conditions under which a report of others may carry a critical function: article 8(3) of the regulatory technical
# standards on the policy for ICT services (Delegated Regulation (EU) 2024/1773), a to h, in our own words.
CONDITIONS = {
    "plan_fits": "Its audit plan satisfies us",
    "scope_fits": "It covers the systems and key controls that we use, and the law",
    "is_read": "We read each one in depth, and check that it is not out of date",
    "scope_kept": "Later ones will cover the same systems and key controls",
    "auditor_fits": "Whoever certifies or audits is able to",
    "is_tested": "It follows recognised standards, and tests whether key controls work in operation",
    "scope_can_grow": "The contract lets us ask for a wider scope, often enough",
    "own_audits": "The contract lets us audit ourselves and together with others",
}


class CertificateQuerySet(OrganisationQuerySet["Certificate"]):
    """Certificates are about vendors, and so belong to the whole organisation."""

    def standing(self) -> "CertificateQuerySet":
        """Return those that nobody stopped or replaced, whether or not their days have passed."""
        return self.filter(status=Certificate.Status.IN_FORCE)

    def awaited(self) -> "CertificateQuerySet":
        """Return those that stand and whose days matter to somebody: of vendors that were not left."""
        return self.standing().exclude(vendor__status=Vendor.Status.OFFBOARDED)

    def surveyed(self) -> "CertificateQuerySet":
        """Return those of them whose next surveillance audit no note lets wait."""
        return self.awaited().filter(surveillance_note="")

    def counting(self, *, today: date) -> "CertificateQuerySet":
        """Return those that count on a day; one of which nobody knows until when is not among them."""
        return self.standing().filter(counts_until__gte=today)


class Certificate(Numbered):
    """A certificate of a vendor or a report about it, as somebody else or, in a bridge letter, itself has issued it.

    `counts_until` follows from what it says (see `validity`); whether that day has passed is asked of the clock.
    """

    class Kind(models.TextChoices):
        """What it is."""

        SOC2_TYPE_1 = "soc2_type_1", "SOC 2 type I report"
        SOC2_TYPE_2 = "soc2_type_2", "SOC 2 type II report"
        BRIDGE_LETTER = "bridge_letter", "Bridge letter"
        ISO_27001 = "iso_27001", "ISO 27001 certificate"
        ISO_42001 = "iso_42001", "ISO 42001 certificate"
        PCI_AOC = "pci_aoc", "PCI DSS attestation of compliance"
        CSA_STAR = "csa_star", "CSA STAR entry"
        PENETRATION_TEST = "penetration_test", "Penetration test"
        OTHER = "other", "Other certificate or report"

    SOC2 = (Kind.SOC2_TYPE_1, Kind.SOC2_TYPE_2)
    ISO = (Kind.ISO_27001, Kind.ISO_42001)

    class Status(models.TextChoices):
        """What was done with it; that it has ended is asked of the clock."""

        IN_FORCE = "in_force", "In force"
        SUSPENDED = "suspended", "Suspended"
        WITHDRAWN = "withdrawn", "Withdrawn"
        SUPERSEDED = "superseded", "Superseded"

    TRANSITIONS = transitions.table(
        in_force="suspended withdrawn superseded", suspended="in_force withdrawn superseded", withdrawn="superseded"
    )

    class Opinion(models.TextChoices):
        """What the auditor says of the controls."""

        UNQUALIFIED = "unqualified", "Unqualified"
        QUALIFIED = "qualified", "Qualified"
        ADVERSE = "adverse", "Adverse"
        DISCLAIMER = "disclaimer", "Disclaimer of opinion"

    class Subservice(models.TextChoices):
        """How the services that the vendor uses itself are treated."""

        NONE = "none", "It uses none"
        CARVE_OUT = "carve_out", "Carved out: not looked at"
        INCLUSIVE = "inclusive", "Included: looked at too"

    class Category(models.TextChoices):
        """The trust services categories of a SOC 2 report."""

        SECURITY = "security", "Security"
        AVAILABILITY = "availability", "Availability"
        CONFIDENTIALITY = "confidentiality", "Confidentiality"
        INTEGRITY = "processing_integrity", "Processing integrity"
        PRIVACY = "privacy", "Privacy"

    vendor = models.ForeignKey(Vendor, on_delete=models.PROTECT, related_name="certificates")
    kind = models.CharField(max_length=16, choices=Kind)
    status = models.CharField(max_length=10, choices=Status, default=Status.IN_FORCE)
    evidence = models.OneToOneField(Evidence, on_delete=models.PROTECT, related_name="certificate")
    supersedes = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="superseded_by"
    )
    bridges = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="bridged_by")
    legal_entity = models.CharField(max_length=200, help_text="as the document names it")
    scope = models.TextField()
    issued_on = models.DateField(null=True, blank=True)
    period_from = models.DateField(null=True, blank=True)
    period_to = models.DateField(null=True, blank=True, help_text="of a type I report: the day that it speaks of")
    ends_on = models.DateField(null=True, blank=True, help_text="as the document itself says")
    counts_until = models.DateField(null=True, blank=True, help_text="the last day; empty: not known")
    stopped_on = models.DateField(null=True, blank=True, help_text="since when it is suspended or withdrawn")
    body = models.CharField(max_length=200, blank=True, help_text="auditor, certification body, assessor or tester")
    accreditation = models.CharField(max_length=200, blank=True)
    certificate_number = models.CharField(max_length=100, blank=True)
    opinion = models.CharField(max_length=12, choices=Opinion, blank=True, help_text="empty: not known")
    exceptions = models.PositiveIntegerField(null=True, blank=True, help_text="how many; empty: not known")
    categories = models.JSONField(default=list, blank=True)
    subservice = models.CharField(max_length=10, choices=Subservice, blank=True, help_text="empty: not known")
    user_controls = models.TextField(blank=True, help_text="what it expects of us (complementary user entity controls)")
    soa_version = models.CharField(max_length=100, blank=True, help_text="of the statement of applicability")
    sites = models.TextField(blank=True)
    next_surveillance = models.DateField(null=True, blank=True)
    surveillance_note = models.TextField(blank=True, help_text="why it may wait")
    role = models.CharField(max_length=100, blank=True)
    level = models.CharField(max_length=40, blank=True)
    caiq_version = models.CharField(max_length=40, blank=True)
    open_critical = models.PositiveIntegerField(null=True, blank=True)
    open_high = models.PositiveIntegerField(null=True, blank=True)
    open_medium = models.PositiveIntegerField(null=True, blank=True)
    open_low = models.PositiveIntegerField(null=True, blank=True)
    retested_on = models.DateField(null=True, blank=True)
    plan_fits = models.BooleanField(CONDITIONS["plan_fits"], null=True, blank=True)
    scope_fits = models.BooleanField(CONDITIONS["scope_fits"], null=True, blank=True)
    is_read = models.BooleanField(CONDITIONS["is_read"], null=True, blank=True)
    scope_kept = models.BooleanField(CONDITIONS["scope_kept"], null=True, blank=True)
    auditor_fits = models.BooleanField(CONDITIONS["auditor_fits"], null=True, blank=True)
    is_tested = models.BooleanField(CONDITIONS["is_tested"], null=True, blank=True)
    scope_can_grow = models.BooleanField(CONDITIONS["scope_can_grow"], null=True, blank=True)
    own_audits = models.BooleanField(CONDITIONS["own_audits"], null=True, blank=True)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    objects = CertificateQuerySet.as_manager()

    class Meta:
        ordering = ("-number",)
        indexes = (
            models.Index(fields=["status", "number"], name="certificate_by_status"),
            models.Index(fields=["kind", "number"], name="certificate_by_kind"),
            models.Index(fields=["counts_until", "number"], name="certificate_by_end"),
            models.Index(fields=["vendor", "counts_until"], name="certificate_by_vendor"),
            models.Index(fields=["next_surveillance"], name="certificate_by_surveillance"),
        )
        constraints = (
            models.CheckConstraint(
                name="a_certificate_covers_a_period_that_ends_after_it_begins",
                condition=Q(period_from__isnull=True) | Q(period_to__isnull=True) | Q(period_to__gte=F("period_from")),
            ),
            models.CheckConstraint(
                name="a_bridge_letter_says_what_it_bridges",
                condition=~Q(kind="bridge_letter") | Q(bridges__isnull=False),
            ),
            models.CheckConstraint(
                name="a_certificate_that_is_stopped_says_since_when",
                condition=~Q(status__in=["suspended", "withdrawn"]) | Q(stopped_on__isnull=False),
            ),
        )

    def __str__(self) -> str:
        """Return e.g. "CE-3 ISO 27001 certificate of Host Ltd"."""
        return f"{self.ref} {self.name}"

    @property
    def name(self) -> str:
        """Return e.g. "ISO 27001 certificate of Host Ltd"."""
        return f"{self.get_kind_display()} of {self.legal_entity}"

    def is_of_the_same(self, other: "Certificate") -> bool:
        """Return whether both name the same legal entity and scope, but for case, blanks and points."""
        same = legal_entities.same
        return same(self.legal_entity, other.legal_entity) and same(self.scope, other.scope)

    @property
    def days(self) -> Days:
        """Return the days that it names."""
        return Days(
            kind=self.kind,
            issued_on=self.issued_on,
            period_from=self.period_from,
            period_to=self.period_to,
            ends_on=self.ends_on,
            bridged_to=self.bridges.period_to if self.bridges else None,
            bridged_stopped_on=self.bridges.stopped_on if self.bridges else None,
        )

    def state(self, *, today: date) -> str:
        """Return how it stands on a day: as its status, or "ended" where it is in force and its day has passed.

        "undated" where nobody knows until when it counts: that is not the same as being in force.
        """
        if self.status != self.Status.IN_FORCE:
            return self.status
        if self.counts_until is None:
            return "undated"
        return "ended" if self.counts_until < today else self.status

    def counts(self, *, today: date) -> bool:
        """Return whether it counts on a day."""
        return self.state(today=today) == self.Status.IN_FORCE

    @property
    def conditions(self) -> dict[str, bool | None]:
        """Return the eight conditions: yes, no, or None for what nobody knows."""
        return {name: getattr(self, name) for name in CONDITIONS}

    @property
    def conditions_met(self) -> int | None:
        """Return how many of the eight conditions are known to be met, None while nothing is known of any."""
        known = [value for value in self.conditions.values() if value is not None]
        return sum(known) if known else None
