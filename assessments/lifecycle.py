"""The life of an assessment: start, submit, return, finalise, cancel."""

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import holding, principals, steps
from accounts.access import Capability
from accounts.models import User
from accounts.principals import Principal
from accounts.steps import Done, step
from accounts.units import places
from assessments import following, snapshots
from assessments.answers import answering, scored_lines, second_person
from assessments.drafts import drafts, reuse
from assessments.models import Answer, Assessment, Editor, Snapshot
from catalogue import publishing
from catalogue.models import Dimension, QuestionSet
from riskregister import nouns, transitions, versions
from riskregister.refusals import Conflict, Refused
from scoring import assurance
from vendors import lifecycle as server_lifecycle
from vendors.models import Release, Server

DRAFT, SUBMITTED = Assessment.Status.DRAFT, Assessment.Status.SUBMITTED


class AssessmentAlreadyOpen(Conflict):
    """The server is being assessed already."""


class NothingToAssess(Refused):
    """The server has no release, so there is nothing that could be pinned."""


class AnswersChanged(Conflict):
    """What is asked or answered is no longer what the submitter saw."""


@step("assessment.started", needs=Capability.WRITE, makes=Assessment, records=False)
def start(
    server: Server,
    *,
    kind: str,
    by: Principal,
    now: datetime,
    release: Release | None = None,
    assignee: User | None = None,
    due_on: date | None = None,
    question_set: QuestionSet | None = None,
) -> Assessment:
    """Return a new draft for a server at a release (the newest unless given), due from today on if by a day at all.

    `question_set` is the one of today's installation unless given.

    Raises Refused for a day that has passed, and what `begin` raises.
    """
    if due_on is not None and due_on < timezone.localdate(now):
        raise Refused("Choose a day from today on.", field="due_on")
    return begin.within(
        server, kind=kind, by=by, now=now, release=release, assignee=assignee, due_on=due_on, question_set=question_set
    )


@step("assessment.started", needs=Capability.WRITE, makes=Assessment)
def begin(
    server: Server,
    *,
    kind: str,
    by: Principal,
    now: datetime,
    release: Release | None = None,
    assignee: User | None = None,
    due_on: date | None = None,
    question_set: QuestionSet | None = None,
) -> Done[Assessment]:
    """Return a new draft, whatever its day, with an empty answer for each question.

    Answers about the vendor that are younger than a year are reused. Raises NothingToAssess without a release,
    AssessmentAlreadyOpen when the server has a draft or a submitted assessment, Refused for an unknown kind or for
    somebody who cannot fill it in.
    """
    if kind not in Assessment.Kind.values:
        raise Refused("Choose initial, periodic or triggered.", field="kind")
    assignee = analyst(assignee or holding.person(principals.person_of(by)), unit_id=server.unit_id)
    # Held, so that no fact of it changes unseen until the assessment that follows it is there.
    nouns.hold(server)
    release = release or server.releases.first()
    if release is None or release.server_id != server.pk:
        raise NothingToAssess("Record a release of this server first: import its server.json.", field="release")
    _put_in_review(server, by=by, now=now)
    asked = question_set or publishing.current_question_set()
    assessment = _create(server, release, asked, kind=kind, by=by, now=now, assignee=assignee, due_on=due_on)
    verified = reuse.make_answers(assessment, now=now)
    return Done(assessment, release=str(release), kind=kind, assignee=str(assignee.pk)).made(*verified)


@step(
    "assessment.assigned",
    needs=(Capability.MANAGE, Capability.WRITE),
    frm=(DRAFT,),
    otherwise=lambda assessment: answering.AssessmentNotOpen("Only a draft can be given to somebody else."),
    edits=versions.facts("assignee"),
)
def assign(assessment: Assessment, *, assignee: User, by: Principal, now: datetime) -> Done[Assessment]:
    """Give a draft to another analyst of the unit. Raises AssessmentNotOpen."""
    assessment.assignee = analyst(assignee, unit_id=assessment.unit_id)
    return Done(assessment, assignee=str(assignee.pk))


@step("assessment.submitted", needs=Capability.WRITE, frm=(DRAFT,), to=SUBMITTED)
def submit(
    assessment: Assessment, *, by: Principal, now: datetime, answers_digest: str | None = None
) -> Done[Assessment]:
    """Hand a draft to the approvers. Unanswered questions count 0 and raise their findings.

    `answers_digest` binds the submission to the answers that the submitter saw; raises AnswersChanged when they differ.
    """
    answers = scored_lines.answers_of(assessment)
    if answers_digest and answers_digest != answering.answers_digest(assessment, answers):
        raise AnswersChanged(
            "Somebody changed an answer, or what is asked, since you looked. Check the answers again, then submit."
        )
    assessment.submitted_by, assessment.submitted_at = principals.person_of(by), now
    # Tools that were captured while it was answered: what is judged is what the answers are about from here on.
    assessment.manifest_digest = assessment.manifest_digest or _captured(assessment)
    # Looked up once more: an owner may have left since, which changes nothing about the server.
    assessment.known = drafts.scope_of(assessment, now=now)["known"]
    submitted = answering.answers_digest(assessment, answers)
    assessment.former_answers_digest, assessment.answers_digest = assessment.answers_digest, submitted
    return Done(assessment, answers_digest=submitted)


@step("assessment.returned", needs=Capability.DECIDE, frm=(SUBMITTED,), to=DRAFT, reason="reason")
def return_to_draft(assessment: Assessment, *, reason: str, by: Principal, now: datetime) -> Assessment:
    """Give a submitted assessment back with a reason; whoever submitted it keeps a hand in it."""
    assessment.returned_by, assessment.return_reason = by.person, reason
    if assessment.submitted_by is not None:
        Editor.objects.get_or_create(assessment=assessment, user=assessment.submitted_by)
    return assessment


