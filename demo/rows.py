"""Which rows belong to the demo organisation, and what of the real register rests on them."""

from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from accounts.models import Unit, User
from alerts.models import Alert, Delivery
from assessments.models import Answer, AnswerEvidence, Assessment, Editor, Snapshot
from decisions.models import Approval, Condition, RatingOverride, RatingRecord, Reminder, Review, ServerRating
from evidence.models import Evidence, Verification
from findings.models import Finding, FixClaim, Milestone, Occurrence, Overlay, RemediationPlan, RiskAcceptance
from jobs.models import Job
from reports.models import Report, ReportPart
from vendors.models import (
    Contact,
    Deployment,
    Package,
    Release,
    Remote,
    Server,
    ServerSupplier,
    SubProcessor,
    Tool,
    Vendor,
    VendorKind,
)

ON_SERVER = Q(server__is_demo=True)
ON_FINDING = Q(finding__is_demo=True)
ON_ASSESSMENT = Q(assessment__server__is_demo=True)


def drop(found: Iterable["QuerySet[Any]"]) -> None:
    """Delete rows table by table, in the order given.

    The collector of `delete()` is passed by: it refuses rows that protect each other even when all of them go. What
    still refers to a row that is gone fails with the transaction.
    """
    for rows in found:
        rows._raw_delete(rows.db)


def kept_units() -> "QuerySet[Unit]":
    """Return the demo units in which somebody registered a server of their own: these stay, as real units."""
    return Unit.objects.filter(is_demo=True, servers__is_demo=False).distinct()


def closing_units() -> "QuerySet[Unit]":
    """Return the demo units that go."""
    return Unit.objects.filter(is_demo=True).exclude(pk__in=kept_units().values("pk"))


def real_servers_on_demo() -> "QuerySet[Server]":
    """Return the servers that are not demo and rest on a demo vendor, its documents or its answers."""
    vendor = Q(suppliers__vendor__is_demo=True) | Q(assessments__vendor__is_demo=True)
    answers = Q(assessments__answers__evidence__unit__in=closing_units())
    reused = Q(assessments__answers__reused_from__assessment__server__is_demo=True)
    return Server.objects.filter(vendor | answers | reused, is_demo=False).distinct().order_by("number")


def real_vendors_on_demo() -> "QuerySet[Vendor]":
    """Return the vendors that are not demo and belong to a demo vendor, use one, or have findings of demo servers."""
    related = Q(parent__is_demo=True) | Q(sub_processors__used__is_demo=True)
    observed = Q(findings__assessment__server__is_demo=True)
    return Vendor.objects.filter(related | observed, is_demo=False).distinct().order_by("number")


def counted() -> dict[str, "QuerySet[Any]"]:
    """Return the main kinds of demo records by name."""
    return {
        "servers": Server.objects.filter(is_demo=True),
        "vendors": Vendor.objects.filter(is_demo=True),
        "assessments": Assessment.objects.filter(ON_SERVER),
        "findings": Finding.objects.filter(is_demo=True),
    }


def reports(cast: Iterable[User]) -> "QuerySet[Report]":
    """Return the reports on demo servers and closing units, and those on other units that demo people asked for."""
    elsewhere = (Q(unit=None) | Q(unit__in=kept_units())) & Q(assessment=None, requested_by__in=list(cast))
    return Report.objects.filter(ON_ASSESSMENT | Q(unit__in=closing_units()) | elsewhere)


def evidence(cast: list[User]) -> list[UUID]:
    """Return the evidence of closing units, and what is of all or of a unit that stays and backs nothing real.

    The latter backs demo answers, or was added by one of the demo people and backs nothing at all.
    """
    backing = AnswerEvidence.objects.filter(answer__assessment__server__is_demo=True).values("evidence")
    elsewhere = AnswerEvidence.objects.filter(answer__assessment__server__is_demo=False).values("evidence")
    claimed = FixClaim.objects.filter(finding__is_demo=False).exclude(evidence=None).values("evidence")
    staying = Q(unit=None) | Q(unit__in=kept_units())
    shared = staying & (Q(pk__in=backing) | Q(added_by__in=cast)) & ~Q(pk__in=elsewhere) & ~Q(pk__in=claimed)
    return list(Evidence.objects.filter(Q(unit__in=closing_units()) | shared).values_list("pk", flat=True))


