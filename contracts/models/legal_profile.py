"""What the law takes a unit to be."""

from django.db import models
from django.db.models import Q

from accounts.access import ScopedQuerySet
from accounts.models import Unit, User
from contracts.law import UNKNOWN, Condition, Reach, Rule, applies
from riskregister.ids import uuid7

# Facts of a unit that rules of the law ask for, by the field that holds them.
FACTS = (
    *("financial", "nis2", "nis2_digital", "personal_data", "eu"),
    *("us_listed", "us_bank", "digital_products", "high_risk_ai"),
)


class LegalProfileQuerySet(ScopedQuerySet["LegalProfile"]):
    """Profiles of the units a person works in."""


class YesOrNone(models.TextChoices):
    """Whether it is so."""

    UNKNOWN = "unknown", "Not known"
    YES = "yes"
    NONE = "none", "No"


class Financial(models.TextChoices):
    """Which kind of financial entity it is (DORA 2)."""

    UNKNOWN = "unknown", "Not known"
    NONE = "none", "None"
    CREDIT_INSTITUTION = "credit_institution", "Credit institution"
    PAYMENT_INSTITUTION = "payment_institution", "Payment institution"
    E_MONEY_INSTITUTION = "e_money_institution", "E-money institution"
    INVESTMENT_FIRM = "investment_firm", "Investment firm"
    INSURER = "insurer", "Insurer or reinsurer"
    TRADING_VENUE = "trading_venue", "Trading venue"
    CENTRAL_COUNTERPARTY = "central_counterparty", "Central counterparty"
    CRYPTO_ASSETS = "crypto_assets", "Crypto-asset service provider"
    FUND_MANAGER = "fund_manager", "Fund manager"
    OTHER = "other", "Another financial entity"


class Nis2(models.TextChoices):
    """What it is under NIS 2."""

    UNKNOWN = "unknown", "Not known"
    NONE = "none", "Neither"
    ESSENTIAL = "essential", "Essential entity"
    IMPORTANT = "important", "Important entity"


class PersonalData(models.TextChoices):
    """Its part in processing personal data."""

    UNKNOWN = "unknown", "Not known"
    NONE = "none", "Processes none"
    CONTROLLER = "controller"
    PROCESSOR = "processor"
    BOTH = "both", "Controller and processor"


class HighRiskAi(models.TextChoices):
    """Its part in high-risk AI systems."""

    UNKNOWN = "unknown", "Not known"
    NONE = "none", "None"
    DEPLOYER = "deployer", "Uses them"
    PROVIDER = "provider", "Provides them"


def _fact(choices: type[models.TextChoices], words: str) -> "models.CharField[str, str]":
    return models.CharField(words, max_length=20, choices=choices, default="unknown")


class LegalProfile(models.Model):
    """What a unit is to the law, and the legal entity behind it; what nobody has said is not known."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    unit = models.OneToOneField(Unit, on_delete=models.PROTECT, related_name="legal_profile")
    entity_name = models.CharField("legal entity", max_length=200, blank=True)
    lei = models.CharField("LEI", max_length=20, blank=True, help_text="Legal Entity Identifier of 20 characters")
    country = models.CharField(max_length=2, blank=True, help_text="ISO 3166 code of two letters, e.g. DE")
    financial = _fact(Financial, "financial entity")
    nis2 = _fact(Nis2, "entity under NIS 2")
    nis2_digital = _fact(YesOrNone, "digital entity of the technical rules under NIS 2")
    personal_data = _fact(PersonalData, "processing of personal data")
    eu = _fact(YesOrNone, "in the European Union, or serves people there")
    us_listed = _fact(YesOrNone, "files with the Securities and Exchange Commission")
    us_bank = _fact(YesOrNone, "bank under a federal agency of the United States")
    digital_products = _fact(YesOrNone, "makes products with digital elements for the European Union")
    high_risk_ai = _fact(HighRiskAi, "high-risk AI systems")
    written_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()

    objects = LegalProfileQuerySet.as_manager()

    class Meta:
        ordering = ("unit__name",)

    def __str__(self) -> str:
        """Return of which unit it is."""
        return f"Legal profile of {self.unit}"

    @property
    def facts(self) -> dict[str, str]:
        """Return the facts by name, each with its value; "unknown" is one."""
        return {name: getattr(self, name) for name in FACTS}

    @staticmethod
    def may_apply(rule: Rule) -> Q:
        """Return the condition of the profiles that leave it open, or say, that a rule applies (`law.applies`)."""
        if applies(rule, {}, words={}).reach is Reach.NO:
            return Q(pk__in=())
        asked = [one for one in rule.conditions if one.fact in FACTS]
        return Q(*(_is_met_by(one) for one in asked), pk__isnull=False)


def _is_met_by(one: Condition) -> Q:
    named = Q(**{f"{one.fact}__in": one.values})
    return ~named if one.is_not else named | Q(**{one.fact: UNKNOWN})
