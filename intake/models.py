"""Requests for servers: somebody wants agents to use one."""

from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from accounts import access
from accounts.access import ScopedQuerySet
from accounts.models import Unit, User
from numbering.models import Numbered
from riskregister import transitions
from vendors.models import Fact, Server

WHAT_LIMIT = 300


class RequestQuerySet(ScopedQuerySet["ServerRequest"]):
    """Requests in the units a person works in, and their own."""

    def visible_to(self, user: Any) -> Self:
        """Return those of the person's units, and what they asked for themselves, with a role there or without."""
        seen, person = access.of(user), getattr(user, "person", None)
        if seen.sees_all_units:
            return self
        if person is None or not person.is_active:
            return self.none()
        return self.filter(Q(unit_id__in=seen.unit_ids) | Q(asked_by=person.pk))

    def waiting(self) -> Self:
        """Return those that nobody has answered yet."""
        return self.filter(status__in=ServerRequest.WAITING)


class ServerRequest(Numbered):
    """What somebody asks for: a server that is registered, or what they wrote of one; with what it is for.

    `server` is the one that it led to, or the one that was asked for.
    """

    class Status(models.TextChoices):
        """Where it is."""

        ASKED = "asked"
        IN_REVIEW = "in_review", "In review"
        GRANTED = "granted"
        DECLINED = "declined"
        WITHDRAWN = "withdrawn"

    TRANSITIONS = transitions.table(
        asked="in_review granted declined withdrawn", in_review="granted declined withdrawn"
    )
    WAITING = (Status.ASKED, Status.IN_REVIEW)

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="requests")
    what = models.CharField(max_length=WHAT_LIMIT, help_text="the server, its address or package, as the asker says it")
    server = models.ForeignKey(Server, on_delete=models.PROTECT, null=True, blank=True, related_name="requests")
    purpose = models.TextField()
    data_reached = models.CharField(
        max_length=8,
        choices=Fact,
        blank=True,
        help_text="what it would reach, as the exposure fact says it; or unknown",
    )
    agent = models.CharField(max_length=200, help_text="which agent or client would use it")
    status = models.CharField(max_length=10, choices=Status, default=Status.ASKED)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    taken_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    taken_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    reason = models.TextField(blank=True, help_text="why it was declined or withdrawn")

    objects = RequestQuerySet.as_manager()

    class Meta:
        ordering = ("-number",)
        indexes = (
            models.Index(fields=["status"], name="request_by_status"),
            models.Index(fields=["unit", "status"], name="request_by_unit_status"),
        )
        constraints = (
            models.UniqueConstraint(
                "asked_by",
                "unit",
                Lower("what"),
                name="a_person_waits_once_for_the_same",
                condition=Q(status__in=["asked", "in_review"]),
            ),
            models.UniqueConstraint(
                fields=["asked_by", "server"],
                name="a_person_waits_once_for_a_server",
                condition=Q(status__in=["asked", "in_review"], server__isnull=False),
            ),
            models.CheckConstraint(
                name="a_granted_request_led_to_a_server", condition=~Q(status="granted") | Q(server__isnull=False)
            ),
            models.CheckConstraint(
                name="a_request_is_answered_at_a_moment",
                condition=Q(status__in=["asked", "in_review"], decided_at__isnull=True)
                | Q(status__in=["granted", "declined", "withdrawn"], decided_at__isnull=False),
            ),
            models.CheckConstraint(name="a_declined_request_says_why", condition=~Q(status="declined") | ~Q(reason="")),
        )

    def __str__(self) -> str:
        """Return e.g. "RQ-3 com.example/weather"."""
        return f"{self.ref} {self.what}"
