"""Caps: what holds the overall score down however good the answers are, each with its reason and what lifts it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from scoring import deadlines
from scoring.assurance import Gap, Score, ScoredLine, State, gap, shown
from scoring.methodology import Methodology
from scoring.scales import Severity

# Judged and not settled. An acceptance that has run out leaves its finding standing, seen by a sweep or not.
STANDING = frozenset({"open", "remediating", "awaiting_verification", "accepted"})
# An acceptance outlives the closing of its finding: closing must never lower a rating.
HELD_BY_ACCEPTANCE = frozenset({"accepted", "closed"})
NOT_JUDGED_DEFICIENT = frozenset({"proposed", "dismissed"})

_OPEN = {
    State.UNANSWERED: "A critical question is unanswered.",
    State.DONT_KNOW: "A critical question is answered with “don't know”.",
    State.NOT_APPLICABLE: "A critical question is said not to apply, and nobody confirmed it.",
}


@dataclass(frozen=True, slots=True)
class RatedFinding:
    """What a rating needs to know of a finding; `question` is the one whose answer raised it, if any.

    `status` is a word of the finding's lifecycle, `accepted_until` the last day of its granted, unrevoked acceptance;
    `verified` says that another person verified the fix before it was closed.
    """

    number: str
    severity: Severity
    status: str
    due_on: date | None = None
    accepted_until: date | None = None
    question: str | None = None
    verified: bool = False

    def accepted_today(self, today: date) -> date | None:
        """Return the last day of an acceptance that holds today, else None."""
        until = self.accepted_until
        if until is None or self.status not in HELD_BY_ACCEPTANCE or deadlines.is_past(until, today=today):
            return None
        return until

    def is_overdue(self, today: date) -> bool:
        """Return whether its due date has passed, or nobody has set one."""
        return self.due_on is None or deadlines.is_past(self.due_on, today=today)


@dataclass(frozen=True, slots=True)
class Cap:
    """A cap in force, or one that an acceptance holds off through the day `lifted_until`.

    `subject` is the finding number, question key, dimension or occasion it comes from; `question` is the question in
    words, empty for another subject and until somebody who knows the words has added them.
    """

    id: str
    subject: str
    at_most: Fraction
    reason: str
    lifted_by: str
    lifted_until: date | None = None
    question: str = ""


@dataclass(frozen=True, slots=True)
class Freshness:
    """What time does to a rating: the day its review is due (None: nobody set one), tools that changed since, and the
    last day of its approval (None: nobody has approved it); whether the server's tier now asks for more questions than
    were asked, and which deployments came into use since.
    """

    review_due: date | None
    tools_changed: bool
    approved_until: date | None
    too_shallow: bool = False
    new_deployments: tuple[str, ...] = ()


def counts_on(today: date, *, severity: Severity, due_on: date | None) -> bool:
    """Return whether an open finding that no answer raised holds the score down on this day."""
    if severity is Severity.HIGH:
        return due_on is None or deadlines.is_past(due_on, today=today)
    return severity is Severity.CRITICAL


def last_day_free(*, severity: Severity, due_on: date | None) -> date | None:
    """Return the last day on which such a finding, which holds nothing down today, does not; None: it never does."""
    return due_on if severity is Severity.HIGH else None


def all_caps(
    score: Score,
    findings: Sequence[RatedFinding],
    freshness: Freshness,
    *,
    inherent_tier: int,
    today: date,
    methodology: Methodology,
) -> list[Cap]:
    """Return every cap whose condition holds today, those held off by an acceptance too, in the methodology's order."""
    return [
        *_critical_questions(score.lines, findings, today, methodology),
        *_open_criticals(findings, today, methodology),
        *_overdue_highs(findings, today, methodology),
        *_weakest_dimension(score, methodology),
        *_stale(freshness, today, methodology),
        *_lapsed(freshness, today, methodology),
        *_contradicted(score.lines, findings, today, methodology),
        *_thin(score, inherent_tier, methodology),
    ]


def _critical_questions(
    lines: Iterable[ScoredLine], findings: Sequence[RatedFinding], today: date, methodology: Methodology
) -> Iterator[Cap]:
    for scored in lines:
        lacks = gap(scored.line, methodology) if scored.line.critical else None
        if lacks is None:
            continue
        raised = _raised_by(scored, findings)
        if raised and all(_is_verified(one) for one in raised):
            continue
        reason = "A critical question is failed." if lacks is Gap.CONTROL else _OPEN[scored.line.state]
        yield _cap("critical-question", scored.line.question, reason, methodology, _held_off_until(raised, today))


def _open_criticals(findings: Sequence[RatedFinding], today: date, methodology: Methodology) -> Iterator[Cap]:
    for one in findings:
        if one.severity is Severity.CRITICAL and one.status in STANDING:
            reason = f"Finding {one.number} of severity Critical is open."
            yield _cap("open-critical", one.number, reason, methodology, one.accepted_today(today))


