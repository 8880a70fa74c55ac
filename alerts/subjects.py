"""What an event is about, as far as its alerts need it: where they lead, who holds which place, and the facts."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypedDict, cast
from uuid import UUID

from django.apps import apps
from django.db import models
from django.utils import timezone

from accounts.models import ApiToken, User
from alerts.routing import Facts, Who
from assessments import second_person
from assessments.models import Assessment
from audit.models import Event
from decisions.models import Approval, Condition, RatingOverride, Review
from evidence import rehashing
from evidence.models import FileCheck
from findings.models import Finding, FixClaim, Occurrence, RiskAcceptance
from jobs.models import Job
from vendors.models import Deployment, Server, Vendor


class Said(TypedDict, total=False):
    """The facts that depend on the kind of object."""

    noun: str
    subject: str
    detail: str
    decision: str
    due_on: Any
    count: int
    is_part: bool


@dataclass(frozen=True, slots=True)
class Subject:
    """What an event is about.

    `opens` is the object whose page an alert leads to, `places` who holds which place in it, `barred` the people who
    may not do what waits here, since they had a hand in it, `also_asked` those who asked for it beside the requester.
    """

    opens: models.Model
    unit_id: UUID | None
    places: Mapping[Who, User | None]
    facts: Said
    barred: frozenset[UUID] = field(default_factory=frozenset)
    also_asked: Sequence[User] = ()


def find(event: Event) -> Subject | None:
    """Return what the event is about; None when it is gone, or of a kind that no alert is about."""
    read = _READERS.get(event.object_type)
    if read is None:
        return None
    obj = apps.get_model(event.object_type)._base_manager.filter(pk=event.object_id).first()
    return read(obj, event) if obj is not None else None


def facts(event: Event, subject: Subject) -> Facts:
    """Return what the routing needs to know of an event; it may itself say that it is part of another."""
    is_part = json.loads(event.body)["data"].get("is_part", False)
    said: Said = {**subject.facts, "is_part": is_part or subject.facts.get("is_part", False)}
    return Facts(
        verb=event.verb,
        label=event.object_label,
        today=timezone.localdate(event.at),
        actor=event.actor_label,
        reason=event.reason,
        **said,
    )


def _server(server: Server, event: Event) -> Subject:
    return Subject(server, server.unit_id, {Who.OWNER: server.owner}, {"noun": "server", "subject": str(server)})


def _deployment(deployment: Deployment, event: Event) -> Subject:
    server, owner = deployment.server, {Who.OWNER: deployment.owner}
    said: Said = {"noun": "deployment", "subject": f"{deployment} of {server}"}
    return Subject(server, server.unit_id, owner, said)


def _vendor(vendor: Vendor, event: Event) -> Subject:
    owner = {Who.OWNER: vendor.relationship_owner}
    return Subject(vendor, None, owner, {"noun": "vendor", "subject": str(vendor)})


def _assessment(assessment: Assessment, event: Event) -> Subject:
    submitter = assessment.submitted_by or assessment.created_by
    places = {
        Who.OWNER: assessment.server.owner,
        Who.ASSIGNEE: assessment.assignee,
        Who.SUBMITTER: submitter,
    }
    said: Said = {
        "noun": "assessment",
        "subject": str(assessment.server),
        "count": Occurrence.objects.filter(assessment=assessment).count(),
    }
    barred = second_person.hands(assessment) if event.verb == "assessment.submitted" else frozenset()
    return Subject(assessment, assessment.unit_id, places, said, barred)


def _approval(approval: Approval, event: Event) -> Subject:
    judged = approval.assessment
    places = {Who.OWNER: approval.server.owner, Who.SUBMITTER: judged.submitted_by}
    said: Said = {"noun": "server", "subject": str(approval.server), "decision": approval.decision}
    return Subject(judged, approval.unit_id, places, said)


def _condition(condition: Condition, event: Event) -> Subject:
    approval = condition.approval
    said: Said = {
        "noun": "server",
        "subject": str(approval.server),
        "detail": condition.text,
        "due_on": condition.due_on,
    }
    opens = condition.finding or approval.assessment
    return Subject(opens, approval.unit_id, {Who.OWNER: approval.server.owner}, said)


def _finding(finding: Finding, event: Event) -> Subject:
    requester = _who_asked(finding, event)
    said: Said = {
        "noun": "finding",
        "subject": str(finding),
        "due_on": finding.due_on,
        "is_part": _is_told_with_its_cause(finding, event),
    }
    barred = frozenset({requester.pk}) if requester and event.verb in _NEEDS_ANOTHER else frozenset()
    if event.verb == "finding.acceptance_requested" and finding.owner_id:
        barred |= {finding.owner_id}
    return Subject(finding, finding.unit_id, {Who.OWNER: _owner(finding), Who.REQUESTER: requester}, said, barred)


def _who_asked(finding: Finding, event: Event) -> User | None:
    """Return who claimed the latest fix, or asked last for an acceptance, whichever the event is about."""
    if event.verb.startswith("finding.fix_"):
        claim = finding.fix_claims.first()
        return claim.claimed_by if claim else None
    asked = finding.acceptances.first()
    return asked.requested_by if asked else None


_NEEDS_ANOTHER = {"finding.fix_claimed", "finding.acceptance_requested"}


def _is_told_with_its_cause(finding: Finding, event: Event) -> bool:
    """Return whether the mail about an assessment, which counts its findings, or about a missed condition says it."""
    if event.verb not in {"finding.opened", "finding.reopened"}:
        return False
    if finding.source == Finding.Source.CONDITION:
        return True
    return Occurrence.objects.filter(finding=finding, assessment__finalised_at=event.at).exists()


def _owner(finding: Finding) -> User | None:
    return finding.owner or (finding.vendor.relationship_owner if finding.vendor else None)


def _fix_claim(claim: FixClaim, event: Event) -> Subject:
    return _finding(claim.finding, event)


def _acceptance(acceptance: RiskAcceptance, event: Event) -> Subject:
    finding, server = acceptance.finding, acceptance.server
    owner = _owner(finding) if finding else cast(Server, server).owner
    opens = finding or server
    said: Said = {
        "noun": "finding" if finding else "server",
        "subject": str(opens),
        "due_on": acceptance.expires_on if event.verb == "acceptance.granted" else None,
    }
    places = {Who.OWNER: owner, Who.REQUESTER: acceptance.requested_by}
    barred = frozenset({acceptance.requested_by_id}) if event.verb == "acceptance.requested" else frozenset()
    return Subject(cast(models.Model, opens), acceptance.unit_id, places, said, barred)


def _override(override: RatingOverride, event: Event) -> Subject:
    server = override.server
    places = {Who.OWNER: server.owner, Who.REQUESTER: override.requested_by}
    barred = frozenset({override.requested_by_id}) if event.verb == "override.requested" else frozenset()
    return Subject(server, override.unit_id, places, {"noun": "server", "subject": str(server)}, barred)


def _review(review: Review, event: Event) -> Subject:
    places = {Who.ASSIGNEE: review.assignee, Who.OWNER: review.server.owner}
    said: Said = {"noun": "review", "subject": str(review.server), "due_on": review.due_on}
    return Subject(review, review.unit_id, places, said)


def _report(report: Any, event: Event) -> Subject:
    # Untyped: the reports room stands beside this one and is known by its rows and events only.
    places = {Who.REQUESTER: report.requested_by}
    return Subject(report, report.unit_id, places, {"noun": "report"}, also_asked=_who_also_asked(report))


def _who_also_asked(report: Any) -> list[User]:
    """Return who waits for the report beside its requester: it was under way already, or they had it made again."""
    said = Event.objects.filter(object_id=report.pk, verb__in=("report.requested", "report.awaited"))
    people = {json.loads(body)["data"].get("person") for body in said.values_list("body", flat=True)}
    return list(User.objects.filter(pk__in=people - {None, str(report.requested_by_id)}).order_by("pk"))


def _job(job: Job, event: Event) -> Subject:
    # A mail about mail that cannot be sent would breed further ones.
    said: Said = {"noun": "job", "detail": job.kind, "is_part": job.kind == "alerts.send"}
    return Subject(job, None, {}, said)


def _file_check(check: FileCheck, event: Event) -> Subject:
    needed = ", ".join(rehashing.needed_by(check.blob)) or f"SHA-256 {check.blob_id}"
    return Subject(check, None, {}, {"noun": "file", "detail": needed})


def _token(token: ApiToken, event: Event) -> Subject:
    return Subject(token, None, {Who.OWNER: token.user}, {"noun": "token"})


def _person(person: User, event: Event) -> Subject:
    return Subject(person, None, {Who.OWNER: person}, {"noun": "account"})


_READERS: Mapping[str, Callable[[Any, Event], Subject]] = {
    "vendors.server": _server,
    "vendors.deployment": _deployment,
    "vendors.vendor": _vendor,
    "assessments.assessment": _assessment,
    "decisions.approval": _approval,
    "decisions.condition": _condition,
    "findings.finding": _finding,
    "findings.fixclaim": _fix_claim,
    "findings.riskacceptance": _acceptance,
    "decisions.ratingoverride": _override,
    "decisions.review": _review,
    "reports.report": _report,
    "jobs.job": _job,
    "evidence.filecheck": _file_check,
    "accounts.apitoken": _token,
    "accounts.user": _person,
}
