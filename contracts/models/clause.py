"""What a contract says under one clause."""

from django.db import models
from django.db.models import Q

from accounts.models import User
from contracts.models.contract import Contract
from evidence.models import Evidence
from riskregister.ids import uuid7


class Clause(models.Model):
    """What a contract says under one key of the list of clauses; a contract without a row of it was not read for it.

    `unit` and `value` are as the contract has them; `countries` holds codes with spaces between.
    """

    class Present(models.TextChoices):
        """Whether the contract has it."""

        UNKNOWN = "unknown", "Not known"
        YES = "yes"
        PARTLY = "partly"
        NO = "no"
        NOT_APPLICABLE = "not_applicable", "Does not apply"

    class Unit(models.TextChoices):
        """What its value is counted in."""

        HOURS = "hours"
        DAYS = "days"
        MONTHS = "months"
        PERCENT = "percent"
        PER_YEAR = "per_year", "Times a year"
        COUNTRIES = "countries"
        MONEY = "money"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    contract = models.ForeignKey(Contract, on_delete=models.CASCADE, related_name="clauses")
    key = models.CharField(max_length=40)
    present = models.CharField(max_length=14, choices=Present, default=Present.UNKNOWN)
    reason = models.CharField(max_length=500, blank=True, help_text="why it does not apply")
    quote = models.TextField(blank=True, help_text="what the contract says")
    page = models.PositiveSmallIntegerField(null=True, blank=True)
    value = models.DecimalField(max_digits=16, decimal_places=4, null=True, blank=True)
    unit = models.CharField(max_length=10, choices=Unit, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    countries = models.CharField(max_length=800, blank=True)
    evidence = models.ForeignKey(Evidence, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    checked_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    checked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("contract", "key")
        indexes = (models.Index(fields=["key", "present"], name="clause_by_key"),)
        constraints = (
            models.UniqueConstraint(fields=["contract", "key"], name="a_contract_says_a_clause_once"),
            models.CheckConstraint(
                name="a_clause_that_does_not_apply_says_why", condition=~Q(present="not_applicable") | ~Q(reason="")
            ),
            models.CheckConstraint(name="a_value_has_a_unit", condition=Q(value__isnull=True) | ~Q(unit="")),
        )

    def __str__(self) -> str:
        """Return e.g. "audit_right of CO-3"."""
        return f"{self.key} of {self.contract.ref}"
