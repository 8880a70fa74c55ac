"""Use cases: the agents of a unit, the model that each runs on, what servers they use, and which process they serve."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from accounts.access import ScopedQuerySet
from accounts.models import Unit, User
from landscape.models.business_process import BusinessProcess
from numbering.models import Numbered
from riskregister import transitions
from riskregister.ids import uuid7
from vendors.models import Deployment, Vendor


class UseCaseQuerySet(ScopedQuerySet["UseCase"]):
    """Use cases of the units a person works in."""

    def standing(self) -> "UseCaseQuerySet":
        """Return those that are in use."""
        return self.filter(status=UseCase.Status.STANDING)


class UseCase(Numbered):
    """An agent, or what agents are used for, in one unit."""

    class Status(models.TextChoices):
        """Whether it is used."""

        STANDING = "standing", "In use"
        ENDED = "ended"

    TRANSITIONS = transitions.table(standing="ended")

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="use_cases")
    name = models.CharField(max_length=160)
    status = models.CharField(max_length=8, choices=Status, default=Status.STANDING)
    owner = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    purpose = models.TextField(blank=True)
    data_used = models.TextField(blank=True, help_text="what data it works on")
    model_vendor = models.ForeignKey(
        Vendor, on_delete=models.PROTECT, null=True, blank=True, related_name="models_used",
        help_text="who provides the model; empty: not known",
    )  # fmt: skip
    model_name = models.CharField(max_length=120, blank=True)
    model_version = models.CharField(
        "pinned version of the model", max_length=120, blank=True, help_text="empty: none is pinned, or not known"
    )
    follows_alias = models.BooleanField(
        "follows a moving alias",
        null=True,
        blank=True,
        help_text="the name stands for another model one day, such as “latest”; empty: nobody knows yet",
    )
    created_at = models.DateTimeField()

    objects = UseCaseQuerySet.as_manager()

    class Meta:
        ordering = ("name",)
        indexes = (
            models.Index(fields=["unit", "-number"], name="use_case_by_unit"),
            models.Index(fields=["status", "-number"], name="use_case_by_status"),
            models.Index(fields=["name", "number"], name="use_case_by_name"),
        )
        constraints = (
            models.UniqueConstraint(
                "unit", Lower("name"), name="a_unit_names_a_use_case_once", condition=Q(status="standing")
            ),
            models.CheckConstraint(
                name="a_model_that_follows_an_alias_is_not_pinned",
                condition=Q(follows_alias__isnull=True) | Q(follows_alias=False) | Q(model_version=""),
            ),
        )

    def __str__(self) -> str:
        """Return e.g. "UC-3 Support agent"."""
        return f"{self.ref} {self.name}"


class UseCaseDeployment(models.Model):
    """That a use case works with a deployment of a server."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    use_case = models.ForeignKey(UseCase, on_delete=models.CASCADE, related_name="served_by")
    deployment = models.ForeignKey(Deployment, on_delete=models.PROTECT, related_name="serves")

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(fields=["use_case", "deployment"], name="a_deployment_serves_a_use_case_once"),
        )

    def __str__(self) -> str:
        """Return what serves what."""
        return f"{self.deployment} serves {self.use_case}"


class UseCaseProcessQuerySet(models.QuerySet["UseCaseProcess"]):
    """Which processes need which use cases."""

    def standing(self) -> Self:
        """Return the needs of processes that go on for use cases in use."""
        statuses = {"use_case__status": UseCase.Status.STANDING, "process__status": BusinessProcess.Status.STANDING}
        return self.filter(**statuses)


class UseCaseProcess(models.Model):
    """That a business process needs a use case."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    use_case = models.ForeignKey(UseCase, on_delete=models.CASCADE, related_name="processes")
    process = models.ForeignKey(BusinessProcess, on_delete=models.PROTECT, related_name="needs")

    objects = UseCaseProcessQuerySet.as_manager()

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(fields=["use_case", "process"], name="a_use_case_serves_a_process_once"),
        )

    def __str__(self) -> str:
        """Return what serves what."""
        return f"{self.use_case} serves {self.process}"
