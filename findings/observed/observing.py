"""The one door by which what a source sees becomes a finding: a questionnaire, a condition, a person, a collector.

A finding keeps its identity over the years: what the same source sees of the same server or vendor under the same key
is the same finding. A source says what is there, and whether it is still there; people decide what becomes of it:

- what is not known opens, or is proposed where a person must judge it first;
- what is known and worked on joins: it is seen once more, under its due date;
- what is closed opens again, with a fresh clock;
- what is dismissed or accepted stays so, and it is only noted that it is seen;
- what its source looked for and does not see any more is noted, for people to decide; a source that can tell that it
  is truly gone closes it (`close_gone`);
- what is seen still, in the same occurrence, changes nothing but when it was seen last;
- a severity that a source says is worse than it said before counts; one that is less bad never does, since people may
  have judged otherwise.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from accounts import steps
from accounts.models import User
from accounts.principals import Principal
from findings import assignment, clock, following, revoking
from findings.models import Finding, Occurrence
from findings.observed.observations import Look, Observation, Observed, Outcome, Subject
from numbering.models import take_numbers
from riskregister import nouns
from riskregister.transitions import change_if, move
from riskregister.unit_of_work import unit_of_work
from scoring.scales import Severity
from vendors.models import Server, Vendor

STAYS = (Finding.Status.DISMISSED, Finding.Status.ACCEPTED)


def observe(
    *,
    source: Finding.Source,
    key: str,
    subject: Subject,
    severity: Severity,
    title: str,
    seen_at: datetime,
    by: Principal,
    now: datetime | None = None,
    starts: Finding.Status = Finding.Status.OPEN,
    fixer: Callable[[Subject], User | None] = assignment.choose,
    reason: str = "",
    is_part: bool = False,
    **more: Any,
) -> Observed:
    """Put on record that a source saw something, and return what became of it. Part of a step, or of a sweep.

    It may be called with the same any number of times, and from several places at once. `now`: unless it was `seen_at`;
    `more` are the texts of an Observation.
    """
    look = Look(
        source=source,
        by=by,
        seen_at=seen_at,
        now=now or seen_at,
        starts=starts,
        fixer=fixer,
        reason=reason,
        is_part=is_part,
    )
    seen = Observation(subject=subject, key=key, severity=severity, title=title, **more)
    return observe_all(look, [seen])[0]


@unit_of_work()
def observe_all(look: Look, seen: Sequence[Observation]) -> list[Observed]:
    """Put all that a source saw in one look on record, as `observe` does, and return what became of each."""
    if not seen:
        return []
    # Of two looks at a server one waits here, and then sees what the other has opened.
    for server in sorted({one.subject for one in seen if isinstance(one.subject, Server)}, key=lambda one: one.pk):
        nouns.hold(server)
    known = _known(look, seen)
    new = {_place(one) for one in seen} - set(known)
    numbers = iter(take_numbers(nouns.card(Finding).prefix, len(new))) if new else iter(())
    before = _had_occurred(look, known.values())
    outcomes = [_observe(look, one, known, before, numbers) for one in seen]
    Occurrence.objects.bulk_create(
        Occurrence(
            finding=observed.finding,
            assessment=look.assessment,
            observed_at=look.seen_at,
            answer_text=one.answer_text,
            note=one.note,
        )
        for one, observed in zip(seen, outcomes, strict=True)
        if observed.outcome is not Outcome.KNOWN
    )
    still = [observed.finding.pk for observed in outcomes if observed.outcome is Outcome.KNOWN]
    if still:
        Finding.objects.filter(pk__in=still, last_observed_at__lt=look.seen_at).update(last_observed_at=look.seen_at)
    return outcomes


@unit_of_work()
def no_longer_observed(
    look: Look, *, subjects: Collection[Subject], keys: Collection[str], still: Iterable[Finding] = ()
) -> list[Finding]:
    """Note what the source has looked for and does not see any more, and return it; people decide what becomes of it.

    `keys` is all that it has looked for: what it could not see is not gone. `still` is what it has just seen.
    """
    rows = Finding.objects.filter(source=look.source, stable_key__in=list(keys), is_observed=True)
    gone = _held(rows.exclude(pk__in=[one.pk for one in still]), subjects)
    for finding in gone:
        change_if(finding, {}, is_observed=False)
        steps.record("finding.no_longer_observed", finding, by=look.by, now=look.now, **_where(look, finding))
    return gone


@unit_of_work()
def close_gone(look: Look, gone: Iterable[Finding], *, reason: str) -> list[Finding]:
    """Close what the source does not see any more, where it can tell that it is truly gone, and return what closed.

    Part of a complete look, in which `no_longer_observed` held and returned it. What people dismissed or closed stays
    so; seen again, it is the same finding, open again.
    """
    closed = [finding for finding in gone if finding.status in Finding.LIVE]
    for finding in closed:
        move(finding, Finding.Status.CLOSED, closed_at=look.now, close_reason=reason)
        steps.record("finding.closed", finding, by=look.by, now=look.now, reason=reason)
        revoking.with_finding(finding, by=look.by, now=look.now)
        following.changed(finding, reason=look.why(finding, "closed"), now=look.now)
    return closed


Place = tuple[Any, str]


def _place(one: Observation) -> Place:
    return one.subject.pk, one.key


def _known(look: Look, seen: Sequence[Observation]) -> dict[Place, Finding]:
    """Return the findings that are known, held."""
    rows = Finding.objects.filter(source=look.source, stable_key__in={one.key for one in seen})
    return {(one.subject.pk, one.stable_key): one for one in _held(rows, {one.subject for one in seen})}


def _held(rows: "QuerySet[Finding]", subjects: Collection[Subject]) -> list[Finding]:
    """Return those of the rows that are about the subjects, held, with the subjects as they are loaded already."""
    servers = {one.pk: one for one in subjects if isinstance(one, Server)}
    vendors = {one.pk: one for one in subjects if isinstance(one, Vendor)}
    about = Q(server__in=servers) | Q(vendor__in=vendors) if vendors else Q(server__in=servers)
    # Another look may be going over the same vendor's findings.
    found = nouns.hold_all(rows.filter(about))
    for finding in found:
        if finding.server_id:
            finding.server = servers[finding.server_id]
        elif finding.vendor_id:
            finding.vendor = vendors[finding.vendor_id]
    return found


def _had_occurred(look: Look, known: Iterable[Finding]) -> set[Any]:
    """Return the keys of the findings that have an occurrence which this look does not add to."""
    findings = list(known)
    if look.assessment is None or not findings:
        return {finding.pk for finding in findings if finding.is_observed}
    rows = Occurrence.objects.filter(assessment=look.assessment, finding__in=findings)
    return set(rows.values_list("finding_id", flat=True))


def _observe(
    look: Look, one: Observation, known: dict[Place, Finding], before: set[Any], numbers: Iterator[int]
) -> Observed:
    finding = known.get(_place(one))
    if finding is None:
        opened = _open(look, one, next(numbers))
        if opened is not None:
            known[_place(one)] = opened.finding
            before.add(opened.finding.pk)
            return opened
        finding = _known(look, [one])[_place(one)]
        before |= _had_occurred(look, [finding])
    return Observed(finding, _join(look, one, finding, has_occurred=finding.pk in before))


def _open(look: Look, one: Observation, number: int) -> Observed | None:
    """Return the new finding, or None when somebody else has just opened it."""
    finding = _new(look, one, number)
    if not _insert(finding):
        return None
    data: dict[str, Any] = {"severity": one.severity.word, "gap": one.gap or None, "is_part": look.is_part}
    if look.starts == Finding.Status.PROPOSED:
        steps.record("finding.proposed", finding, by=look.by, now=look.now, **data)
        return Observed(finding, Outcome.PROPOSED)
    steps.record("finding.opened", finding, by=look.by, now=look.now, **data)
    following.opened(finding, reason=look.why(finding, "opened"), now=look.now)
    return Observed(finding, Outcome.OPENED)


def _due_on(look: Look, one: Observation) -> date:
    return _no_later(clock.due_on(one.severity, now=look.now, method=look.method), one)


def _no_later(day: date, one: Observation) -> date:
    return min(day, one.due_by) if one.due_by else day


def _insert(finding: Finding) -> bool:
    """Return whether it is the first of its kind: somebody else may have been, but not while the server is held."""
    if finding.vendor_id is None:
        finding.save(force_insert=True)
        return True
    try:
        with transaction.atomic():
            finding.save(force_insert=True)
    except IntegrityError:
        return False
    return True


def _new(look: Look, one: Observation, number: int) -> Finding:
    server = one.subject if isinstance(one.subject, Server) else None
    is_open = look.starts == Finding.Status.OPEN
    return Finding(
        number=number,
        unit=server.unit if server else None,
        server=server,
        vendor=one.subject if isinstance(one.subject, Vendor) else None,
        source=look.source,
        stable_key=one.key,
        title=one.title,
        description=one.description,
        recommendation=one.recommendation,
        severity=one.severity,
        observed_severity=one.severity,
        dimension=one.dimension,
        status=look.starts,
        assessment=look.assessment,
        question_key=one.question_key,
        owner=look.fixer(one.subject),
        created_at=look.now,
        opened_at=look.now if is_open else None,
        due_on=_due_on(look, one) if is_open else None,
        is_demo=one.subject.is_demo,
        **_seen(look, one),
    )


def _join(look: Look, one: Observation, finding: Finding, *, has_occurred: bool) -> Outcome:
    """Note on a known finding that it is seen, and return what became of it."""
    if finding.status == Finding.Status.CLOSED:
        _reopen(look, one, finding)
        return Outcome.REOPENED
    if not has_occurred:
        change_if(finding, {}, **_seen(look, one))
        steps.record("finding.observed_again", finding, by=look.by, now=look.now, **_where(look, finding))
    _take_severity(look, one, finding)
    _take_day(look, one, finding)
    if has_occurred:
        return Outcome.KNOWN
    return Outcome.NOTED if finding.status in STAYS else Outcome.JOINED


def _reopen(look: Look, one: Observation, finding: Finding) -> None:
    changes = _seen(look, one)
    if _is_worse(one, finding):
        changes |= {"severity": min(one.severity, finding.severity), "observed_severity": one.severity}
    if finding.owner is None or not assignment.can_own(finding.owner, unit_id=finding.unit_id):
        changes["owner"] = look.fixer(one.subject)
    clock.put_plan_aside(finding)
    anew = clock.anew(changes.get("severity", finding.severity), now=look.now)
    move(finding, Finding.Status.OPEN, **changes, **anew | {"due_on": _no_later(anew["due_on"], one)})
    reason = f"{_observer(look, finding)} observed it again."
    steps.record("finding.reopened", finding, by=look.by, now=look.now, reason=reason, is_part=look.is_part)
    following.changed(finding, reason=look.why(finding, "reopened"), now=look.now)


def _is_worse(one: Observation, finding: Finding) -> bool:
    return finding.observed_severity is not None and one.severity < finding.observed_severity


def _take_severity(look: Look, one: Observation, finding: Finding) -> None:
    """Let what the source says count where it is worse than what it said before, and than what people judge."""
    if one.severity == finding.observed_severity:
        return
    changes: dict[str, Any] = {"observed_severity": one.severity}
    counts = _is_worse(one, finding) and one.severity < finding.severity
    if not counts or finding.status == Finding.Status.DISMISSED:
        change_if(finding, {}, **changes)
        return
    was = Severity(finding.severity).word
    if finding.due_on:
        changes["due_on"] = min(finding.due_on, clock.due_on(one.severity, now=look.now, method=look.method))
    change_if(finding, {}, severity=one.severity, **changes)
    reason = "What observes it says that it is worse than before."
    word = one.severity.word
    steps.record("finding.severity_changed", finding, by=look.by, now=look.now, reason=reason, was=was, severity=word)
    following.changed(finding, reason=look.why(finding, f"{word} from now on"), now=look.now)


def _take_day(look: Look, one: Observation, finding: Finding) -> None:
    """Let a finding that is worked on be due by the day that its source names, where that comes first."""
    if one.due_by is None or finding.status not in Finding.BEING_FIXED or finding.due_on is None:
        return
    if one.due_by < finding.due_on:
        was = finding.due_on.isoformat()
        change_if(finding, {}, due_on=one.due_by)
        reason = "What observes it says until when it is due."
        steps.record(
            "finding.due_date_changed", finding, by=look.by, now=look.now, reason=reason, was=was,
            due_on=one.due_by.isoformat(),
        )  # fmt: skip


def _seen(look: Look, one: Observation) -> dict[str, Any]:
    return {
        "is_observed": True,
        "last_observed_at": look.seen_at,
        "is_information_gap": one.gap == "information",
        "question_text": one.question_text,
        "answer_text": one.answer_text,
    }


def _where(look: Look, finding: Finding) -> dict[str, Any]:
    # What happens to a vendor's finding is read by units that may not see the assessment.
    return {"assessment": look.assessment.ref} if look.assessment and finding.server_id else {}


def _observer(look: Look, finding: Finding) -> str:
    if look.assessment is None:
        return look.by.actor.label
    return look.assessment.ref if finding.server_id else "An assessment"
