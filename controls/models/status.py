"""What people state of a control: for the organisation, for a service that servers share, a server, or a deployment."""

from datetime import date
from typing import Any, Self

from django.db import models
from django.db.models import Q

from accounts.access import SharedQuerySet
from accounts.models import Unit, User
from catalogue.models import Control
from evidence.models import Evidence
from landscape.models import SharedService
from numbering.models import Numbered
from vendors.models import Deployment, Server


class Place(models.TextChoices):
    """For what a control is in place or not, from the most general; the more specific one says more."""

    ORGANISATION = "organisation", "The whole organisation"
    SERVICE = "service", "A shared service"
    SERVER = "server", "A server"
    DEPLOYMENT = "deployment", "A deployment"


class Word(models.TextChoices):
    """What can be stated of a control; where nothing is stated, nothing is known."""

    IN_PLACE = "in_place", "In place"
    PARTLY = "partly", "Partly in place"
    PLANNED = "planned", "Planned"
    MISSING = "missing", "Missing"
    NOT_APPLICABLE = "not_applicable", "Not applicable"
    NOT_KNOWN = "not_known", "Not known"


# What rests on something that can run out, and what is still to be done.
STANDING = (Word.IN_PLACE, Word.PARTLY, Word.NOT_APPLICABLE)
TO_DO = (Word.PARTLY, Word.PLANNED, Word.MISSING)


class ControlStatusQuerySet(SharedQuerySet["ControlStatus"]):
    """Statuses of the units a person works in, and those of the whole organisation."""

    def stated(self) -> Self:
        """Return those that say something: one that was taken back says as little as none."""
        return self.exclude(state=Word.NOT_KNOWN)

    def orphaned(self) -> Self:
        """Return those whose control is in no current revision any more."""
        return self.exclude(control__framework__status="current")

    def with_names(self) -> Self:
        """Return them with their controls, what they are stated for, and who has them.

        Frameworks and services, which are few, are read by themselves: joined with the others, a list of 51 took
        PostgreSQL 12 to 44 ms to plan and 1 ms to read.
        """
        joined = self.select_related("control", "server", "deployment", "owner")
        return joined.prefetch_related("control__framework", "service")


