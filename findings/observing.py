"""What is observed: frozen answers and missed conditions open findings, join them or reopen them.

A finding keeps its identity over the years: the same bad answer about the same server or vendor is the same finding.
A good answer later only says that the finding is no longer observed; people decide whether it is closed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Q

from accounts import access, steps
from accounts.models import User
from accounts.principals import Principal
from assessments import scored_lines
from assessments.models import Answer, Assessment
from audit.context import SYSTEM
from catalogue.models import Question
from findings import assignment, following, register
from findings.models import Finding, Occurrence
from riskregister.transitions import move
from riskregister.unit_of_work import unit_of_work
from scoring import assurance
from scoring.scales import Severity
from vendors.models import Server


@dataclass(slots=True)
class _Pass:
    """One assessment's answers going over the findings that are known; the keys are subject and question."""

    assessment: Assessment
    by: Principal
    now: datetime
    known: dict[tuple[bool, str], Finding] = field(default_factory=dict)
    observed: dict[tuple[bool, str], Finding] = field(default_factory=dict)
    fixers: dict[bool, User | None] = field(default_factory=dict)

    def fixer(self, *, on_vendor: bool) -> User | None:
        """Return who gets what it raises about the vendor or the server; one person gets all that one pass finds."""
        if on_vendor not in self.fixers:
            vendor, server = self.assessment.vendor, self.assessment.server
            about = vendor if on_vendor and vendor else server
            self.fixers[on_vendor] = assignment.choose_fixer(about, unit_id=server.unit_id)
        return self.fixers[on_vendor]


@unit_of_work()
def raise_from_answers(assessment: Assessment, answers: Sequence[Answer], by: Principal, now: datetime) -> None:
    """Open, join or reopen the findings that the frozen answers raise. Part of finalising.

    An answer raises its finding when it is worth less than the method's `failed_below` (one half), and as an
    information gap when it is unanswered, "don't know", or a "not applicable" that the reviewer had to confirm and did
    not. Questions about the vendor raise theirs on the vendor, for all units to see; the others on the server.
    """
    going = _Pass(assessment, by, now, known=_known(assessment))
    method = scored_lines.methodology_of(assessment)
    by_question = {row.question.key: row for row in answers}
    for one in assessment.snapshot.score.lines:
        lacks = assurance.gap(one.line, method)
        if lacks is not None:
            answer = by_question[one.line.question]
            key = (_is_about_vendor(assessment, answer.question), answer.question.key)
            going.observed[key] = _observe(going, key, answer, lacks)
    _mark_not_observed(going, asked=set(by_question))


@unit_of_work()
def open_on(
    server: Server, *, source: Finding.Source, key: str, title: str, description: str, severity: Severity, now: datetime
) -> Finding:
    """Return a new open finding that the register itself raises about a server; it belongs to no one dimension."""
    finding = Finding(
        unit_id=server.unit_id,
        server=server,
        source=source,
        stable_key=key,
        title=title,
        description=description,
        severity=severity,
        status=Finding.Status.OPEN,
        owner=assignment.choose_fixer(server, unit_id=server.unit_id),
        last_observed_at=now,
        created_at=now,
        opened_at=now,
        due_on=register.due_on(severity, now=now),
        is_demo=server.is_demo,
    )
    finding.save(force_insert=True)
    # The alert of what raised it tells of it by mail.
    steps.record("finding.opened", finding, by=SYSTEM, now=now, is_part=True, severity=severity.word)
    return finding


def _known(assessment: Assessment) -> dict[tuple[bool, str], Finding]:
    about = Q(server=assessment.server_id)
    if assessment.vendor_id:
        about |= Q(vendor=assessment.vendor_id)
    rows = Finding.objects.filter(about, source=Finding.Source.QUESTIONNAIRE)
    # Locked in one order: another unit's assessment may be going over the same vendor's findings.
    locked = rows.select_for_update(of=("self",)).order_by("pk")
    return {(row.vendor_id is not None, row.stable_key): row for row in locked}


def _is_about_vendor(assessment: Assessment, question: Question) -> bool:
    """Return whether the finding belongs to the vendor; when that is unknown, it stays with the server."""
    return question.subject == Question.Subject.VENDOR and assessment.vendor_id is not None


