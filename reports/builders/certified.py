"""The certificates of a vendor and the reports of others about it, as frozen plain values."""

from dataclasses import dataclass
from datetime import date

from assurance.models import CONDITIONS, Certificate
from reports.builders.entries import day
from riskregister import looks
from vendors.models import Vendor
from vendors.naming import legal_entities


@dataclass(frozen=True, slots=True)
class CertificateEntry:
    """A certificate or report, and until when it counts (empty: not known).

    `conditions_met` of `conditions`, those under which it may carry something critical, are known to be met; None:
    nothing is known of any.
    """

    ref: str
    kind: str
    legal_entity: str
    is_of_another: bool
    state: str
    body: str
    scope: str
    period_from: str
    period_to: str
    counts_until: str
    opinion: str
    exceptions: str
    subservice: str
    conditions_met: int | None
    conditions: int
    evidence: str


def of(vendor: Vendor, *, today: date) -> tuple[CertificateEntry, ...]:
    """Return the certificates of a vendor that no newer one has replaced, by number."""
    rows = Certificate.objects.filter(vendor=vendor).exclude(status=Certificate.Status.SUPERSEDED)
    return tuple(_entry(one, vendor, today=today) for one in rows.select_related("evidence").order_by("number"))


def _entry(one: Certificate, vendor: Vendor, *, today: date) -> CertificateEntry:
    return CertificateEntry(
        ref=one.ref,
        kind=one.get_kind_display(),
        legal_entity=one.legal_entity,
        is_of_another=legal_entities.differs(one.legal_entity, vendor.legal_entity),
        state=looks.word("certificate", one.state(today=today)),
        body=one.body,
        scope=one.scope,
        period_from=day(one.period_from),
        period_to=day(one.period_to),
        counts_until=day(one.counts_until),
        opinion=one.get_opinion_display(),
        exceptions="" if one.exceptions is None else str(one.exceptions),
        subservice=one.get_subservice_display(),
        conditions_met=one.conditions_met,
        conditions=len(CONDITIONS),
        evidence=one.evidence.ref,
    )
