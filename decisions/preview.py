"""What the rating of a server would be if its submitted assessment became final now; nothing is stored."""

from datetime import datetime, timedelta

from django.utils import timezone

from assessments import scored_lines
from assessments.models import Answer, Assessment
from decisions import rating_inputs
from scoring import assurance, deadlines, rating
from scoring.caps import STANDING, RatedFinding

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
    standing = rating_inputs.rated_findings(assessment.server, assessment)
    would_be = rating.current_rating(
        score,
        overlays=(),
        findings=[*standing, *_to_be_raised(asked, standing, assessment, now=now)],
        evidence_validity={},
        as_of=now,
        zone=timezone.get_default_timezone(),
        review_due=today + timedelta(days=1),
        tools_changed=rating_inputs.tools_changed(assessment.server, assessment.manifest_digest),
        approved_until=None,
        inherent_tier=assessment.server.inherent_tier,
        methodology=method,
    )
    return rating.in_words(would_be, {row.question.key: row.question.text for row in answers})


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
