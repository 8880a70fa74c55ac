"""The frozen record of a final assessment: everything that a report prints and from which the score recomputes."""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from django.utils import timezone

from assessments import scored_lines
from assessments.models import Answer, Assessment, Snapshot
from evidence import verification
from evidence.models import Evidence
from riskregister.canonical import canonical, digest
from scoring import assurance, scoresheet

FORMAT = "mcp-risk-register/assessment-snapshot/1"


def take(assessment: Assessment, *, now: datetime) -> tuple[Snapshot, assurance.Score]:
    """Return the stored snapshot of an assessment that is being finalised, and its score."""
    today = timezone.localdate(now)
    answers = scored_lines.answers_of(assessment)
    asked = scored_lines.applicable(assessment, answers)
    scored = assurance.rate(
        [scored_lines.line_of(answer, today=today) for answer in asked],
        scored_lines.methodology_of(assessment),
        accepted=assessment.accepted_dimensions,
    )
    body = canonical(_body(assessment, answers, asked, scored, today=today, now=now))
    return Snapshot.objects.create(assessment=assessment, body=body, digest=digest(body), created_at=now), scored


def read(snapshot: Snapshot) -> dict[str, Any]:
    """Return the snapshot's data."""
    data: dict[str, Any] = json.loads(snapshot.body)
    return data


def score_of(snapshot: Snapshot) -> assurance.Score:
    """Return the score, recomputed from the frozen lines; raise scoresheet.DoesNotRecompute when they disagree."""
    return scoresheet.recompute(read(snapshot)["sheet"])


def evidence_validity(frozen: Mapping[str, Any]) -> dict[str, date | None]:
    """Return, from what `read` returns, by question the last day of the evidence that its frozen level rests on.

    None: it does not run out.
    """
    return {row["question"]: _last_day(row["evidence"]) for row in frozen["answers"] if row["evidence"]}


def questions(frozen: Mapping[str, Any]) -> dict[str, str]:
    """Return, from what `read` returns, the questions as they were asked, by key."""
    return {row["question"]: row["text"] for row in frozen["answers"]}


def _last_day(evidence: list[dict[str, Any]]) -> date | None:
    best = max(item["level"] for item in evidence)
    days = [item["valid_until"] for item in evidence if item["level"] == best]
    return None if None in days else max(date.fromisoformat(day) for day in days)


def _body(
    assessment: Assessment,
    answers: list[Answer],
    asked: list[Answer],
    scored: assurance.Score,
    *,
    today: date,
    now: datetime,
) -> dict[str, Any]:
    release, server = assessment.release, assessment.server
    asked_keys = {answer.question.key for answer in asked}
    return {
        "format": FORMAT,
        "assessment": {"ref": assessment.ref, "id": str(assessment.pk), "kind": assessment.kind},
        "unit": assessment.unit.name,
        "server": {"ref": server.ref, "name": server.name, "title": server.title},
        "vendor": {"ref": assessment.vendor.ref, "name": assessment.vendor.name} if assessment.vendor else None,
        "release": {
            "version": release.version,
            "revision": release.revision,
            "manifest_digest": assessment.manifest_digest,
            "server_json_digest": release.server_json_digest,
            "packages": [
                {"package": str(package), "integrity": package.integrity} for package in release.packages.all()
            ],
        },
        "inherent_tier": {"tier": server.inherent_tier, "reason": server.tier_reason},
        "question_set": {"title": str(assessment.question_set), "digest": assessment.question_set.digest},
        "facts": assessment.facts,
        "sheet": scoresheet.write(scored),
        "answers": [_answer(answer, today=today) for answer in asked],
        "not_asked": sorted(answer.question.key for answer in answers if answer.question.key not in asked_keys),
        "answers_digest": assessment.answers_digest,
        "submitted": {"by": str(assessment.submitted_by), "at": _moment(assessment.submitted_at)},
        "finalised": {"by": str(assessment.finalised_by), "at": _moment(now)},
    }


def _answer(answer: Answer, *, today: date) -> dict[str, Any]:
    question = answer.question
    return {
        "question": question.key,
        "text": question.text,
        "answer": str(answer),
        "option": answer.option.key if answer.option else None,
        "reason": answer.reason,
        "comment": answer.comment,
        "confirmed_by": str(answer.na_confirmed_by) if answer.na_confirmed_by else None,
        "reused": answer.reused_from_id is not None,
        "answered_by": str(answer.edited_by) if answer.edited_by else None,
        "answered_at": _moment(answer.edited_at),
        "evidence": [_evidence(item, today=today) for item in answer.evidence.all()],
    }


def _evidence(item: Evidence, *, today: date) -> dict[str, Any]:
    return {
        "ref": item.ref,
        "title": item.title,
        "kind": item.kind,
        "issuer": item.issuer,
        "level": verification.level(item, today=today),
        "sha256": item.blob_id,
        "url": item.url,
        "issued_on": item.issued_on.isoformat() if item.issued_on else None,
        "valid_until": item.valid_until.isoformat() if item.valid_until else None,
        "verified": [
            {
                "document": row.document,
                "document_date": row.document_date.isoformat(),
                "checked": row.checked,
                "by": str(row.verified_by),
                "at": _moment(row.verified_at),
            }
            for row in item.verifications.all()
        ],
    }


def _moment(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat() if moment else None
