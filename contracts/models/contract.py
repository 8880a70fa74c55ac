"""Contracts with vendors, and what they cover."""

from typing import Self

from django.db import models
from django.db.models import F, Q

from accounts.access import OrganisationQuerySet
from accounts.models import Unit, User
from contracts import days
from contracts.models.terms import LIVE, TERMS, PlainTerms, Terms
from evidence.models import Evidence
from numbering.models import Numbered
from riskregister import transitions
from riskregister.ids import uuid7
from vendors.models import Server, Vendor


class ContractQuerySet(OrganisationQuerySet["Contract"]):
    """Contracts are with vendors, and belong to the whole organisation as these do."""

    def live(self) -> Self:
        """Return those that hold or will hold: signed and not ended."""
        return self.filter(status__in=Contract.LIVE)

    def with_terms(self, *also: str) -> Self:
        """Return them with their terms, and what else is named, alone: of hundreds the rest costs as much again."""
        return self.only(*TERMS, *also)

    def terms(self) -> "list[ContractTerms]":
        """Return the terms alone, of contracts that nothing else is asked of."""
        return [ContractTerms._make(row) for row in self.values_list(*PlainTerms._fields)]

    def undecided(self) -> Self:
        """Return those that hold, of whose present term nobody has said whether it is to be the last."""
        return self.live().filter(notice_given_on=None).exclude(kept_until=F("ends_on"))

    def renewing(self) -> Self:
        """Return those that go on by themselves unless somebody gives notice."""
        return self.live().filter(renewal=Contract.Renewal.AUTOMATIC, notice_given_on=None)

    def running_out(self) -> Self:
        """Return those whose last day comes: they do not go on by themselves, or notice was given."""
        automatic = Q(renewal=Contract.Renewal.AUTOMATIC, notice_given_on=None)
        return self.live().exclude(automatic)


class Contract(Terms, Numbered):
    """What was agreed with a vendor: a master contract, or an amendment or order under another one (`parent`).

    `ends_on` is the last day of the term that runs. A contract that renews by itself gets the next one when it passes;
    until that is recorded `term_end` tells it by the clock.
    """

    class Status(models.TextChoices):
        """Where it is."""

        DRAFTING = "drafting"
        SIGNING = "signing", "To be signed"
        ACTIVE = "active"
        UNDER_REVIEW = "under_review", "Under review"
        ENDED = "ended"

    class Kind(models.TextChoices):
        """What it is."""

        MASTER = "master", "Master contract"
        AMENDMENT = "amendment"
        ORDER = "order"
        DATA_PROCESSING = "data_processing", "Data processing agreement"
        SERVICE_LEVELS = "service_levels", "Service level agreement"
        LICENCE = "licence"
        CONFIDENTIALITY = "confidentiality", "Confidentiality agreement"
        OTHER = "other"

    class Renewal(models.TextChoices):
        """What happens at the end of its term."""

        NONE = "none", "Ends"
        AUTOMATIC = "automatic", "Renews by itself"
        AGREEMENT = "agreement", "Renews if both agree"

    TRANSITIONS = transitions.table(
        drafting="signing ended",
        signing="drafting active ended",
        active="under_review ended",
        under_review="active ended",
        ended="",
    )
    LIVE = tuple(map(Status, LIVE))

    vendor = models.ForeignKey(Vendor, on_delete=models.PROTECT, related_name="contracts")
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="under_it")
    status = models.CharField(max_length=12, choices=Status, default=Status.DRAFTING)
    kind = models.CharField(max_length=16, choices=Kind, default=Kind.MASTER)
    title = models.CharField(max_length=200)
    reference = models.CharField(max_length=80, blank=True, help_text="the number that it has at yours or theirs")
    for_unit = models.ForeignKey(
        Unit, on_delete=models.SET_NULL, null=True, blank=True, related_name="contracts",
        help_text="whose legal entity signs; empty: the whole organisation",
    )  # fmt: skip
    our_entity = models.CharField(max_length=200, blank=True, help_text="our legal entity")
    their_entity = models.CharField(max_length=200, blank=True, help_text="the vendor's legal entity")
    their_lei = models.CharField(max_length=20, blank=True, help_text="Legal Entity Identifier of 20 characters")
    governing_law = models.CharField(max_length=2, blank=True, help_text="ISO 3166 code of two letters, e.g. DE")
    signed_on = models.DateField(null=True, blank=True)
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True, help_text="last day of the term; empty: it has no end")
    renewal = models.CharField(max_length=10, choices=Renewal, default=Renewal.NONE)
    renewal_months = models.PositiveSmallIntegerField(null=True, blank=True)
    notice_days = models.PositiveSmallIntegerField(null=True, blank=True, help_text="days of notice before the end")
    notice_by = models.DateField(null=True, blank=True, editable=False, help_text="last day to give notice")
    notice_given_on = models.DateField(null=True, blank=True, help_text="when notice was given, by either side")
    kept_until = models.DateField(
        null=True, blank=True, editable=False, help_text="end of the term after which somebody decided to go on"
    )
    review_on = models.DateField(null=True, blank=True, help_text="when to look at it again")
    yearly_value = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True, help_text="ISO 4217 code of three letters, e.g. EUR")
    our_signatory = models.CharField(max_length=200, blank=True)
    their_signatory = models.CharField(max_length=200, blank=True)
    owner = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="contracts_owned")
    critical_function = models.BooleanField(
        "supports a critical or important function", null=True, blank=True, help_text="empty: nobody knows yet"
    )
    personal_data = models.BooleanField(
        "they process personal data for us", null=True, blank=True, help_text="empty: nobody knows yet"
    )
    evidence = models.ForeignKey(
        Evidence, on_delete=models.PROTECT, null=True, blank=True, related_name="contracts",
        help_text="the document itself",
    )  # fmt: skip
    notes = models.TextField(blank=True)
    ended_on = models.DateField(null=True, blank=True, editable=False)
    end_reason = models.TextField(blank=True, editable=False)
    created_at = models.DateTimeField()

    objects = ContractQuerySet.as_manager()

    class Meta:
        ordering = ("-number",)
        indexes = (
            models.Index(fields=["vendor", "-number"], name="contract_by_vendor"),
            models.Index(fields=["status", "-number"], name="contract_by_status"),
            models.Index(fields=["kind", "-number"], name="contract_by_kind"),
            models.Index(fields=["renewal", "-number"], name="contract_by_renewal"),
            models.Index(fields=["title", "number"], name="contract_by_title"),
            models.Index(fields=["ends_on", "number"], name="contract_by_end"),
            models.Index(fields=["notice_by", "number"], name="contract_by_notice"),
            models.Index(fields=["review_on", "number"], name="contract_by_review"),
            models.Index(fields=["owner", "-number"], name="contract_by_owner"),
        )
        constraints = (
            models.CheckConstraint(
                name="a_contract_ends_after_it_starts",
                condition=Q(starts_on__isnull=True) | Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
            ),
            models.CheckConstraint(
                name="a_contract_that_holds_was_signed_and_has_started",
                condition=~Q(status__in=["active", "under_review"])
                | Q(signed_on__isnull=False, starts_on__isnull=False),
            ),
            models.CheckConstraint(
                name="a_contract_renews_by_itself_for_months_from_an_end",
                condition=~Q(renewal="automatic") | Q(renewal_months__gte=1, ends_on__isnull=False),
            ),
            models.CheckConstraint(
                name="a_contract_that_ended_says_when", condition=~Q(status="ended") | Q(ended_on__isnull=False)
            ),
            models.CheckConstraint(
                name="a_contract_is_not_its_own_parent", condition=Q(parent__isnull=True) | ~Q(parent=F("id"))
            ),
        )

    def __str__(self) -> str:
        """Return e.g. "CO-3 Master services agreement"."""
        return f"{self.ref} {self.title}"

    def reckon_notice(self) -> None:
        """Set the last day to give notice for the term that is on record: none where it does not renew by itself."""
        self.notice_by = days.notice_by(self.ends_on, self.notice_days) if self.goes_on else None


