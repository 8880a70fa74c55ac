"""What is nobody's, for those who may give it to somebody."""

from django.db.models import QuerySet

from accounts.access import Capability
from accounts.models import User
from decisions.models import Review
from findings.models import Finding
from vendors.models import Server, Vendor
from work.in_hand import waiting

ASSIGNERS = (Capability.WRITE, Capability.MANAGE)


def findings(user: User) -> QuerySet[Finding]:
    """Return the findings without an owner that the person may assign, the worst first."""
    rows = Finding.objects.visible_to(user).filter(waiting.may(user, *ASSIGNERS), owner=None)
    todo = rows.filter(status__in=Finding.LIVE)
    return todo.select_related("server", "vendor").order_by("severity", "due_on", "number")


def servers(user: User) -> QuerySet[Server]:
    """Return the servers without an owner to which the person may give one, those in use first."""
    rows = Server.objects.visible_to(user).filter(waiting.may(user, Capability.WRITE), owner=None)
    return (
        rows.exclude(status__in=Server.OUT_OF_USE)
        .select_related("unit")
        .order_by("-is_in_use", "inherent_tier", "number")
    )


def reviews(user: User) -> QuerySet[Review]:
    """Return the open reviews that nobody does and the person may assign, the earliest first."""
    rows = Review.objects.visible_to(user).filter(waiting.may(user, *ASSIGNERS), assignee=None)
    return rows.filter(status=Review.Status.OPEN).select_related("server").order_by("due_on", "number")


def vendors(user: User) -> QuerySet[Vendor]:
    """Return the vendors that we work with, that nobody looks after, and to which the person may give somebody."""
    if waiting.may_somewhere(user, Capability.WRITE):
        return Vendor.objects.filter(relationship_owner=None, status=Vendor.Status.ACTIVE).order_by("name")
    return Vendor.objects.none()