def _overdue_highs(findings: Sequence[RatedFinding], today: date, methodology: Methodology) -> Iterator[Cap]:
    for one in findings:
        if one.severity is Severity.HIGH and one.status in STANDING and one.is_overdue(today):
            due = f"was due on {deadlines.written(one.due_on)}" if one.due_on else "has no due date"
            reason = f"Finding {one.number} of severity High {due}."
            yield _cap("overdue-high", one.number, reason, methodology, one.accepted_today(today))


def _weakest_dimension(score: Score, methodology: Methodology) -> Iterator[Cap]:
    worst = score.worst
    rule = methodology.caps["weakest-dimension"]
    if worst is not None and worst.band in rule.at_most_by_worst_band:
        reason = f"The worst dimension, {methodology.dimension(worst.key).title}, is {worst.band.label}."
        yield Cap(rule.id, worst.key, rule.at_most_by_worst_band[worst.band], reason, rule.lifted_by)


def _stale(freshness: Freshness, today: date, methodology: Methodology) -> Iterator[Cap]:
    due = freshness.review_due
    if due is None and methodology.caps["stale"].without_a_date:
        yield _cap("stale", "review", "No review date is set.", methodology)
    elif due is not None and deadlines.is_past(due, today=today):
        yield _cap("stale", "review", f"The review was due on {deadlines.written(due)}.", methodology)
    if freshness.tools_changed:
        yield _cap("stale", "tools", "The tools changed since the assessment.", methodology)
    if freshness.too_shallow:
        yield _cap("stale", "depth", "The server's tier now asks for more questions than were asked.", methodology)
    for deployment in freshness.new_deployments:
        yield _cap("stale", deployment, f"{deployment} came into use since the assessment.", methodology)


def _lapsed(freshness: Freshness, today: date, methodology: Methodology) -> Iterator[Cap]:
    until = freshness.approved_until
    if "approval-lapsed" in methodology.caps and until is not None and deadlines.is_past(until, today=today):
        yield _cap("approval-lapsed", "approval", f"The approval ended on {deadlines.written(until)}.", methodology)


def _contradicted(
    lines: Iterable[ScoredLine], findings: Sequence[RatedFinding], today: date, methodology: Methodology
) -> Iterator[Cap]:
    rule = methodology.caps.get("contradicted")
    for scored in lines if rule else ():
        is_contradicted = any(line.contradicted for line in (scored.line, *scored.others))
        if rule is None or not is_contradicted or scored.line.weight < rule.from_weight:
            continue
        raised = _raised_by(scored, findings)
        standing = [one for one in raised if one.status in STANDING]
        if standing or not raised:
            reason = "The register knows otherwise than the answer says."
            yield _cap(rule.id, scored.line.question, reason, methodology, _held_off_until(standing, today))


def _thin(score: Score, inherent_tier: int, methodology: Methodology) -> Iterator[Cap]:
    rule = methodology.caps.get("thin")
    asked = rule.confirmed_below.get(inherent_tier) if rule else None
    if rule is None or asked is None or score.coverage is None or score.confidence is None:
        return
    # Of all the weight that applies: with the answered weight alone below the line, an answer could lower the rating.
    confirmed = score.coverage * score.confidence
    if confirmed >= asked:
        return
    behind = f"Checked evidence stands behind {shown(100 * confirmed, places=1)} % of the weight"
    reason = f"{behind}; tier {inherent_tier} asks for {shown(100 * asked, places=0)} %."
    yield _cap(rule.id, "evidence", reason, methodology)


def _raised_by(scored: ScoredLine, findings: Sequence[RatedFinding]) -> list[RatedFinding]:
    """Return the findings that the question raised and that were judged to be some."""
    mine = (one for one in findings if one.question == scored.line.question)
    return [one for one in mine if one.status not in NOT_JUDGED_DEFICIENT]


def _cap(cap_id: str, subject: str, reason: str, methodology: Methodology, lifted_until: date | None = None) -> Cap:
    rule = methodology.caps[cap_id]
    if rule.at_most is None:
        raise KeyError(cap_id)
    return Cap(cap_id, subject, rule.at_most, reason, rule.lifted_by, lifted_until)


def _is_verified(finding: RatedFinding) -> bool:
    return finding.status == "closed" and finding.verified


def _held_off_until(raised: Sequence[RatedFinding], today: date) -> date | None:
    """Return the first day on which one of the acceptances ends, when all that is not verified is accepted."""
    until = [one.accepted_today(today) for one in raised if not _is_verified(one)]
    days = [day for day in until if day is not None]
    return min(days) if days and len(days) == len(until) else None
