"""The frozen record of a final assessment: everything that a report prints and from which the score recomputes."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from types import MappingProxyType
from typing import Any, cast

from django.utils import timezone

from assessments.answers import scored_lines, supports
from assessments.answers.supports import Support
from assessments.facts import comparing
from assessments.models import Answer, Assessment, Snapshot
from evidence import levels
from evidence.models import Evidence, KeptCopy
from riskregister.canonical import canonical, digest
from scoring import assurance, deadlines, freshness, scoresheet
from vendors import tiers
from vendors.models import Server, Vendor
from vendors.registering import exposure

_NAMED = ("release", "unit", "vendor", "question_set", "submitted_by")
FORMAT = "mcp-risk-register/assessment-snapshot/1"
_INDEPENDENT = Evidence.Issuer.INDEPENDENT


def take(assessment: Assessment, answers: list[Answer], *, now: datetime) -> Snapshot:
    """Return the stored snapshot of an assessment that is being finalised; `answers` are all of it."""
    today = timezone.localdate(now)
    asked = scored_lines.applicable(assessment, answers)
    scored = assurance.rate(
        scored_lines.lines_of(assessment, asked, today=today),
        scored_lines.methodology_of(assessment),
        accepted=assessment.accepted_dimensions,
    )
    data = _data(assessment, answers, asked, scored, today=today, now=now)
    body = canonical(data)
    snapshot = Snapshot.objects.create(assessment=assessment, body=body, digest=digest(body), created_at=now)
    snapshot.data, snapshot.score = data, scored
    return snapshot


@dataclass(frozen=True, slots=True)
class Moved:
    """How a piece of evidence stands that is valid until another day, or issued by another, than when it was frozen."""

    valid_until: date | None
    issuer: str


def evidence_validity(
    frozen: Mapping[str, Any], moved: Mapping[str, Moved] = MappingProxyType({})
) -> dict[str, date | None]:
    """Return, from a snapshot's data, by the key of a line the last day of what its frozen level rests on.

    None: it does not run out, or had run out when it was frozen, at the lower level that it has had since. `moved` says
    by its number what stands otherwise since.
    """
    frozen_on = timezone.localdate(datetime.fromisoformat(frozen["finalised"]["at"]))
    return {key_of(row): _last_day(row, frozen_on, moved) for row in frozen["answers"] if row["evidence"]}


def evidence_of(frozen: Mapping[str, Any]) -> set[str]:
    """Return the numbers of the evidence that a snapshot's answers rest on."""
    return {item["ref"] for row in frozen["answers"] for item in row["evidence"]}


def key_of(row: Mapping[str, Any]) -> str:
    """Return the key of the line that a frozen answer stands for."""
    about = row.get("deployment")
    return assurance.key_of(row["question"], about["ref"] if about else None)


def depth_of(frozen: Mapping[str, Any]) -> int | None:
    """Return how deep the assessment asked; None for a question set without depths."""
    depth: int | None = frozen.get("depth")
    return depth


def deployments_of(frozen: Mapping[str, Any]) -> Collection[str] | None:
    """Return the numbers of the deployments whose answers count; None for a set that asks once for all of them."""
    counted: list[str] | None = frozen.get("deployments")
    return counted


def questions(frozen: Mapping[str, Any]) -> dict[str, str]:
    """Return, from a snapshot's data, the questions as they were asked, by key."""
    return {row["question"]: row["text"] for row in frozen["answers"]}


def _last_day(row: Mapping[str, Any], frozen_on: date, moved: Mapping[str, Moved]) -> date | None:
    evidence = row["evidence"]
    level = max(item["level"] for item in evidence)
    best = [item for item in evidence if item["level"] == level]
    then = [date.fromisoformat(item["valid_until"]) for item in best if item["valid_until"] is not None]
    if any(deadlines.is_past(day, today=frozen_on) for day in then):
        return None
    ends = [_end(item, moved.get(item["ref"]), frozen_on) for item in best]
    days = [day for day in ends if day is not None]
    return freshness.last_day(max(days) if len(days) == len(ends) else None, _event(row), frozen_on=frozen_on)


def _end(item: Mapping[str, Any], moved: Moved | None, frozen_on: date) -> date | None:
    """Return the last day of a frozen piece of evidence; one that was independent and is not has had its day."""
    if moved is None:
        return date.fromisoformat(item["valid_until"]) if item["valid_until"] is not None else None
    if item["level"] == levels.HIGHEST and (item["issuer"], moved.issuer) == (_INDEPENDENT, Evidence.Issuer.VENDOR):
        return frozen_on - timedelta(days=1)
    return moved.valid_until


def _event(row: Mapping[str, Any]) -> freshness.Event | None:
    event = row.get("event")
    if event is None:
        return None
    return freshness.Event(date.fromisoformat(event["on"]) if event["on"] else None, event["fresh_days"])


