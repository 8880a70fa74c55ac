"""What is wrong with shared services becomes findings about the servers behind them: one a server, service, fault."""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from findings.observed import gaps
from findings.observed.gaps import Gap
from jobs import queue
from landscape import faults
from landscape.faults import Facts
from landscape.models import DeploymentService, SharedService
from riskregister import nouns, sweeps
from riskregister.ids import uuid7
from riskregister.unit_of_work import unit_of_work
from vendors.models import Server

# The job that judges the servers behind one service.
LATER = "landscape.judge"
PREFIX = "landscape:"
FILLED = "What was wrong with the shared service is mended, or the server does not run behind it any more."


def judge(server: Server, *, now: datetime) -> None:
    """Put on record what is wrong with the services that a server runs behind, and close what is mended.

    Part of a step or a job that holds the server. What is out of use has no findings of it.
    """
    found = [] if server.status in Server.OUT_OF_USE else list(_gaps(server, now=now))
    gaps.hand_in(server, found, prefix=PREFIX, filled=FILLED, now=now)


def follow(server: Server, *, reason: str, now: datetime) -> None:
    """Judge a server anew whose tier or use changed, where it runs behind a service."""
    if DeploymentService.objects.filter(deployment__server=server).exists():
        judge(server, now=now)


def later(service: SharedService, *, now: datetime) -> None:
    """Promise to judge the servers behind a service, in a job of its own: there may be thousands."""
    queue.enqueue(LATER, key=f"{LATER}:{service.pk}:{uuid7()}", now=now, service=str(service.pk))


def behind(service: UUID) -> "QuerySet[Server]":
    """Return the servers that have, or had, a deployment behind the service with this id."""
    return Server.objects.filter(pk__in=DeploymentService.objects.filter(service=service).values("deployment__server"))


def judge_one(key: str, *, now: datetime) -> None:
    """Judge the server with this id, which is held meanwhile."""
    with unit_of_work():
        for server in nouns.hold_all(Server.objects.filter(pk=key)):
            judge(server, now=now)


def note_lapsed(*, now: datetime) -> int:
    """Take in which assessments count no more, and return of how many services; each in its own transaction."""
    today = timezone.localdate(now)
    due = SharedService.objects.standing().filter(assess_again_on__lt=today, has_lapsed=False)
    return sum(_note_lapsed(due.filter(pk=key), now=now) for key in sweeps.keys(due))


def _note_lapsed(due: "QuerySet[SharedService]", *, now: datetime) -> int:
    with unit_of_work():
        for service in nouns.hold_all(due):
            later(service, now=now)
        return due.update(has_lapsed=True)


def _gaps(server: Server, *, now: datetime) -> Iterator[Gap]:
    current = DeploymentService.objects.filter(deployment__server=server, deployment__ended_on__isnull=True)
    services = SharedService.objects.standing().filter(pk__in=current.values("service")).order_by("number")
    for service in services:
        for fault in faults.of(facts(service), tier=server.inherent_tier, today=timezone.localdate(now)):
            yield Gap(
                key=f"{PREFIX}{service.ref}:{fault.word}",
                severity=fault.severity,
                title=fault.title,
                description=fault.description,
                recommendation=fault.recommendation,
            )


def facts(service: SharedService) -> Facts:
    """Return what the rules ask of a service."""
    return Facts(
        name=str(service),
        again_on=service.assess_again_on,
        has_failed=service.assessment_result == SharedService.Result.FAILED,
        is_single_point=service.is_single_point,
        stand_in=service.stand_in,
        can_be_bypassed=service.can_be_bypassed,
        bypassed_by=service.bypassed_by,
        promised=service.availability_promised,
        measured=service.availability_measured,
    )
