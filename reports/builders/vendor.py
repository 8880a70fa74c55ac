"""What the report on the assessment of a vendor prints."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from django.db.models import Q
from django.utils import timezone

from assessments.answers import scored_lines
from assessments.models import Assessment
from audit.models import Event
from catalogue.models import Question
from findings.models import Finding, RiskAcceptance
from reports.builders import agreements, certified, controls, entries, history, scope, signoffs, supplied
from reports.builders.agreements import Agreements
from reports.builders.certified import CertificateEntry
from reports.builders.controls import ControlEntry
from reports.builders.entries import AcceptanceEntry, FindingEntry, Head, name
from reports.builders.history import History
from reports.builders.scope import NotAsked
from reports.builders.signoffs import SignOff
from reports.builders.supplied import SupplierEntry
from reports.models import Report
from vendors.models import Vendor

FORMAT = "mcp-risk-register/vendor-report/1"
EVENTS = 100


@dataclass(frozen=True, slots=True)
class VendorReport:
    """Everything that the report prints; `snapshot` is the frozen record word for word.

    `numbers` gives each question the place in its set by which the report calls it: Q1, Q2 … `standing` says how the
    vendor's newest assessment stands on the day, which `rests_on` names.
    """

    format: str
    head: Head
    status: str
    vendor: dict[str, str]
    rests_on: str
    standing: str
    due_on: str
    snapshot: dict[str, Any]
    snapshot_digest: str
    methodology: dict[str, Any]
    numbers: dict[str, int]
    not_asked: tuple[NotAsked, ...]
    sub_processors: tuple[SupplierEntry, ...]
    servers: int
    agreements: Agreements
    certificates: tuple[CertificateEntry, ...]
    findings: tuple[FindingEntry, ...]
    acceptances: tuple[AcceptanceEntry, ...]
    controls: tuple[ControlEntry, ...]
    signoffs: tuple[SignOff, ...]
    history: History


def build(report: Report, *, now: datetime) -> VendorReport:
    """Return what the report on `report.assessment`, which is of a vendor, prints at `now`."""
    rows = Assessment.objects.select_related("vendor__relationship_owner", "snapshot", "question_set")
    assessment = rows.get(reports=report)
    vendor, snapshot = cast(Vendor, assessment.vendor), assessment.snapshot.data
    about = Finding.objects.filter(vendor=vendor)
    accepted = RiskAcceptance.objects.filter(finding__vendor=vendor)
    signed = {assessment.pk, *about.values_list("pk", flat=True), *accepted.values_list("pk", flat=True)}
    events = Event.objects.filter(Q(object_id__in=[vendor.pk, assessment.pk]) | Q(concerns_id=vendor.pk))
    own, today = supplied.judgement(vendor, now=now), timezone.localdate(now)
    return VendorReport(
        format=FORMAT,
        head=entries.head_of(report, now=now, is_example=vendor.is_demo),
        status=assessment.get_status_display(),
        vendor=_vendor(vendor),
        rests_on=own.assessment,
        standing=own.standing,
        due_on=own.due_on,
        snapshot=snapshot,
        snapshot_digest=assessment.snapshot.digest,
        methodology=json.loads(scored_lines.methodology_of(assessment).text),
        numbers=dict(Question.objects.filter(question_set=assessment.question_set_id).values_list("key", "position")),
        not_asked=scope.not_asked(assessment, snapshot),
        sub_processors=supplied.behind_vendor(vendor, now=now),
        servers=supplied.servers_of(vendor),
        agreements=agreements.with_vendor(vendor, today=today),
        certificates=certified.of(vendor, today=today),
        findings=entries.findings(about, unit_id=None, now=now),
        acceptances=entries.acceptances(accepted, now=now),
        controls=controls.of(
            assessment,
            snapshot,
            about.filter(status__in=Finding.UNSETTLED).order_by("number"),
            today=today,
        ),
        signoffs=signoffs.of(signed),
        history=history.of(events, about=f"everything recorded about {vendor.ref} {vendor.name}", newest=EVENTS),
    )


def _vendor(vendor: Vendor) -> dict[str, str]:
    return {
        "ref": vendor.ref,
        "name": vendor.name,
        "legal_entity": vendor.legal_entity,
        "country": vendor.country,
        "website": vendor.website,
        "status": vendor.get_status_display(),
        "criticality": vendor.get_criticality_display(),
        "supplies": ", ".join(str(kind) for kind in vendor.kinds.all()),
        "owner": name(vendor.relationship_owner),
    }
