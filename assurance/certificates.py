"""Steps of certificates: recorded, corrected, judged, suspended, resumed, withdrawn; one takes the place of another."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from accounts import principals
from accounts.access import Capability
from accounts.principals import Principal
from accounts.steps import Done, Unchanged, step
from assurance import facts, following, reliance, validity
from assurance.facts import CLEANERS, CertificateInvalid
from assurance.models import CONDITIONS, Certificate
from assurance.validity import Days
from evidence import records
from evidence.models import Evidence
from riskregister import versions
from riskregister.refusals import Conflict
from scoring.deadlines import written
from vendors import fields
from vendors.models import Vendor

S = Certificate.Status
NOT_SUPERSEDED = (S.IN_FORCE, S.SUSPENDED, S.WITHDRAWN)


class CertificatesOverlap(CertificateInvalid):
    """Another certificate of the same kind, legal entity and scope speaks of the same time."""


@step("certificate.superseded", needs=Capability.WRITE, frm=NOT_SUPERSEDED, to=S.SUPERSEDED)
def supersede(certificate: Certificate, *, by: Principal, now: datetime) -> Certificate:
    """Let another one stand in its place. Part of recording that one.

    The document counts no longer than it did, and no shorter: what it showed of its own period it still shows.
    """
    return certificate


@step("certificate.recorded", needs=Capability.WRITE, makes=Certificate)
def record(
    vendor: Vendor,
    *,
    kind: str,
    evidence: Evidence,
    by: Principal,
    now: datetime,
    supersedes: Certificate | None = None,
    bridges: Certificate | None = None,
    **details: Any,
) -> Done[Certificate]:
    """Return a certificate of a vendor; the evidence, on record or prepared, is its document, `details` are its facts.

    Until when it counts follows, and with it until when the evidence does. Raises CertificateInvalid for facts that
    do not go together, CertificatesOverlap for one that speaks of the same time as another that it does not supersede,
    Conflict for evidence that is behind another certificate.
    """
    known = facts.cleaned(facts.known_kind(kind), details)
    evidence = records.put_on_record(evidence)
    made = Certificate(vendor=vendor, kind=kind, evidence=evidence, recorded_at=now, **known)
    made.recorded_by = principals.person_of(by)
    made.supersedes, made.bridges = supersedes, bridges
    _refuse_document(evidence, by=by)
    _refuse_relations(made)
    if supersedes is not None:
        supersede.within(supersedes, by=by, now=now)
    _settle(made, now=now)
    taken = Conflict("This evidence is behind another certificate, or that one is superseded already. Look again.")
    fields.save_once(made, otherwise=taken)
    return _followed(made, by=by, now=now)


@step(
    "certificate.corrected",
    needs=Capability.WRITE,
    frm=NOT_SUPERSEDED,
    edits=versions.facts(*CLEANERS),
)
def correct(certificate: Certificate, *, changes: Mapping[str, Any], by: Principal, now: datetime) -> Done[Certificate]:
    """Return the certificate with other facts of its kind; raises what `record` does.

    Letters that bridge it follow its period.
    """
    mine = {name: getattr(certificate, name) for name in facts.OF_KIND[certificate.kind]}
    known = facts.cleaned(certificate.kind, mine | dict(changes))
    touched = fields.differing(certificate, known)
    if not touched:
        return Unchanged(certificate)
    fields.put_on(certificate, touched)
    _settle(certificate, now=now)
    return _followed(certificate, by=by, now=now, fields=sorted(touched))


@step("certificate.moved", needs=Capability.WRITE, frm=NOT_SUPERSEDED)
def move(letter: Certificate, *, by: Principal, now: datetime) -> Done[Certificate]:
    """Let a bridge letter count as long as its report lets it by now. Part of correcting, stopping or resuming that."""
    _settle(letter, now=now)
    return _followed(letter, by=by, now=now)


@step("certificate.judged", needs=Capability.WRITE, edits=versions.facts(*CONDITIONS))
def judge(certificate: Certificate, *, by: Principal, now: datetime, **conditions: bool | None) -> Done[Certificate]:
    """Say of each of the eight conditions under which it may carry a critical function: yes, no, or not known."""
    fields.put_on(certificate, facts.conditions(conditions))
    return Done(certificate, met=certificate.conditions_met).and_then(
        lambda: following.follow(certificate.vendor, now=now)
    )


@step("certificate.suspended", needs=Capability.WRITE, frm=(S.IN_FORCE,), to=S.SUSPENDED, reason="reason")
def suspend(certificate: Certificate, *, on: date, reason: str, by: Principal, now: datetime) -> Done[Certificate]:
    """Record that whoever issued it has suspended it since a day: answers that rest on it count less at once."""
    return _stopped(certificate, on=on, by=by, now=now)


@step("certificate.withdrawn", needs=Capability.WRITE, frm=(S.IN_FORCE, S.SUSPENDED), to=S.WITHDRAWN, reason="reason")
def withdraw(certificate: Certificate, *, on: date, reason: str, by: Principal, now: datetime) -> Done[Certificate]:
    """Record that it is withdrawn since a day, or was never right: answers that rest on it count less at once."""
    return _stopped(certificate, on=on, by=by, now=now)


@step("certificate.resumed", needs=Capability.WRITE, frm=(S.SUSPENDED,), to=S.IN_FORCE, reason="reason")
def resume(certificate: Certificate, *, reason: str, by: Principal, now: datetime) -> Done[Certificate]:
    """Record that it is suspended no more: it counts again until its own day."""
    certificate.stopped_on = None
    return _followed(certificate, by=by, now=now)


def _stopped(certificate: Certificate, *, on: date, by: Principal, now: datetime) -> Done[Certificate]:
    fields.day(on, "on")
    if on > timezone.localdate(now):
        raise CertificateInvalid("Give the day since when it is so, today at the latest.", field="on")
    certificate.stopped_on = on
    return _followed(certificate, by=by, now=now, since=on.isoformat())


def _followed(certificate: Certificate, *, by: Principal, now: datetime, **data: Any) -> Done[Certificate]:
    """Return the step done: the evidence moves with it, then what rests on that, and what is missing of the vendor."""

    def follow() -> None:
        reliance.move(certificate, by=by, now=now)
        for letter in _letters_to_move(certificate):
            move.within(letter, by=by, now=now)
        following.follow(certificate.vendor, now=now)

    return Done(certificate, **data).and_then(follow)


def _letters_to_move(certificate: Certificate) -> list[Certificate]:
    """Return the letters that bridge it and count until another day than it lets them by now."""
    letters = certificate.bridged_by.filter(status__in=NOT_SUPERSEDED).select_related("bridges").order_by("number")
    return [one for one in letters if one.counts_until != validity.counts_until(one.days)]


def _settle(certificate: Certificate, *, now: datetime) -> None:
    """Work out until when it counts, and refuse days that contradict each other or another certificate."""
    today, days = timezone.localdate(now), certificate.days
    _refuse_days(days, today=today)
    surveillance, ends = certificate.next_surveillance, certificate.ends_on
    if surveillance and ends and surveillance > ends:
        raise CertificateInvalid("The next surveillance comes before its end.", field="next_surveillance")
    certificate.counts_until = validity.counts_until(days)
    # Of two that are recorded at once, each would not see the other.
    following.hold(certificate.vendor)
    _refuse_overlap(certificate, days)


def _refuse_days(days: Days, *, today: date) -> None:
    if days.issued_on and days.issued_on > today:
        raise CertificateInvalid("It cannot be issued on a day that has not come.", field="issued_on")
    if days.period_from and days.period_to and days.period_to < days.period_from:
        raise CertificateInvalid("The period ends after it begins. Check both days.", field="period_to")
    if days.issued_on and days.ends_on and days.ends_on < days.issued_on:
        raise CertificateInvalid("It ends after it was issued. Check both days.", field="ends_on")
    if days.kind not in Certificate.SOC2 or days.period_to is None:
        return
    if days.period_to > today:
        raise CertificateInvalid("A report speaks of what has been: this day has not come.", field="period_to")
    if days.issued_on and days.issued_on < days.period_to:
        raise CertificateInvalid("A report is issued after the time that it speaks of.", field="issued_on")


def _refuse_overlap(certificate: Certificate, days: Days) -> None:
    if certificate.status == S.WITHDRAWN:
        return
    same = Certificate.objects.filter(
        vendor=certificate.vendor_id, kind=certificate.kind, status__in=(S.IN_FORCE, S.SUSPENDED)
    )
    for other in same.exclude(pk__in=[certificate.pk, certificate.supersedes_id]).select_related("bridges"):
        if certificate.is_of_the_same(other) and validity.overlap(days, other.days):
            first, last = validity.span(other.days) or (None, None)
            raise CertificatesOverlap(
                f"{other.ref} is of the same kind, legal entity and scope, and speaks of {_day(first)} to {_day(last)} "
                "already. Say that this one supersedes it, or correct the days or the scope.",
                field="supersedes",
            )


def _day(day: date | None) -> str:
    return written(day) if day else "an unknown day"


def _refuse_document(evidence: Evidence, *, by: Principal) -> None:
    records.require_usable(evidence, unit_id=None, by=principals.person_of(by))
    if evidence.issuer == Evidence.Issuer.REGISTER:
        raise CertificateInvalid("The register collected this itself: it is no certificate.", field="evidence")
    taken = Certificate.objects.filter(evidence=evidence).first()
    if taken is not None:
        raise CertificateInvalid(f"This document is behind {taken.ref} already. Correct that one.", field="evidence")


def _may_supersede(certificate: Certificate, former: Certificate) -> bool:
    return former.vendor_id == certificate.vendor_id and former.kind in validity.superseded_by(certificate.kind)


def _refuse_relations(certificate: Certificate) -> None:
    former, bridged = certificate.supersedes, certificate.bridges
    if former is not None and not _may_supersede(certificate, former):
        raise CertificateInvalid(
            f"{former.ref} is of another vendor or kind. Choose one of the same.", field="supersedes"
        )
    if certificate.kind != Certificate.Kind.BRIDGE_LETTER:
        if bridged is not None:
            raise CertificateInvalid("Only a bridge letter bridges a report.", field="bridges")
        return
    if bridged is None or bridged.vendor_id != certificate.vendor_id or bridged.kind not in Certificate.SOC2:
        words = "Choose the SOC 2 report of this vendor that it bridges; record that first."
        raise CertificateInvalid(words, field="bridges")
