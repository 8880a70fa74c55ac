"""Documents behind answers: kept files, and what somebody found in them for an answer."""

from datetime import date, datetime
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import Unit, User
from assessments.answers import answering, verifying
from assessments.models import Answer, Verification
from evidence import records
from evidence.models import Evidence
from tests.cast import NOON, TODAY
from tests.kept import kept

SHOWS = "Section 4 names TLS 1.3 for every connection."


def upload(text: str = "Report of the year", *, name: str = "report.txt") -> SimpleUploadedFile:
    """Return a small file."""
    return SimpleUploadedFile(name, text.encode())


@kept
def document(*, by: User, unit: Unit | None, issuer: str = "vendor", title: str = "SOC 2", **facts: Any) -> Evidence:
    """Return a kept file as evidence."""
    details = {"title": title, "issuer": issuer, "unit": unit, "by": by, "now": NOON} | facts
    return records.add_file(upload(title), **details)


@kept
def behind(row: Answer, *, by: User, **facts: Any) -> Evidence:
    """Return a kept file that a person added and attached to an answer."""
    evidence = document(by=by, unit=row.assessment.unit, **facts)
    answering.attach(row, evidence, by=by, now=NOON)
    return evidence


@kept
def verify(
    row: Answer,
    evidence: Evidence,
    *,
    by: User,
    now: datetime = NOON,
    shows: str = SHOWS,
    location: str = "p. 12",
    document_date: date = TODAY,
) -> Verification:
    """Return the record of what a document shows of an answer."""
    return verifying.verify(row, evidence, shows=shows, location=location, document_date=document_date, by=by, now=now)
