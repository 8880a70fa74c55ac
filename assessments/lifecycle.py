"""The life of an assessment: start, submit, return, finalise, cancel."""

from collections.abc import Iterable
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import access
from accounts.models import User
from assessments import answering, following, reuse, scored_lines, second_person, server_facts, snapshots
from assessments.models import Assessment, Editor, Snapshot
from audit import trail
from catalogue import publishing
from catalogue.models import Dimension
from riskregister import transitions
from riskregister.refusals import Conflict, Refused
from riskregister.text import clean_reason
from vendors import lifecycle as server_lifecycle
from vendors.models import Release, Server, ServerSupplier, Vendor

# What changes while an assessment is given back and submitted again.
_MOVING = ("status", "submitted_by", "submitted_at", "answers_digest", "accepted_dimensions", "finalised_at")


class AssessmentAlreadyOpen(Conflict):
    """The server is being assessed already."""


class NothingToAssess(Refused):
    """The server has no release, so there is nothing that could be pinned."""


class AnswersChanged(Conflict):
    """The answers are no longer those that the submitter saw."""


@transaction.atomic
def start(
    server: Server,
    *,
    kind: str,
    by: User,
    now: datetime,
    release: Release | None = None,
    assignee: User | None = None,
    due_on: date | None = None,
) -> Assessment:
    """Return a new draft for a server at a release (the newest unless given), due from today on if by a day at all.

    Raises Refused for a day that has passed, and what `begin` raises.
    """
    if due_on is not None and due_on < timezone.localdate(now):
        raise Refused("Choose a day from today on.", field="due_on")
    return begin(server, kind=kind, by=by, now=now, release=release, assignee=assignee, due_on=due_on)


@transaction.atomic
def begin(
    server: Server,
    *,
    kind: str,
    by: User,
    now: datetime,
    release: Release | None = None,
    assignee: User | None = None,
    due_on: date | None = None,
) -> Assessment:
    """Return a new draft, whatever its day, with an empty answer for each question.

    Answers about the vendor that are younger than a year are reused. Raises NothingToAssess without a release,
    AssessmentAlreadyOpen when the server has a draft or a submitted assessment, Refused for an unknown kind or for
    somebody who cannot fill it in.
    """
    access.require(by, access.Capability.WRITE, unit_id=server.unit_id)
    if kind not in Assessment.Kind.values:
        raise Refused("Choose initial, periodic or triggered.", field="kind")
    assignee = _analyst(assignee or by, server)
    release = release or server.releases.order_by("-created_at", "-revision").first()
    if release is None or release.server_id != server.pk:
        raise NothingToAssess("Record a release of this server first: import its server.json.", field="release")
    _put_in_review(server, by=by, now=now)
    assessment = _create(server, release, kind=kind, by=by, now=now, assignee=assignee, due_on=due_on)
    reuse.make_answers(assessment, now=now)
    trail.record(
        "assessment.started",
        assessment,
        by=by,
        at=now,
        concerns=server,
        release=str(release),
        kind=kind,
        assignee=str(assessment.assignee_id),
    )
    return assessment


@transaction.atomic
def assign(assessment: Assessment, *, assignee: User, by: User, now: datetime) -> Assessment:
    """Give a draft to another analyst of the unit."""
    access.require_any(by, access.Capability.MANAGE, access.Capability.WRITE, unit_id=assessment.unit_id)
    assignee = _analyst(assignee, assessment.server)
    if not transitions.change_if(assessment, {"status": Assessment.Status.DRAFT}, assignee=assignee):
        raise answering.AssessmentNotOpen("Only a draft can be given to somebody else.")
    trail.record(
        "assessment.assigned", assessment, by=by, at=now, concerns=assessment.server, assignee=str(assignee.pk)
    )
    return assessment


@transaction.atomic
def submit(assessment: Assessment, *, by: User, now: datetime, answers_digest: str | None = None) -> Assessment:
    """Hand a draft to the approvers. Unanswered questions count 0 and raise their findings.

    `answers_digest` binds the submission to the answers that the submitter saw; raises AnswersChanged when they differ.
    """
    access.require(by, access.Capability.WRITE, unit_id=assessment.unit_id)
    locked = Assessment.objects.select_for_update(of=("self",)).get(pk=assessment.pk)
    said = answering.answers_digest(scored_lines.answers_of(locked))
    if answers_digest and answers_digest != said:
        raise AnswersChanged("Somebody changed an answer since you looked. Check the answers again, then submit.")
    transitions.move(
        assessment,
        Assessment.Status.SUBMITTED,
        submitted_by=by,
        submitted_at=now,
        answers_digest=said,
        former_answers_digest=locked.answers_digest,
    )
    trail.record("assessment.submitted", assessment, by=by, at=now, concerns=assessment.server, answers_digest=said)
    return assessment


@transaction.atomic
def return_to_draft(assessment: Assessment, *, reason: str, by: User, now: datetime) -> Assessment:
    """Give a submitted assessment back with a reason; whoever submitted it keeps a hand in it."""
    access.require(by, access.Capability.DECIDE, unit_id=assessment.unit_id)
    reason = clean_reason(reason)
    hold(assessment)
    transitions.move(assessment, Assessment.Status.DRAFT, returned_by=by, return_reason=reason)
    if assessment.submitted_by is not None:
        Editor.objects.get_or_create(assessment=assessment, user=assessment.submitted_by)
    trail.record("assessment.returned", assessment, by=by, at=now, reason=reason, concerns=assessment.server)
    return assessment


