"""What a vendor's certificates and due diligence lack today, each as a finding of the vendor; no database."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from assurance import validity, weight
from assurance.models import Certificate, DueDiligence, DueDiligenceItem
from findings.observed.gaps import Gap
from scoring.deadlines import written
from scoring.scales import Severity
from vendors.models import Vendor
from vendors.naming import legal_entities

PREFIX = "assurance:"
_DAY = timedelta(days=1)
S, Opinion = Certificate.Status, Certificate.Opinion
Outcome = DueDiligenceItem.Outcome
_BAD_OPINIONS = {
    Opinion.QUALIFIED: Severity.MEDIUM,
    Opinion.ADVERSE: Severity.HIGH,
    Opinion.DISCLAIMER: Severity.HIGH,
}


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known of a vendor: its certificates that are not superseded, and the last complete round."""

    vendor: Vendor
    worst_tier: int | None
    certificates: Sequence[Certificate]
    complete: DueDiligence | None
    items: Sequence[DueDiligenceItem]
    today: date

    @property
    def severity(self) -> Severity:
        """Return how bad it is that something is missing: the more depends on the vendor, the worse."""
        rank = weight.of(self.vendor.criticality, self.worst_tier).rank
        return Severity.HIGH if rank == weight.MOST else Severity.MEDIUM


def missing(seen: Seen) -> list[Gap]:
    """Return all gaps of a vendor; none of one that was left."""
    if seen.vendor.status == Vendor.Status.OFFBOARDED:
        return []
    found = [gap for one in seen.certificates for gap in _of_certificate(one, seen)]
    return [*found, *_of_due_diligence(seen)]


def next_change(seen: Seen) -> date | None:
    """Return the first day after today on which the clock alone changes what is missing; None: it never does."""
    last_days = [one.counts_until for one in seen.certificates if one.status == S.IN_FORCE]
    last_days += [_surveillance(one) for one in seen.certificates if one.status == S.IN_FORCE]
    last_days += [day for item in seen.items for day in (item.valid_until, item.waived_until)]
    last_days += [seen.complete.next_due_on] if seen.complete else []
    return min((day + _DAY for day in last_days if day and day >= seen.today), default=None)


def successor(certificate: Certificate, others: Iterable[Certificate], *, today: date) -> Certificate | None:
    """Return another certificate that counts on a day and takes its place, or None; one of another scope does not."""
    of = certificate.bridges or certificate
    return next(
        (
            one
            for one in others
            if one.pk != certificate.pk
            and one.counts(today=today)
            and one.is_of_the_same(of)
            and validity.succeeds(one.days, certificate.days)
        ),
        None,
    )


def _surveillance(certificate: Certificate) -> date | None:
    """Return the last day on which its surveillance audit is not overdue; None where none is, or a note says why."""
    due = certificate.next_surveillance
    return validity.surveillance_last_day(due) if due and not certificate.surveillance_note else None


def _of_certificate(one: Certificate, seen: Seen) -> Iterator[Gap]:
    if not one.counts(today=seen.today):
        if successor(one, seen.certificates, today=seen.today) is None:
            yield _gone(one, seen)
        return
    if legal_entities.differs(one.legal_entity, seen.vendor.legal_entity):
        yield _entity(one, seen)
    if one.opinion in _BAD_OPINIONS:
        yield _opinion(one)
    if one.open_critical or one.open_high:
        yield _holes(one)
    last_day = _surveillance(one)
    if last_day is not None and last_day < seen.today:
        yield _unsurveyed(one, seen)
    if seen.worst_tier == 1 and not all(one.conditions.values()):
        yield _alone(one)


def _gone(one: Certificate, seen: Seen) -> Gap:
    words = {
        "ended": f"counts no more since {written(one.counts_until + _DAY)}" if one.counts_until else "",
        "undated": "has no day until when it counts",
    }
    how = words.get(one.state(today=seen.today)) or f"is {one.get_status_display().lower()}"
    return Gap(
        key=f"{PREFIX}{one.ref}:ended",
        severity=seen.severity,
        title=f"{one.get_kind_display()} {how}, without a successor"[:200],
        description=(
            f"{one} {how}, and no other one of this kind, legal entity and scope counts. Answers that rest on it count "
            "less."
        ),
        recommendation="Ask the vendor for the next one and record it in the place of this one.",
    )