class ControlStatus(Numbered):
    """What somebody states of one control in one place, on what evidence, and until when it holds.

    Of a control of which nothing is stated there is no row, or one that was taken back to "not known".
    """

    control = models.ForeignKey(Control, on_delete=models.PROTECT, related_name="statuses")
    place = models.CharField("for", max_length=12, choices=Place)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="control_statuses")
    server = models.ForeignKey(
        Server, on_delete=models.PROTECT, null=True, blank=True, related_name="control_statuses",
        help_text="that of the deployment, where it is of one",
    )  # fmt: skip
    deployment = models.ForeignKey(
        Deployment, on_delete=models.PROTECT, null=True, blank=True, related_name="control_statuses"
    )
    service = models.ForeignKey(
        SharedService, on_delete=models.PROTECT, null=True, blank=True, related_name="control_statuses",
        help_text="that gives it to all that run behind it, where it is of one",
    )  # fmt: skip
    state = models.CharField("status", max_length=14, choices=Word)
    reason = models.TextField(blank=True, help_text="why it is not applicable")
    note = models.TextField(blank=True)
    evidence = models.ForeignKey(
        Evidence, on_delete=models.PROTECT, null=True, blank=True, related_name="control_statuses"
    )
    owner = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    as_of = models.DateField(help_text="the day on which it was so")
    valid_until = models.DateField(null=True, blank=True, help_text="the last day on which it counts")
    effort_days = models.PositiveSmallIntegerField(null=True, blank=True, help_text="days of work until it is in place")
    due_on = models.DateField(null=True, blank=True, help_text="when it is to be in place, where it is planned")
    stated_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    stated_at = models.DateTimeField()

    objects = ControlStatusQuerySet.as_manager()

    class Meta:
        ordering = ("-number",)
        indexes = (
            models.Index(fields=["server", "control"], name="control_status_by_server"),
            # All that is stated of thousands of servers is read from this index alone, in the order of its groups.
            models.Index(
                fields=["server", "deployment", "state", "valid_until", "control", "effort_days"],
                name="control_status_summed",
            ),
            models.Index(fields=["state", "number"], name="control_status_by_word"),
            models.Index(fields=["place", "number"], name="control_status_by_place"),
            models.Index(fields=["valid_until", "number"], name="control_status_by_end"),
            models.Index(fields=["due_on", "number"], name="control_status_by_due"),
            models.Index(fields=["as_of", "number"], name="control_status_by_day"),
        )
        constraints = (
            models.UniqueConstraint(
                fields=["control"], name="a_control_is_stated_once_for_all", condition=Q(place="organisation")
            ),
            models.UniqueConstraint(
                fields=["control", "server"], name="a_control_is_stated_once_a_server", condition=Q(place="server")
            ),
            models.UniqueConstraint(
                fields=["control", "deployment"],
                name="a_control_is_stated_once_a_deployment",
                condition=Q(place="deployment"),
            ),
            models.UniqueConstraint(
                fields=["control", "service"], name="a_control_is_stated_once_a_service", condition=Q(place="service")
            ),
            models.CheckConstraint(
                name="a_control_is_stated_for_its_place",
                condition=Q(place="organisation", unit=None, service=None, server=None, deployment=None)
                | Q(place="service", service__isnull=False, server=None, deployment=None)
                | Q(place="server", unit__isnull=False, service=None, server__isnull=False, deployment=None)
                | Q(
                    place="deployment",
                    unit__isnull=False,
                    service=None,
                    server__isnull=False,
                    deployment__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="a_planned_control_has_a_day", condition=~Q(state="planned") | Q(due_on__isnull=False)
            ),
            models.CheckConstraint(
                name="a_control_that_does_not_apply_has_a_reason",
                condition=~Q(state="not_applicable") | ~Q(reason=""),
            ),
            models.CheckConstraint(
                name="only_a_control_that_stands_runs_out",
                condition=Q(valid_until=None) | Q(state__in=["in_place", "partly", "not_applicable"]),
            ),
        )

    def __str__(self) -> str:
        """Return e.g. "CT-3 MI-20.2.1 TLS Implementation"."""
        return f"{self.ref} {self.control}"

    @property
    def about(self) -> "Deployment | Server | SharedService | None":
        """Return what it is stated of; None for the whole organisation."""
        return self.deployment or self.server or self.service

    @property
    def is_orphaned(self) -> bool:
        """Return whether the control is in no current revision of its framework any more."""
        return self.control.framework.status != "current"

    @classmethod
    def lapsed_on(cls, today: date) -> Q:
        """Return the condition that its last day has passed."""
        return Q(valid_until__lt=today)

    @classmethod
    def overdue_on(cls, today: date) -> Q:
        """Return the condition that it was to be in place and is not."""
        return Q(state=Word.PLANNED, due_on__lt=today)

    @property
    def waits(self) -> bool:
        """Return whether its due day still matters."""
        return self.state == Word.PLANNED


def place_of(about: Any) -> dict[str, Any]:
    """Return the columns that say for what a status is: a deployment, a server, a shared service, or None for the
    organisation.
    """
    nowhere = {"unit_id": None, "service_id": None, "server_id": None, "deployment_id": None}
    if about is None:
        return {"place": Place.ORGANISATION, **nowhere}
    if isinstance(about, SharedService):
        return {"place": Place.SERVICE, **nowhere, "unit_id": about.unit_id, "service_id": about.pk}
    if isinstance(about, Deployment):
        return place_of(about.server) | {"place": Place.DEPLOYMENT, "deployment_id": about.pk}
    return {"place": Place.SERVER, **nowhere, "unit_id": about.unit_id, "server_id": about.pk}