class ContractTerms(Terms, PlainTerms):
    """What `with_terms` reads of a contract, in a plain tuple: of hundreds, models take five times as long to make."""

    __slots__ = ()

    @property
    def ref(self) -> str:
        """Return its number as people read it."""
        return Contract.ref_of(self.number)


class IctService(models.TextChoices):
    """Types of ICT services, by the codes of Implementing Regulation (EU) 2024/2956, Annex III."""

    PROJECT_MANAGEMENT = "S01", "S01 ICT project management"
    DEVELOPMENT = "S02", "S02 ICT development"
    HELP_DESK = "S03", "S03 Help desk and first-level support"
    SECURITY = "S04", "S04 ICT security management"
    DATA = "S05", "S05 Provision of data"
    ANALYSIS = "S06", "S06 Data analysis"
    HOSTING = "S07", "S07 Facilities and hosting, without cloud"
    COMPUTATION = "S08", "S08 Computation"
    STORAGE = "S09", "S09 Data storage, without cloud"
    CARRIER = "S10", "S10 Telecom carrier"
    NETWORK = "S11", "S11 Network infrastructure"
    HARDWARE = "S12", "S12 Hardware and physical devices"
    LICENCE = "S13", "S13 Software licences, without software as a service"
    OPERATION = "S14", "S14 ICT operation management"
    CONSULTING = "S15", "S15 ICT consulting"
    RISK = "S16", "S16 ICT risk management"
    IAAS = "S17", "S17 Cloud: infrastructure as a service"
    PAAS = "S18", "S18 Cloud: platform as a service"
    SAAS = "S19", "S19 Cloud: software as a service"


class Service(models.Model):
    """One of the things that a contract covers: a server, or a service of the vendor in words."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    contract = models.ForeignKey(Contract, on_delete=models.CASCADE, related_name="services")
    server = models.ForeignKey(
        Server, on_delete=models.PROTECT, null=True, blank=True, related_name="contract_services"
    )
    name = models.CharField(max_length=200, blank=True, help_text="what it is, where it is no server")
    ict_service = models.CharField(
        "type of ICT service", max_length=3, choices=IctService, blank=True, help_text="empty: nobody has said yet"
    )

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(fields=["contract", "server"], name="a_contract_covers_a_server_once"),
            models.CheckConstraint(
                name="a_contract_covers_a_server_or_what_is_named",
                condition=Q(server__isnull=False, name="") | Q(server__isnull=True) & ~Q(name=""),
            ),
        )

    def __str__(self) -> str:
        """Return the server or the name."""
        return str(self.server or self.name)

    @property
    def for_all(self) -> str:
        """Return the number of the server or the name: everybody sees contracts, and not everybody each server."""
        return self.server.ref if self.server else self.name
