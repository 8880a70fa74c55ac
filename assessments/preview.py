"""What the rating of a server would be if its submitted assessment became final now; nothing is stored."""

from datetime import datetime, timedelta

from django.utils import timezone

from assessments import deadlines, lines, rating, ratings, scoring
from assessments.caps import STANDING, RatedFinding
from assessments.models import Answer, Assessment

_NOT_YET_NUMBERED = "(new)"


def if_final(assessment: Assessment, answers: list[Answer], *, now: datetime) -> rating.Rating:
    """Return the rating that finalising would bring, the findings that the answers raise included.

    Dimensions that need the reviewer's acceptance are rated as if they were accepted, and the next review is taken as
    set, as an approval sets it.
    """
    today = timezone.localdate(now)
    method = lines.methodology_of(assessment)
    asked = [lines.line_of(row, today=today) for row in lines.applicable(assessment, answers)]
    score = scoring.rate(asked, method, accepted=[one.key for one in method.dimensions])
    standing = ratings.rated_findings(assessment.server, assessment)
    would_be = rating.current_rating(
        score,
        overlays=(),
        findings=[*standing, *_to_be_raised(asked, standing, assessment, now=now)],
        evidence_validity={},
        as_of=now,
        zone=timezone.get_default_timezone(),
        review_due=today + timedelta(days=1),
        tools_changed=ratings.tools_changed(assessment.server, assessment.manifest_digest),
        inherent_tier=assessment.server.inherent_tier,
        methodology=method,
    )
    return rating.in_words(would_be, {row.question.key: row.question.text for row in answers})


def _to_be_raised(
    asked: list[scoring.Line], standing: list[RatedFinding], assessment: Assessment, *, now: datetime
) -> list[RatedFinding]:
    method = lines.methodology_of(assessment)
    known = {one.question for one in standing if one.status in STANDING}
    return [
        RatedFinding(
            number=_NOT_YET_NUMBERED,
            severity=line.severity,
            status="open",
            due_on=deadlines.finding_due_on(line.severity, timezone.localdate(now), method),
            question=line.question,
        )
        for line in asked
        if scoring.gap(line, method) is not None and line.question not in known
    ]
