"""Certificates and rounds of a vendor, made through their steps."""

from datetime import date, datetime, timedelta
from typing import Any

from assurance import certificates, rounds
from assurance.models import Certificate, DueDiligence, DueDiligenceItem
from jobs import dated
from jobs.dated import Dated
from tests.assessments import documents
from tests.cast import NOON, TODAY, Cast
from vendors.models import Vendor

DAY = timedelta(days=1)
ISO: dict[str, Any] = {
    "kind": "iso_27001",
    "legal_entity": "Example Ltd",
    "scope": "The service",
    "issued_on": TODAY - 300 * DAY,
    "ends_on": TODAY + 200 * DAY,
    "body": "Body GmbH",
}
SOC2: dict[str, Any] = {
    "kind": "soc2_type_2",
    "legal_entity": "Example Ltd",
    "scope": "The service",
    "period_from": date(2025, 1, 1),
    "period_to": date(2025, 12, 31),
    "opinion": "unqualified",
}


def a_certificate(people: Cast, vendor: Vendor, facts_of_kind: dict[str, Any] = ISO, **facts: Any) -> Certificate:
    """Return a certificate that alice recorded, with a document of its own."""
    how: dict[str, Any] = {"by": people.alice, "now": NOON} | facts_of_kind | facts
    how.setdefault("evidence", documents.document(by=people.alice, unit=None, issuer="independent", title="The paper"))
    return certificates.record(vendor, **how)


def looked_at(
    item: DueDiligenceItem, people: Cast, *, outcome: str = "satisfactory", now: datetime = NOON, **facts: Any
) -> DueDiligenceItem:
    """Return an item that alice looked at on the day."""
    details: dict[str, Any] = {"note": "Seen." if outcome != "satisfactory" else "", "by": people.alice} | facts
    return rounds.record(item, outcome=outcome, looked_on=now.date(), now=now, **details)


def a_round(people: Cast, vendor: Vendor, *, now: datetime = NOON, **outcomes: str) -> DueDiligence:
    """Return a round in which alice looked at all; what is not named was satisfactory."""
    made = rounds.start(vendor, by=people.alice, now=now)
    for item in made.items.all():
        looked_at(item, people, outcome=outcomes.get(item.key, "satisfactory"), now=now)
    return made


def complete(people: Cast, vendor: Vendor, *, now: datetime = NOON, **outcomes: str) -> DueDiligence:
    """Return a round that alice did and bob completed."""
    made = a_round(people, vendor, now=now, **outcomes)
    return rounds.complete(made, conclusion="It can be relied on.", by=people.bob, now=now)


def told_by(word: str) -> Dated:
    """Return what tells of the days with this name."""
    return next(one for one in dated.every() if one.word == word)