def _observe(going: _Pass, key: tuple[bool, str], answer: Answer, lacks: assurance.Gap) -> Finding:
    known = going.known.get(key)
    opened = None if known else _open(going, key, answer, lacks)
    finding = opened or known or _known(going.assessment)[key]
    if opened is None:
        _join(going, finding, answer, lacks)
    Occurrence.objects.get_or_create(
        finding=finding,
        assessment=going.assessment,
        defaults={"observed_at": going.now, "answer_text": str(answer), "note": answer.comment},
    )
    return finding


def _open(going: _Pass, key: tuple[bool, str], answer: Answer, lacks: assurance.Gap) -> Finding | None:
    """Return the new finding, or None when another unit's assessment has just opened it on the same vendor."""
    finding = _new(going, answer.question, on_vendor=key[0])
    _show(finding, _said(going, answer, lacks))
    try:
        with transaction.atomic():
            finding.save(force_insert=True)
    except IntegrityError:
        return None
    severity = Severity(finding.severity).word
    # The mail about the assessment counts what it found.
    steps.record(
        "finding.opened", finding, by=going.by, now=going.now, is_part=True, severity=severity, gap=lacks.value
    )
    following.changed(finding, reason=f"{going.assessment.ref} became final.", now=going.now)
    return finding


def _new(going: _Pass, question: Question, *, on_vendor: bool) -> Finding:
    assessment, server = going.assessment, going.assessment.server
    vendor = assessment.vendor if on_vendor else None
    severity = Severity.of(question.finding_severity)
    unit_id = None if vendor else server.unit_id
    return Finding(
        unit_id=unit_id,
        server=None if vendor else server,
        vendor=vendor,
        source=Finding.Source.QUESTIONNAIRE,
        stable_key=question.key,
        title=question.finding_title,
        description=question.finding_description,
        recommendation=question.finding_remediation,
        severity=severity,
        dimension=question.dimension,
        status=Finding.Status.OPEN,
        assessment=assessment,
        question_key=question.key,
        owner=going.fixer(on_vendor=on_vendor),
        created_at=going.now,
        opened_at=going.now,
        due_on=register.due_on(severity, now=going.now, method=scored_lines.methodology_of(assessment)),
        is_demo=vendor.is_demo if vendor else server.is_demo,
    )


def _join(going: _Pass, finding: Finding, answer: Answer, lacks: assurance.Gap) -> None:
    """Note on a known finding that it is observed; closed, it opens again, while dismissed or accepted it stays so."""
    said = _said(going, answer, lacks)
    if finding.status == Finding.Status.CLOSED:
        reason = f"{going.assessment.ref} observed it again."
        if finding.owner is None or not access.of(finding.owner).can(access.Capability.WRITE, finding.unit_id):
            said["owner"] = going.fixer(on_vendor=finding.vendor_id is not None)
        _show(finding, said)
        register.start_clock(finding, now=going.now)
        register.put_plan_aside(finding)
        opened = {name: getattr(finding, name) for name in (*said, *register.CLOCK)}
        move(finding, Finding.Status.OPEN, **opened)
        steps.record("finding.reopened", finding, by=going.by, now=going.now, reason=reason, is_part=True)
        following.changed(finding, reason=f"{going.assessment.ref} became final.", now=going.now)
        return
    _show(finding, said)
    finding.save(update_fields=list(said))
    steps.record("finding.observed_again", finding, by=going.by, now=going.now, assessment=going.assessment.ref)


def _said(going: _Pass, answer: Answer, lacks: assurance.Gap) -> dict[str, object]:
    return {
        "is_observed": True,
        "last_observed_at": going.now,
        "is_information_gap": lacks is assurance.Gap.INFORMATION,
        "question_text": answer.question.text,
        "answer_text": str(answer),
    }


def _show(finding: Finding, said: dict[str, object]) -> None:
    for name, value in said.items():
        setattr(finding, name, value)


def _mark_not_observed(going: _Pass, *, asked: set[str]) -> None:
    for key, finding in going.known.items():
        if finding.is_observed and key not in going.observed and finding.stable_key in asked:
            finding.is_observed = False
            finding.save(update_fields=["is_observed"])
            ref = going.assessment.ref
            steps.record("finding.no_longer_observed", finding, by=going.by, now=going.now, assessment=ref)