def says_the_same_as_before(assessment: Assessment) -> bool:
    """Return whether the latest two submissions have the same answers and evidence: nothing was done in between."""
    return bool(assessment.answers_digest) and assessment.answers_digest == assessment.former_answers_digest


@transaction.atomic
def cancel(assessment: Assessment, *, reason: str, by: User, now: datetime) -> Assessment:
    """Give up a draft, with a reason; it stays on record."""
    access.require(by, access.Capability.WRITE, unit_id=assessment.unit_id)
    reason = clean_reason(reason)
    transitions.move(assessment, Assessment.Status.CANCELLED)
    trail.record("assessment.cancelled", assessment, by=by, at=now, reason=reason, concerns=assessment.server)
    return assessment


@transaction.atomic
def finalise(
    assessment: Assessment,
    *,
    by: User,
    now: datetime,
    accept_dimensions: Iterable[str] = (),
    answers_digest: str | None = None,
) -> Snapshot:
    """Freeze a submitted assessment: snapshot, findings, rating; the former final one is superseded.

    Raises FourEyes when `by` has a hand in it. `accept_dimensions` are rated although more of them is not applicable
    than the method allows without the reviewer's word. `answers_digest` names the submission that the reviewer saw;
    raises AnswersChanged when it was given back and submitted with other answers since.
    """
    hold(assessment)
    second_person.require(assessment, by=by)
    if answers_digest and answers_digest != assessment.answers_digest:
        raise AnswersChanged("It was submitted again with other answers since you looked. Review those, then decide.")
    if assessment.status != Assessment.Status.SUBMITTED:
        raise transitions.IllegalTransition(assessment, assessment.status, Assessment.Status.FINAL)
    assessment.accepted_dimensions = sorted(set(accept_dimensions) & set(Dimension.values))
    assessment.finalised_by = by
    snapshot, scored = snapshots.take(assessment, now=now)
    _supersede_former(assessment, by=by, now=now)
    transitions.move(
        assessment,
        Assessment.Status.FINAL,
        finalised_by=by,
        finalised_at=now,
        accepted_dimensions=assessment.accepted_dimensions,
    )
    trail.record(
        "assessment.finalised", assessment, by=by, at=now, concerns=assessment.server, snapshot=snapshot.digest
    )
    following.tell_final(assessment, [one.line for one in scored.lines], by=by, now=now)
    return snapshot


def hold(assessment: Assessment) -> None:
    """Bring an assessment up to date and hold it until the step ends. Part of a step.

    Its server is held first, as every step that holds both does.
    """
    hold_server(assessment.server)
    assessment.refresh_from_db(fields=_MOVING, from_queryset=Assessment.objects.select_for_update())


def hold_server(server: Server) -> None:
    """Bring a server's status up to date and hold it until the step ends. Part of a step."""
    # Its key is left free: what another step finds about the vendor is still written into the server's history.
    held = Server.objects.select_for_update(no_key=True)
    server.refresh_from_db(fields=["status", "pinned_release"], from_queryset=held)


def _put_in_review(server: Server, *, by: User, now: datetime) -> None:
    if server.status in Server.OUT_OF_USE:
        server_lifecycle.request_again(server, by=by, now=now)
    if server.status == Server.Status.REQUESTED:
        server_lifecycle.start_review(server, by=by, now=now)


def _create(
    server: Server, release: Release, *, kind: str, by: User, now: datetime, assignee: User, due_on: date | None
) -> Assessment:
    assessment = Assessment(
        unit=server.unit,
        server=server,
        vendor=_publisher(server),
        release=release,
        manifest_digest=release.manifest_digest,
        question_set=publishing.current_question_set(),
        methodology=publishing.current_methodology(),
        kind=kind,
        facts=server_facts.gather(server, release),
        assignee=assignee,
        due_on=due_on,
        created_by=by,
        created_at=now,
    )
    try:
        with transaction.atomic():
            assessment.save(force_insert=True)
    except IntegrityError as error:
        raise AssessmentAlreadyOpen("This server is being assessed already. Continue that assessment.") from error
    return assessment


def _publisher(server: Server) -> Vendor | None:
    supplier = server.suppliers.filter(role=ServerSupplier.SupplierRole.PUBLISHER).select_related("vendor").first()
    return supplier.vendor if supplier else None


def _supersede_former(assessment: Assessment, *, by: User, now: datetime) -> None:
    for former in Assessment.objects.filter(server=assessment.server, status=Assessment.Status.FINAL):
        transitions.move(former, Assessment.Status.SUPERSEDED)
        trail.record(
            "assessment.superseded", former, by=by, at=now, concerns=assessment.server, superseded_by=assessment.ref
        )


def _analyst(person: User, server: Server) -> User:
    person = access.held(person)
    if not access.of(person).can(access.Capability.WRITE, server.unit_id):
        raise Refused(f"{person} is no analyst of this unit. Choose somebody who is.", field="assignee")
    return person
