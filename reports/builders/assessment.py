"""What the report on one assessment prints."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone

from assessments.answers import scored_lines
from assessments.models import Assessment
from audit.models import Event
from catalogue.models import Question
from decisions.approvals import server_states
from decisions.models import RatingRecord
from decisions.ratings import ratings
from findings.models import Finding, RiskAcceptance
from reports.builders import (
    agreements,
    certified,
    controls,
    decided,
    entries,
    exposure,
    history,
    offered,
    scope,
    signoffs,
    supplied,
    tiers,
)
from reports.builders.agreements import Agreements
from reports.builders.certified import CertificateEntry
from reports.builders.controls import ControlEntry
from reports.builders.decided import DecisionEntry, OverlayEntry, OverrideEntry
from reports.builders.entries import AcceptanceEntry, FindingEntry, Head, moment, name
from reports.builders.exposure import FactEntry, FrozenFacts, TierRules
from reports.builders.history import History
from reports.builders.offered import Offered
from reports.builders.scope import DeploymentEntry, NotAsked, Population
from reports.builders.signoffs import SignOff
from reports.builders.supplied import SupplierCoverage
from reports.builders.tiers import TierEntry
from reports.models import Report
from riskregister import looks
from scoring import rating
from vendors.models import Server

FORMAT = "mcp-risk-register/assessment-report/1"
EVENTS = 100
RATINGS = 40


@dataclass(frozen=True, slots=True)
class RatingChange:
    """One change of the server's rating."""

    at: str
    reason: str
    score: str
    band: str
    residual: str


@dataclass(frozen=True, slots=True)
class AssessmentReport:
    """Everything that the report prints; `snapshot` is the frozen record word for word.

    `numbers` gives each question the place in its set by which the report calls it: Q1, Q2 … `rating_history` holds the
    latest of the `rating_changes` that there were. `agreements` and `certificates` are those of the publisher.
    """

    format: str
    head: Head
    status: str
    server: dict[str, str]
    population: Population
    tier_rules: TierRules
    exposure: tuple[FactEntry, ...]
    exposure_frozen: tuple[FrozenFacts, ...]
    deployments: tuple[DeploymentEntry, ...]
    offered: Offered
    snapshot: dict[str, Any]
    snapshot_digest: str
    methodology: dict[str, Any]
    numbers: dict[str, int]
    not_asked: tuple[NotAsked, ...]
    rating: dict[str, Any]
    rests_on: str
    suppliers: SupplierCoverage
    agreements: Agreements | None
    certificates: tuple[CertificateEntry, ...]
    overrides: tuple[OverrideEntry, ...]
    decisions: tuple[DecisionEntry, ...]
    overlays: tuple[OverlayEntry, ...]
    findings: tuple[FindingEntry, ...]
    acceptances: tuple[AcceptanceEntry, ...]
    controls: tuple[ControlEntry, ...]
    governance_tiers: tuple[TierEntry, ...]
    signoffs: tuple[SignOff, ...]
    rating_history: tuple[RatingChange, ...]
    rating_changes: int
    history: History


def build(report: Report, *, now: datetime) -> AssessmentReport:
    """Return what the report on `report.assessment` prints at `now`."""
    rows = Assessment.objects.select_related("server__owner", "snapshot", "unit", "vendor", "release")
    assessment = rows.get(reports=report)
    server, snapshot = assessment.judged_server, assessment.snapshot.data
    publisher, today = assessment.vendor, timezone.localdate(now)
    about = Finding.objects.filter(Q(server=server) | Q(vendor__isnull=False, vendor=assessment.vendor_id))
    accepted = RiskAcceptance.objects.filter(Q(server=server) | Q(finding__in=about.order_by().values("pk")))
    newest = Assessment.objects.filter(server=server, status=Assessment.Status.FINAL).order_by("-finalised_at").first()
    return AssessmentReport(
        format=FORMAT,
        head=entries.head_of(report, now=now, is_example=server.is_demo),
        status=assessment.get_status_display(),
        server=_server(server, now=now),
        population=scope.population(assessment, snapshot),
        tier_rules=exposure.table(),
        exposure=exposure.facts(server),
        exposure_frozen=exposure.frozen(server, snapshot),
        deployments=scope.deployments(server),
        offered=offered.of(assessment.judged_release),
        snapshot=snapshot,
        snapshot_digest=assessment.snapshot.digest,
        methodology=json.loads(scored_lines.methodology_of(assessment).text),
        numbers=dict(Question.objects.filter(question_set=assessment.question_set_id).values_list("key", "position")),
        not_asked=scope.not_asked(assessment, snapshot),
        rating=rating.write(ratings.current(server, now=now)),
        rests_on=newest.ref if newest else "",
        suppliers=supplied.behind_server(server, now=now),
        agreements=agreements.with_vendor(publisher, today=today) if publisher else None,
        certificates=certified.of(publisher, today=today) if publisher else (),
        overrides=decided.overrides(server, now=now),
        decisions=decided.decisions(assessment, now=now),
        overlays=decided.overlays(assessment),
        findings=entries.findings(about, unit_id=server.unit_id, now=now),
        acceptances=entries.acceptances(accepted, now=now),
        controls=controls.of(
            assessment,
            snapshot,
            about.filter(status__in=Finding.UNSETTLED).order_by("number"),
            today=today,
        ),
        governance_tiers=tiers.of(server, today=today),
        signoffs=signoffs.of(_signed(assessment, about, accepted)),
        rating_history=_rating_history(server),
        rating_changes=RatingRecord.objects.filter(server=server).count(),
        history=_history(server, assessment),
    )


def _signed(assessment: Assessment, about: QuerySet[Finding], accepted: QuerySet[RiskAcceptance]) -> Collection[UUID]:
    """Return the ids of what people sign: the assessment and its server, and what was decided on these, on findings,
    on the rating and on governance tiers.
    """
    server = assessment.judged_server
    rows = (assessment.approvals.all(), about, accepted, server.overrides.all(), server.tier_acceptances.all())
    return {assessment.pk, server.pk}.union(*(one.order_by().values_list("pk", flat=True) for one in rows))


def _server(server: Server, *, now: datetime) -> dict[str, str]:
    return {
        "ref": server.ref,
        "name": server.name,
        "title": server.title,
        "purpose": server.purpose,
        "status": looks.word("server_state", server_states.state(server, today=timezone.localdate(now))),
        "owner": name(server.owner),
        "repository": server.repository_url,
        "licence": server.licence,
    }


def _rating_history(server: Server) -> tuple[RatingChange, ...]:
    rows = list(RatingRecord.objects.filter(server=server).order_by("-at", "-id")[:RATINGS])[::-1]
    return tuple(RatingChange(moment(row.at), row.reason, row.score, row.band, row.residual) for row in rows)


def _history(server: Server, assessment: Assessment) -> History:
    rows = Event.objects.filter(Q(object_id__in=[server.pk, assessment.pk]) | Q(concerns_id=server.pk))
    return history.of(rows, about=f"everything recorded about {server.ref} {server.title}", newest=EVENTS)