def _entity(one: Certificate, seen: Seen) -> Gap:
    return Gap(
        key=f"{PREFIX}{one.ref}:entity",
        severity=Severity.MEDIUM,
        title=f"{one.get_kind_display()} is of another legal entity than the vendor's"[:200],
        description=f"{one.ref} names {one.legal_entity}. We know the vendor as {seen.vendor.legal_entity}.",
        recommendation="Ask which entity serves us and whether the certificate covers it; then correct what is wrong.",
    )


def _opinion(one: Certificate) -> Gap:
    return Gap(
        key=f"{PREFIX}{one.ref}:opinion",
        severity=_BAD_OPINIONS[Opinion(one.opinion)],
        title=f"{one.get_kind_display()} with another opinion than unqualified"[:200],
        description=f"The opinion of {one.ref} is: {one.get_opinion_display().lower()}.",
        recommendation="Read why, decide which of our answers still hold, and ask when the cause is gone.",
    )


def _holes(one: Certificate) -> Gap:
    left = [(one.open_critical, "critical"), (one.open_high, "high")]
    words = " and ".join(f"{count} {severity}" for count, severity in left if count)
    return Gap(
        key=f"{PREFIX}{one.ref}:holes",
        severity=Severity.HIGH if one.open_critical else Severity.MEDIUM,
        title=f"{one.get_kind_display()} left holes open: {words}",
        description=f"When {one.ref} was issued or tested again, {words} were still open, as it says itself.",
        recommendation="Ask until when they are closed and for a retest; then correct what is still open.",
    )


def _unsurveyed(one: Certificate, seen: Seen) -> Gap:
    day = written(one.next_surveillance) if one.next_surveillance else ""
    return Gap(
        key=f"{PREFIX}{one.ref}:surveillance",
        severity=Severity.MEDIUM,
        title=f"Surveillance audit of the {one.get_kind_display()} is overdue"[:200],
        description=f"That of {one.ref} was due on {day}, more than three months ago, and no note says why.",
        recommendation="Ask for the result and record the next day, or write down why it may wait.",
    )


def _alone(one: Certificate) -> Gap:
    return Gap(
        key=f"{PREFIX}{one.ref}:alone",
        severity=Severity.HIGH,
        title=f"{one.get_kind_display()} alone carries a Tier 1 server"[:200],
        description=(
            f"A server of inherent tier 1 depends on the vendor, and {one.ref} is relied on while not all eight "
            "conditions of article 8(3) of Delegated Regulation (EU) 2024/1773 are shown to be met, as its page says."
        ),
        recommendation="Meet the conditions, or look yourself: an audit of our own or together with others.",
    )


def _of_due_diligence(seen: Seen) -> Iterator[Gap]:
    complete = seen.complete
    if complete is None:
        return
    if complete.next_due_on and complete.next_due_on < seen.today:
        yield _overdue(complete, complete.next_due_on, seen)
    for item in seen.items:
        state = item.state(today=seen.today)
        if state in _WORDS:
            yield _item(item, complete, state, seen)


_WORDS = {
    Outcome.UNSATISFACTORY: "is unsatisfactory",
    Outcome.NOT_KNOWN: "is not known",
    "ran_out": "has run out",
    "open": "was waived for a time that has passed, and nobody has looked",
}


def _overdue(complete: DueDiligence, day: date, seen: Seen) -> Gap:
    return Gap(
        key=f"{PREFIX}due_diligence:overdue",
        severity=seen.severity,
        title="Due diligence is overdue",
        description=f"{complete.ref} is the last round; the next one was due on {written(day)}.",
        recommendation="Begin a new round on the vendor's page.",
    )


def _item(item: DueDiligenceItem, complete: DueDiligence, state: str, seen: Seen) -> Gap:
    is_open_question = state == Outcome.NOT_KNOWN
    note = f" {item.note}" if item.note else ""
    return Gap(
        key=f"{PREFIX}due_diligence:{item.key}",
        severity=Severity.LOW if is_open_question else seen.severity,
        title=f"Due diligence: {item.title} {_WORDS[state]}"[:200],
        description=f"{complete.ref}, {item.topic}: {item.title} {_WORDS[state]}.{note}",
        recommendation=f"What is good: {item.good}",
    )
