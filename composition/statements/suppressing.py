"""Accepting that a hit needs no work because of a statement, and opening its finding again when the risk rises.

What a statement proposes, a person accepts: the finding is dismissed by its own step, with the statement as the reason.
For a critical or high one that is an approver, who neither owns it nor brought the statement.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from accounts import access, steps
from accounts.access import Capability
from accounts.models import User
from accounts.principals import Principal
from accounts.steps import Done, step
from audit.context import SYSTEM
from composition.models import Hit, Statement, Suppression
from composition.models.statement import SuppressionQuerySet
from composition.rating import severity_of
from composition.signals import Signal
from composition.statements import matching
from findings import register
from findings.models import Finding
from riskregister import nouns, sweeps, unseen
from riskregister.refusals import Refused
from riskregister.transitions import move
from riskregister.unit_of_work import unit_of_work
from scoring import deadlines
from scoring.scales import Severity

_DISMISSIBLE = (Finding.Status.PROPOSED, Finding.Status.OPEN)
_ENDED = "Its last day has passed."
_LONGEST = 9_000
# Whether a statement covers a hit is asked of these alone: all that waits is looked through for it.
_COVERING = (
    "statement__versions", "statement__ecosystem", "statement__folded", "hit__versions", "hit__ecosystem", "hit__name",
)  # fmt: skip


class CannotBeSuppressed(Refused):
    """The hit cannot be suppressed because of this statement."""


class OwnStatement(access.NotPermitted):
    """Whoever brought a statement does not accept it for a critical or high finding."""


def owns_finding(suppression: Suppression, by: Principal) -> access.NotPermitted | None:
    """Return the refusal for whoever owns the finding, or gave it away since it opened; for others None."""
    return register.owner_now_or_before(suppression.finding, by) if suppression.finding else None


def taken_by(suppression: Suppression) -> Capability | None:
    """Return what it takes to accept it for a critical or high finding; for others None."""
    finding = suppression.finding
    return Capability.DECIDE if finding is not None and finding.is_severe else None


def takes_another(suppression: Suppression, by: Principal) -> access.NotPermitted | None:
    """Return the refusal for whoever brought the statement on a critical or high finding; for others None.

    Such a finding takes somebody who decides.
    """
    finding, person, needed = suppression.finding, by.person, taken_by(suppression)
    if finding is None or needed is None or person is None:
        return None
    if not access.of(by).can(needed, finding.unit_id):
        return register.TakesTwo("An approver accepts that a critical or high finding does not apply.")
    if suppression.statement.taken_by_id == person.pk:
        return OwnStatement("You brought this statement. Somebody else accepts it for a critical or high finding.")
    return None


def unfit(suppression: Suppression) -> Exception | None:
    """Return why nobody can accept it as it is; None where somebody can."""
    statement, hit, finding = suppression.statement, suppression.hit, suppression.finding
    if statement.status != Statement.Status.IN_FORCE:
        return CannotBeSuppressed(f"{statement.ref} does not count any more.")
    if finding is None or finding.status not in _DISMISSIBLE:
        how = f"is {finding.get_status_display().lower()}" if finding else "is not there"
        return CannotBeSuppressed(f"Its finding {how}: only a proposed or open one can be dismissed.")
    if not matching.covers(statement, hit):
        others = ", ".join(sorted(set(hit.versions) - set(statement.versions)))
        return CannotBeSuppressed(f"{statement.ref} says nothing of {others}, which is there too.")
    return None


def run_out(suppression: Suppression, today: date) -> CannotBeSuppressed | None:
    """Return the refusal once the last day of its statement has passed; before that None."""
    statement = suppression.statement
    if statement.until is None or statement.until >= today:
        return None
    return CannotBeSuppressed(f"{statement.ref} counted until {statement.until:%-d %B %Y}. Say it anew.", field="until")


def to_accept(person: User, *, today: date) -> SuppressionQuerySet:
    """Return what is proposed and the person can accept on that day: what `accept` is offered to them on."""
    finding = "hit__observation__finding__"
    severe = Finding.severe(finding=finding)
    brought = Q(statement__taken_by=person)
    waiting = Suppression.objects.filter(
        register.of_others(person, finding=finding),
        _in_units(person, Capability.WRITE),
        ~severe | _in_units(person, Capability.DECIDE) & ~brought,
        status=Suppression.Status.PROPOSED,
        statement__in=Statement.objects.in_force(today=today),
        hit__observation__finding__status__in=_DISMISSIBLE,
    )
    # A statement without versions speaks of every one.
    some = waiting.exclude(statement__versions=[]).select_related("statement", "hit").only(*_COVERING)
    uncovered = [one.pk for one in some.order_by() if not matching.covers(one.statement, one.hit)]
    return waiting.exclude(pk__among=uncovered) if uncovered else waiting


def _in_units(person: User, capability: Capability) -> Q:
    units = access.of(person).units_for(capability)
    return ~Q(pk__in=[]) if units is None else Q(hit__server__unit__in=units)


@step(
    "suppression.accepted",
    needs=Capability.WRITE,
    also=(Capability.DECIDE,),
    needs_of=taken_by,
    frm=(Suppression.Status.PROPOSED, Suppression.Status.ENDED),
    to=Suppression.Status.ACCEPTED,
    unfit=unfit,
    late=run_out,
    barred=(owns_finding, takes_another),
    reason="reason",
)
def accept(
    suppression: Suppression, *, reason: str, until: date | None = None, by: Principal, now: datetime
) -> Done[Suppression]:
    """Accept that a hit does not apply until a day: unless said the statement's last, and a year from now at most.

    Its finding is dismissed. Raises CannotBeSuppressed.
    """
    statement, hit = suppression.statement, suppression.hit
    finding = suppression.finding
    if finding is not None:
        _hold(finding)
    refusal = unfit(suppression)
    if finding is None or refusal:
        raise refusal or CannotBeSuppressed("Its finding is not there.")
    day = _until(statement, until, now=now)
    suppression.until, suppression.reason = day, reason
    suppression.decided_by, suppression.decided_at = by.person, now
    suppression.ended_at, suppression.end_reason = None, ""
    suppression.severity, suppression.versions = severity_of(hit.vulnerability), list(hit.versions)
    suppression.was_exploited, suppression.was_likely = hit.is_exploited, hit.is_likely
    suppression.epss_model = hit.epss_model
    author, why = unseen.visible(statement.author), unseen.visible(statement.why)
    explanation = f"{statement.ref} by {author}: {why} Until {day:%-d %B %Y}. {reason}"
    register.dismiss.within(finding, reason=explanation[:_LONGEST], by=by, now=now)
    return Done(suppression, statement=statement.ref, finding=finding.ref, until=day.isoformat())


@step(
    "suppression.ended",
    needs=Capability.WRITE,
    frm=(Suppression.Status.ACCEPTED,),
    to=Suppression.Status.ENDED,
    reason="reason",
)
def end(suppression: Suppression, *, reason: str, by: Principal, now: datetime) -> Suppression:
    """End a suppression before its day: its finding opens again."""
    suppression.ended_at, suppression.end_reason = now, reason
    _open_again(suppression, reason=reason, by=by, now=now)
    return suppression


def end_all(statement: Statement, *, reason: str, by: Principal, now: datetime) -> None:
    """End all that is proposed or suppressed because of a statement. Part of a step that ends the statement."""
    rows = Suppression.objects.filter(statement=statement).exclude(status=Suppression.Status.ENDED)
    for one in rows.select_related("hit__server", "hit__observation__finding").order_by("hit__server", "pk"):
        _end(one, reason=reason, by=by, now=now)


def supersede(statement: Statement, *, reason: str, by: Principal, now: datetime) -> None:
    """Let a statement count no more, as its author does not say so any more. Part of taking in the next document."""
    if statement.status == Statement.Status.REJECTED:
        return
    move(statement, Statement.Status.SUPERSEDED, ended_at=now, end_reason=reason)
    steps.record("statement.superseded", statement, by=by, now=now, reason=reason)
    end_all(statement, reason=reason, by=by, now=now)


def look(hits: Iterable[Hit], signal_of: Mapping[UUID, Signal], *, now: datetime) -> None:
    """End the suppressions of hits whose risk is higher than when they were accepted. Part of a comparison.

    What was gone when its suppression ended, and is back, opens again.
    """
    known = {hit.pk: hit for hit in hits}
    rows = Suppression.objects.filter(hit__in=known).exclude(status=Suppression.Status.PROPOSED)
    for one in rows.select_related("statement"):
        one.hit = known[one.hit_id]
        if one.status == Suppression.Status.ENDED:
            _open_again(one, reason=one.end_reason, by=SYSTEM, now=now)
        elif why := _risen(one, signal_of[one.hit.vulnerability_id]):
            _end(one, reason=why, by=SYSTEM, now=now)


def record_expired(*, now: datetime) -> int:
    """End the suppressions whose last day has passed, and what statements proposed until then; return how many."""
    today = timezone.localdate(now)
    passed = Suppression.objects.accepted().filter(until__lt=today)
    proposed = Suppression.objects.filter(status=Suppression.Status.PROPOSED, statement__until__lt=today)
    return sum(_expire(key, now=now) for key in [*sweeps.keys(passed), *sweeps.keys(proposed)])


def _expire(key: UUID, *, now: datetime) -> bool:
    with unit_of_work():
        rows = Suppression.objects.select_related("statement", "hit__server", "hit__observation__finding")
        one = rows.get(pk=key)
        nouns.hold(one)
        if one.status == Suppression.Status.ENDED:
            return False
        _end(one, reason=_ENDED, by=SYSTEM, now=now)
        return True


def _until(statement: Statement, until: date | None, *, now: datetime) -> date:
    today = timezone.localdate(now)
    last = deadlines.in_a_year(today)
    day = until or min(statement.until or last, last)
    if not today <= day <= min(statement.until or last, last):
        raise CannotBeSuppressed(
            "Choose a day from today to the statement's last, a year from now at most.", field="until"
        )
    return day


def _risen(suppression: Suppression, signal: Signal) -> str:
    """Return why the risk is higher than when it was accepted, empty where it is not."""
    hit = suppression.hit
    now, then = severity_of(hit.vulnerability), Severity(suppression.severity or Severity.LOW)
    if now < then:
        return f"{hit.vulnerability} is {now.word} by now; it was {then.word} when it was accepted."
    if signal.is_exploited and not suppression.was_exploited:
        return f"{hit.vulnerability} is being exploited, which was not known when it was accepted."
    if signal.became_likely(was_likely=suppression.was_likely, model=suppression.epss_model):
        return f"{hit.vulnerability} is likely to be exploited by now: {round(100 * (signal.epss or 0))} %."
    if others := [one for one in hit.versions if one not in suppression.versions]:
        return f"{hit.name} {', '.join(others[:5])} is there too, of which nothing was said."
    finding = suppression.finding
    return "" if finding is None or finding.status == Finding.Status.DISMISSED else "Its finding was opened again."


def _end(suppression: Suppression, *, reason: str, by: Principal, now: datetime) -> None:
    was = suppression.status
    move(suppression, Suppression.Status.ENDED, ended_at=now, end_reason=reason)
    steps.record("suppression.ended", suppression, by=by, now=now, reason=reason)
    if was == Suppression.Status.ACCEPTED:
        _open_again(suppression, reason=reason, by=by, now=now)


def _open_again(suppression: Suppression, *, reason: str, by: Principal, now: datetime) -> None:
    """Open the finding that was dismissed because of it, unless people have decided otherwise since, or it is gone."""
    finding = suppression.finding
    if finding is None or not _is_dismissed_by(suppression, finding):
        return
    why = f"{suppression.statement.ref} does not keep it dismissed any more: {reason}"
    observed = Severity(finding.observed_severity or finding.severity)
    register.reopen.within(finding, reason=why, by=by, now=now)
    if observed < finding.severity:
        register.change_severity.within(finding, severity=observed, reason=reason, by=by, now=now)


def _is_dismissed_by(suppression: Suppression, finding: Finding) -> bool:
    _hold(finding)
    is_dismissed = finding.status == Finding.Status.DISMISSED and finding.is_observed
    return is_dismissed and finding.dismissed_at == suppression.decided_at


def _hold(finding: Finding) -> None:
    nouns.hold(finding)
    finding.refresh_from_db(fields=["dismissed_at", "observed_severity", "is_observed", "close_reason"])