def says_the_same_as_before(assessment: Assessment) -> bool:
    """Return whether the latest two submissions have the same answers and evidence: nothing was done in between."""
    return bool(assessment.answers_digest) and assessment.answers_digest == assessment.former_answers_digest


@step("assessment.cancelled", needs=Capability.WRITE, frm=(DRAFT,), to=Assessment.Status.CANCELLED, reason="reason")
def cancel(assessment: Assessment, *, reason: str, by: Principal, now: datetime) -> Assessment:
    """Give up a draft, with a reason; it stays on record."""
    return assessment


@step(
    "assessment.finalised",
    needs=Capability.DECIDE,
    frm=(SUBMITTED,),
    to=Assessment.Status.FINAL,
    barred=(second_person.with_a_hand,),
)
def finalise(
    assessment: Assessment,
    *,
    by: Principal,
    now: datetime,
    accept_dimensions: Iterable[str] = (),
    answers_digest: str | None = None,
) -> Done[Snapshot]:
    """Freeze a submitted assessment: snapshot, findings, rating; the former final one is superseded.

    Raises FourEyes when `by` has a hand in it. `accept_dimensions` are rated although more of them is not applicable
    than the method allows without the reviewer's word. `answers_digest` names the submission that the reviewer saw;
    raises AnswersChanged when it was given back and submitted with other answers since, and when a fact of its server
    or a deployment changed since in such a way that it asks or counts something else.
    """
    if answers_digest and answers_digest != assessment.answers_digest:
        raise AnswersChanged("It was submitted again with other answers since you looked. Review those, then decide.")
    answers = scored_lines.answers_of(assessment)
    if asks_otherwise(assessment, answers):
        raise AnswersChanged("What it asks has changed since it was submitted. Give it back, to be submitted again.")
    assessment.accepted_dimensions = sorted(set(accept_dimensions) & set(Dimension.values))
    assessment.finalised_by, assessment.finalised_at = principals.person_of(by), now
    snapshot = snapshots.take(assessment, answers, now=now)
    # Asked again: whoever decides may have checked a document while the snapshot was about to read it.
    if refusal := second_person.with_a_hand(assessment, by):
        raise refusal
    _supersede_former(assessment, by=by, now=now)
    done = Done(snapshot, snapshot=snapshot.digest, deficiencies=_deficiencies(snapshot))
    return done.and_then(lambda: following.tell_final(assessment, answers, by=by, now=now))


def asks_otherwise(assessment: Assessment, answers: list[Answer]) -> bool:
    """Return whether what was submitted asks, counts or raises something else by now."""
    return answering.answers_digest(assessment, answers) != assessment.answers_digest


def _captured(assessment: Assessment) -> str:
    """Return the digest of the tools of its release as they are known now, empty without any."""
    if assessment.release_id is None:
        return ""
    return Release.objects.values_list("manifest_digest", flat=True).get(pk=assessment.release_id)


def _deficiencies(snapshot: Snapshot) -> int:
    """Return how many of the frozen answers raise a finding."""
    method = scored_lines.methodology_of(snapshot.assessment)
    raised = {line.question for line in snapshot.score.every_line if assurance.gap(line, method) is not None}
    return len(raised)


def _put_in_review(server: Server, *, by: Principal, now: datetime) -> None:
    if server.status in Server.OUT_OF_USE:
        server_lifecycle.request_again(server, by=by, now=now)
    if server.status == Server.Status.REQUESTED:
        server_lifecycle.start_review(server, by=by, now=now)


def _create(
    server: Server,
    release: Release,
    asked: QuestionSet,
    *,
    kind: str,
    by: Principal,
    now: datetime,
    assignee: User,
    due_on: date | None,
) -> Assessment:
    assessment = Assessment(
        unit=server.unit,
        server=server,
        vendor=server.published_by,
        release=release,
        manifest_digest=release.manifest_digest,
        question_set=asked,
        methodology=publishing.current_methodology(),
        kind=kind,
        assignee=assignee,
        due_on=due_on,
        created_by=by.person,
        created_at=now,
        is_demo=server.is_demo,
    )
    keep_new(assessment, now=now)
    return assessment


def keep_new(assessment: Assessment, *, now: datetime) -> None:
    """Save a new draft with what decides which questions it asks. Part of starting; raises AssessmentAlreadyOpen."""
    for name, value in drafts.scope_of(assessment, now=now).items():
        setattr(assessment, name, value)
    try:
        with transaction.atomic():
            assessment.save(force_insert=True)
    except IntegrityError as error:
        what = "server" if assessment.server_id else "vendor"
        raise AssessmentAlreadyOpen(f"This {what} is being assessed already. Continue that assessment.") from error


def _supersede_former(assessment: Assessment, *, by: Principal, now: datetime) -> None:
    rows = Assessment.objects.filter(assessment.same_subject, status=Assessment.Status.FINAL)
    for former in rows.select_related("server", "release", "vendor"):
        transitions.move(former, Assessment.Status.SUPERSEDED)
        steps.record("assessment.superseded", former, by=by, now=now, superseded_by=assessment.ref)


def analyst(person: User, *, unit_id: UUID | None) -> User:
    """Return the person, who can fill in an assessment of the unit (None: of a vendor). Raises Refused for others."""
    if not places.can_hold(person, Assessment, "assignee", unit_id=unit_id):
        where = "of this unit" if unit_id else "of any unit"
        raise Refused(f"{person} is no analyst {where}. Choose somebody who is.", field="assignee")
    return person
