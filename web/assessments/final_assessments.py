"""The page of a final assessment: the frozen record with its arithmetic, and the current rating beside it."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from accounts.access import Capability
from assessments import snapshots, suppliers
from assessments.models import Assessment, Snapshot
from decisions.ratings import ratings
from findings.lists import FINDINGS
from findings.models import Finding, Overlay
from reports import requests
from reports.drawings import charts
from riskregister.canonical import digest
from scoring import assurance, methodology, scoresheet
from scoring.methodology import Methodology
from scoring.scales import Band
from web.assessments.worksheet import Worksheet
from web.page_parts import history, lists
from web.page_parts.access import MemberRequest
from web.servers.servers import OF_FINDINGS


@dataclass(frozen=True, slots=True)
class FrozenLine:
    """A frozen answer with what it counts, what was laid over it since, and the better answers of other deployments."""

    answer: dict[str, Any]
    scored: assurance.ScoredLine
    arithmetic: str
    overlays: list[Overlay]
    answered_at: datetime | None
    others: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class FrozenDimension:
    """A dimension of the frozen score with its lines and their sums."""

    title: str
    score: assurance.DimensionScore
    lines: list[FrozenLine]
    credit: str
    weight: int


def show(request: MemberRequest, sheet: Worksheet) -> HttpResponse:
    """Show what was frozen, whether it still recomputes, the decisions on it and the rating of today."""
    assessment, now = sheet.assessment, timezone.now()
    snapshot = assessment.snapshot
    body = snapshot.data
    score, recomputes = _score(snapshot)
    is_current = assessment.status == Assessment.Status.FINAL
    page = {
        "assessment": assessment,
        "sheet": sheet,
        "snapshot": snapshot,
        "body": body,
        "score": score,
        "is_intact": recomputes and digest(snapshot.body) == snapshot.digest,
        "dimensions": _dimensions(assessment, body, score),
        "chart": _chart(score),
        "approvals": list(
            assessment.approvals.select_related("decided_by", "withdrawn_by").prefetch_related("conditions")
        ),
        "findings": lists.table_of(FINDINGS, list(_findings(request, assessment)), *OF_FINDINGS),
        "rating": ratings.current(assessment.server, now=now) if is_current and assessment.server else None,
        "now": now,
        "can_decide": is_current and assessment.server and sheet.can(Capability.DECIDE) and not sheet.why_not_decide,
        "judgement": suppliers.judgement(assessment.vendor, today=timezone.localdate(now))
        if is_current and assessment.vendor and not assessment.server
        else None,
        "can_report": requests.request_assessment_report.offer(assessment, sheet.user).may,
        **history.shown(request.user, assessment),
    }
    return render(request, "assessments/final.html", page)


def _score(snapshot: Snapshot) -> tuple[assurance.Score, bool]:
    """Return the score, and whether it is what the snapshot says."""
    try:
        return snapshot.score, True
    except scoresheet.DoesNotRecompute:
        sheet = snapshot.data["sheet"]
        method = methodology.load(sheet["methodology"]["version"])
        return assurance.rate(scoresheet.read_lines(sheet), method, accepted=sheet["accepted_dimensions"]), False


def _findings(request: MemberRequest, assessment: Assessment) -> "QuerySet[Finding]":
    rows = Finding.objects.visible_to(request.user).filter(occurrences__assessment=assessment)
    return rows.select_related("owner").order_by("severity", "number").distinct()


def _dimensions(assessment: Assessment, body: dict[str, Any], score: assurance.Score) -> list[FrozenDimension]:
    answers = {snapshots.key_of(row): row for row in body["answers"]}
    laid: dict[str, list[Overlay]] = defaultdict(list)
    for overlay in assessment.overlays.select_related("option", "author", "finding", "evidence"):
        laid[overlay.question_key].append(overlay)
    return [_dimension(one, score, answers, laid) for one in score.dimensions]


def _dimension(
    one: assurance.DimensionScore, score: assurance.Score, answers: dict[str, Any], laid: dict[str, list[Overlay]]
) -> FrozenDimension:
    own = [scored for scored in score.lines if scored.line.dimension == one.key]
    return FrozenDimension(
        title=score.methodology.dimension(one.key).title,
        score=one,
        lines=[_line(scored, answers, laid[scored.line.question], score.methodology) for scored in own],
        credit=assurance.shown(sum((scored.credit for scored in own), Fraction(0))),
        weight=sum(scored.line.weight for scored in own if scored.applies),
    )


def _line(
    scored: assurance.ScoredLine, answers: dict[str, dict[str, Any]], laid: list[Overlay], method: Methodology
) -> FrozenLine:
    answer = answers[scored.line.key]
    at = datetime.fromisoformat(answer["answered_at"]) if answer["answered_at"] else None
    others = [answers[line.key] for line in scored.others]
    return FrozenLine(answer, scored, _arithmetic(scored, method), laid, at, others)


def _arithmetic(scored: assurance.ScoredLine, method: Methodology) -> str:
    """Return how the credit came about, e.g. "3 × min(1, 0.60) = 9/5"."""
    line = scored.line
    if not scored.applies:
        return "left out"
    if line.value is None:
        return f"0 of {line.weight}"
    ceiling = assurance.shown(method.evidence(line.evidence_level).ceiling)
    return f"{line.weight} × min({line.value}, {ceiling}) = {scored.credit}"


def _chart(score: assurance.Score) -> charts.Chart:
    method = score.methodology
    bars = [
        charts.DimensionBar(method.dimension(one.key).title, one.weight, one.score, Band(one.band))
        for one in score.dimensions
    ]
    return charts.dimension_bars(bars, bands=method.bands)