def alerts(readers: list[User]) -> Iterator["QuerySet[Any]"]:
    """Yield the alerts that lead to demo records or wait for these people, before them their mail and its jobs."""
    opened = [*counted().values(), reports(readers), *_waiting()]
    going = [pk for found in opened for pk in found.values_list("pk", flat=True)]
    told = Alert.objects.filter(Q(object_id__in=going) | Q(recipient__in=readers))
    keys = list(told.values_list("pk", flat=True))
    mail = Delivery.objects.filter(alert__in=keys)
    promised = [str(pk) for pk in mail.values_list("pk", flat=True)]
    yield Job.objects.filter(kind="alerts.send", payload__delivery__in=promised)
    yield mail
    yield Alert.objects.filter(pk__in=keys)


def _waiting() -> list["QuerySet[Any]"]:
    """Return what else of the demo an alert can lead to."""
    return [
        Review.objects.filter(ON_SERVER),
        Approval.objects.filter(ON_SERVER),
        RatingOverride.objects.filter(ON_SERVER),
        RiskAcceptance.objects.filter(ON_FINDING | ON_SERVER),
        Evidence.objects.filter(unit__in=closing_units()),
    ]


def work(cast: list[User]) -> Iterator["QuerySet[Any]"]:
    """Yield reports, findings, decisions, reviews and assessments with all that hangs on them, leaves first."""
    asked = list(reports(cast).values_list("pk", flat=True))
    yield Job.objects.filter(kind="reports.render", payload__report__in=[str(pk) for pk in asked])
    yield ReportPart.objects.filter(report__in=asked)
    yield Report.objects.filter(pk__in=asked)
    yield Overlay.objects.filter(ON_ASSESSMENT)
    yield Occurrence.objects.filter(ON_FINDING)
    yield FixClaim.objects.filter(ON_FINDING)
    yield Milestone.objects.filter(plan__finding__is_demo=True)
    yield RemediationPlan.objects.filter(ON_FINDING)
    yield Condition.objects.filter(approval__server__is_demo=True)
    yield RiskAcceptance.objects.filter(ON_FINDING | ON_SERVER)
    yield RatingOverride.objects.filter(ON_SERVER)
    yield Approval.objects.filter(ON_SERVER)
    yield Reminder.objects.filter(review__server__is_demo=True)
    yield Review.objects.filter(ON_SERVER)
    yield Finding.objects.filter(is_demo=True)
    yield from _assessments()


def documents(keys: list[UUID]) -> Iterator["QuerySet[Any]"]:
    """Yield this evidence with its verifications."""
    yield Verification.objects.filter(evidence__in=keys)
    yield Evidence.objects.filter(pk__in=keys)


def _assessments() -> Iterator["QuerySet[Any]"]:
    yield AnswerEvidence.objects.filter(answer__assessment__server__is_demo=True)
    yield Answer.objects.filter(ON_ASSESSMENT)
    yield Editor.objects.filter(ON_ASSESSMENT)
    yield Snapshot.objects.filter(ON_ASSESSMENT)
    yield ServerRating.objects.filter(ON_SERVER)
    yield RatingRecord.objects.filter(ON_SERVER)
    yield Assessment.objects.filter(ON_SERVER)


def register() -> Iterator["QuerySet[Any]"]:
    """Yield servers and vendors with all that describes them; a server and its releases refer to each other."""
    yield Deployment.objects.filter(ON_SERVER)
    yield ServerSupplier.objects.filter(ON_SERVER)
    for model in (Package, Remote, Tool):
        yield model._default_manager.filter(release__server__is_demo=True)
    yield Release.objects.filter(ON_SERVER)
    yield Server.objects.filter(is_demo=True)
    yield SubProcessor.objects.filter(vendor__is_demo=True)
    yield Contact.objects.filter(vendor__is_demo=True)
    yield VendorKind.objects.filter(vendor__is_demo=True)
    yield Vendor.objects.filter(is_demo=True)