def _data(
    assessment: Assessment,
    answers: list[Answer],
    asked: list[Answer],
    scored: assurance.Score,
    *,
    today: date,
    now: datetime,
) -> dict[str, Any]:
    _load_named(assessment)
    asked_keys = {answer.question.key for answer in asked}
    return {
        "format": FORMAT,
        "assessment": {"ref": assessment.ref, "id": str(assessment.pk), "kind": assessment.kind},
        "unit": assessment.unit.name if assessment.unit else None,
        "server": _server(assessment.server),
        "vendor": {"ref": assessment.vendor.ref, "name": assessment.vendor.name} if assessment.vendor else None,
        "release": _release(assessment),
        "inherent_tier": _tier(assessment.server) if assessment.server else None,
        **(_judged_vendor(assessment) if assessment.server is None else {}),
        "question_set": {"title": str(assessment.question_set), "digest": assessment.question_set.digest},
        **_scope(assessment, asked),
        "facts": assessment.facts,
        "sheet": scoresheet.write(scored),
        "answers": [_answer(answer, today=today) | _register(answer, assessment) for answer in asked],
        "not_asked": sorted({answer.question.key for answer in answers if answer.question.key not in asked_keys}),
        "answers_digest": assessment.answers_digest,
        "submitted": {"by": str(assessment.submitted_by), "at": _moment(assessment.submitted_at)},
        "finalised": {"by": str(assessment.finalised_by), "at": _moment(now)},
    }


def _server(server: Server | None) -> dict[str, Any] | None:
    return {"ref": server.ref, "name": server.name, "title": server.title} if server else None


def _release(assessment: Assessment) -> dict[str, Any] | None:
    release = assessment.release
    if release is None:
        return None
    return {
        "version": release.version,
        "revision": release.revision,
        "manifest_digest": assessment.manifest_digest,
        "server_json_digest": release.server_json_digest,
        "packages": [{"package": str(package), "integrity": package.integrity} for package in release.packages.all()],
    }


def _judged_vendor(assessment: Assessment) -> dict[str, Any]:
    """Return what the vendor supplied and how critical it was when it was judged."""
    vendor = cast(Vendor, assessment.vendor)
    return {"supplies": [row.kind for row in vendor.kinds.all()], "criticality": vendor.criticality or None}


def _tier(server: Server) -> dict[str, Any]:
    """Return the tier with the facts that it follows from, by the number of whose they are."""
    return {
        "tier": server.inherent_tier,
        "at_best": server.tier_at_best,
        "reason": server.tier_reason,
        "table": tiers.LATEST,
        "facts": {row.ref: row.facts for row in exposure.counting(server)},
    }


def _scope(assessment: Assessment, asked: list[Answer]) -> dict[str, Any]:
    """Return how deep was asked and for which deployments, of a question set that distinguishes them."""
    if not assessment.question_set.each_deployment:
        return {}
    counted = {row.deployment.ref for row in scored_lines.counting(asked) if row.deployment}
    return {"depth": assessment.depth, "deployments": sorted(counted)}


def _load_named(assessment: Assessment) -> None:
    """Load the rows that the snapshot names, in one statement instead of one for each."""
    rows = Assessment.objects.select_related(*_NAMED).only("pk", *_NAMED)
    known = rows.get(pk=assessment.pk)
    for name in _NAMED:
        setattr(assessment, name, getattr(known, name))


def _answer(answer: Answer, *, today: date) -> dict[str, Any]:
    question = answer.question
    return _about(answer) | {
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
        "evidence": [_evidence(one, scored_lines.event_of(answer), today=today) for one in supports.of(answer)],
    }


def _register(answer: Answer, assessment: Assessment) -> dict[str, Any]:
    """Return what the register knew that bears on the answer, and what of it was otherwise; nothing where it knew none.

    `worth` is what the option that was chosen is worth where nothing contradicts it; "not applicable" has none.
    """
    sentences, against = comparing.beside(answer, assessment), scored_lines.contradiction(answer, assessment)
    known: dict[str, Any] = {"register": sentences} if sentences else {}
    if against is not None:
        worth = Fraction(answer.option.quarters, comparing.QUARTERS) if answer.option else None
        known["contradicted"] = {"says": against.says, "worth": scoresheet.text(worth)}
    return known


def _about(answer: Answer) -> dict[str, Any]:
    """Return the deployment that the answer is about, and the event that it tells of; what there is not is left out."""
    deployment, event = answer.deployment, scored_lines.event_of(answer)
    about: dict[str, Any] = {}
    if deployment:
        about["deployment"] = {
            "ref": deployment.ref,
            "name": deployment.name,
            "environment": deployment.environment,
            "in_use": deployment.in_use_since is not None,
        }
    if event:
        on = event.happened_on
        about["event"] = {
            "of": answer.question.event,
            "on": on.isoformat() if on else None,
            "fresh_days": event.fresh_days,
        }
    return about


def _evidence(support: Support, event: freshness.Event | None, *, today: date) -> dict[str, Any]:
    item, attached_by = support.evidence, support.attachment.attached_by
    return {
        "ref": item.ref,
        "title": item.title,
        "kind": item.kind,
        "issuer": item.issuer,
        "level": scored_lines.level_of(support, event, today=today),
        "sha256": item.blob_id,
        "url": item.url,
        "copy": _copy(item.copy),
        "issued_on": item.issued_on.isoformat() if item.issued_on else None,
        "valid_until": item.valid_until.isoformat() if item.valid_until else None,
        "attached_by": str(attached_by) if attached_by else None,
        "verified": [
            {
                "shows": row.shows,
                "location": row.location,
                "document_date": row.document_date.isoformat(),
                "by": str(row.verified_by),
                "at": _moment(row.verified_at),
            }
            for row in support.checks
        ],
    }


def _copy(copy: KeptCopy | None) -> dict[str, Any] | None:
    if copy is None:
        return None
    return {"sha256": copy.blob_id, "by": str(copy.kept_by), "at": _moment(copy.kept_at)}


def _moment(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat() if moment else None
