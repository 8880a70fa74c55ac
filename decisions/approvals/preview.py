"""What the rating of a server would be if its submitted assessment became final now; nothing is stored."""

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from assessments.answers import scored_lines
from assessments.models import Answer, Assessment
from decisions.approvals import approval_needs
from decisions.approvals.approval_needs import Missing
from decisions.ratings import rating_inputs
from scoring import assurance, deadlines, rating
from scoring.caps import STANDING, RatedFinding
from vendors.models import Server

_NOT_YET_NUMBERED = "(new)"


def if_final(assessment: Assessment, answers: list[Answer], *, now: datetime) -> rating.Rating:
    """Return the rating that finalising would bring, the findings that the answers raise included.

    Dimensions that need the reviewer's acceptance are rated as if they were accepted, and the next review is taken as
    set and no former approval as ended, as an approval leaves it.
    """
    today = timezone.localdate(now)
    method = scored_lines.methodology_of(assessment)
    asked = scored_lines.lines_of(assessment, scored_lines.applicable(assessment, answers), today=today)
    score = assurance.rate(asked, method, accepted=[one.key for one in method.dimensions])
    standing = rating_inputs.rated_findings(assessment.judged_server, assessment)
    would_be = rating.current_rating(
        score,
        overlays=(),
        findings=[*standing, *_to_be_raised(asked, standing, assessment, now=now)],
        evidence_validity={},
        as_of=now,
        zone=timezone.get_default_timezone(),
        review_due=today + timedelta(days=1),
        tools_changed=rating_inputs.tools_changed(assessment.judged_server, assessment.manifest_digest),
        approved_until=None,
        inherent_tier=assessment.judged_server.inherent_tier,
        methodology=method,
    )
    return rating.in_words(would_be, {row.question.key: row.question.text for row in answers})


def missing(
    assessment: Assessment, answers: list[Answer], would_be: rating.Rating, *, by: User, now: datetime
) -> list[Missing]:
    """Return what an approval by this person would lack now; `would_be` is the rating that it would rest on."""
    today = timezone.localdate(now)
    return [
        *approval_needs.of(assessment, _lines(assessment, answers, today=today)),
        *approval_needs.risks(assessment, would_be, but_of=by, today=today),
    ]


def missing_of_server(server: Server, assessment: Assessment | None, *, now: datetime) -> list[Missing]:
    """Return what an approval of a server would lack now beside acceptances, on the assessment under way, if any."""
    if assessment is None:
        return approval_needs.of_server(server, server.releases.first())
    return missing_of_each([assessment], now=now)[assessment.pk]


def judged(server: Server) -> Assessment | None:
    """Return the assessment of a server on which the next decision would be made, if one is under way."""
    undecided = Q(status__in=Assessment.WAITING) | Q(status=Assessment.Status.FINAL, approvals__isnull=True)
    return server.assessments.filter(undecided).order_by("number").last()


def missing_of_each(assessments: Collection[Assessment], *, now: datetime) -> dict[UUID, list[Missing]]:
    """Return the same by assessment, of several at once; without those of vendors, which are not approved."""
    assessments = [one for one in assessments if one.server_id is not None]
    today, answers = timezone.localdate(now), scored_lines.answers_of_each(assessments)
    unjudged = approval_needs.unjudged_of(one.judged_server for one in assessments)
    return {
        one.pk: approval_needs.of(
            one, _lines(one, answers[one.pk], today=today), unjudged=unjudged[one.judged_server.pk]
        )
        for one in assessments
    }


def _lines(assessment: Assessment, answers: list[Answer], *, today: date) -> Sequence[assurance.Line]:
    """Return the lines that are judged: the frozen ones once there are some."""
    if assessment.status == Assessment.Status.FINAL:
        return approval_needs.frozen(assessment)
    return scored_lines.lines_of(assessment, scored_lines.applicable(assessment, answers), today=today)


def _to_be_raised(
    asked: list[assurance.Line], standing: list[RatedFinding], assessment: Assessment, *, now: datetime
) -> list[RatedFinding]:
    method = scored_lines.methodology_of(assessment)
    known = {one.question for one in standing if one.status in STANDING}
    lacking = {line.question: line for line in asked if assurance.gap(line, method) is not None}
    return [
        RatedFinding(
            number=_NOT_YET_NUMBERED,
            severity=line.severity,
            status="open",
            due_on=deadlines.finding_due_on(line.severity, timezone.localdate(now), method),
            question=line.question,
        )
        for line in lacking.values()
        if line.question not in known
    ]
