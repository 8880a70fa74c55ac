"""From a request to issued parts: the data is read once, drawn, and kept together with the completion of the job."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any

from django.db import connection, transaction

from accounts import steps
from audit import context
from evidence import store
from evidence.models import Blob
from reports import builders, render
from reports.models import Report, ReportPart
from riskregister import nouns, transitions
from riskregister.canonical import canonical, digest
from work.supply_chain import keeping


@dataclass(frozen=True, slots=True)
class Drawn:
    """A part whose bytes are kept and which no report names yet."""

    blob: Blob
    pages: int


def read(report: Report, *, now: datetime) -> None:
    """Read everything that the report prints, as it is at `now`, and keep it with its digest; the report is rendering.

    A report that was read before keeps what was read then, so that a second try prints the same.
    """
    if report.status == Report.Status.FAILED:
        transitions.move(report, Report.Status.REQUESTED, error="")
    if report.status == Report.Status.RENDERING:
        return
    if report.data_digest:
        transitions.move(report, Report.Status.RENDERING)
        return
    # What is read below writes nothing, so what the clock changed is brought up to date first.
    keeping.follow(now=now)
    with _one_moment():
        text = canonical(builders.build(report, now=now))
    with transaction.atomic():
        transitions.move(report, Report.Status.RENDERING, as_of=now, data_digest=digest(text))
        report.data = text
        report.save(update_fields=["data"])


def data_of(report: Report) -> dict[str, Any]:
    """Return what the report prints."""
    data: dict[str, Any] = json.loads(report.data)
    return data


def draw(report: Report, *, now: datetime) -> Iterator[Drawn]:
    """Yield the parts of a report that was read, each with its bytes kept. Raises render.CannotRender."""
    data = data_of(report)
    for part in render.parts(data, ref=report.ref, data_digest=report.data_digest, text=report.data):
        pages, pdf = render.pdf(part)
        yield Drawn(store.put(BytesIO(pdf), name="part.pdf", now=now), pages)


def issue(report: Report, drawn: list[Drawn], *, now: datetime) -> None:
    """Name the drawn parts as the report's and issue it. Part of the transaction that finishes the job."""
    nouns.hold(report)
    transitions.require(report, Report.Status.ISSUED)
    issued = [_part(report, one, position, len(drawn)) for position, one in enumerate(drawn, start=1)]
    for part in issued:
        part.save(force_insert=True)
    # Behind its parts: no further one joins an issued report.
    transitions.move(report, Report.Status.ISSUED, issued_at=now, error="")
    data: dict[str, Any] = {"data_digest": report.data_digest, "parts": [part.blob.sha256 for part in drawn]}
    steps.record("report.issued", report, by=context.actor(), now=now, rows=issued, **data)


def _part(report: Report, drawn: Drawn, position: int, count: int) -> ReportPart:
    return ReportPart(
        report=report,
        position=position,
        blob=drawn.blob,
        file_name=file_name(report, position, count),
        pages=drawn.pages,
    )


@transaction.atomic
def fail(report: Report, *, reason: str, now: datetime) -> None:
    """Say that the report could not be made, and why."""
    transitions.move(report, Report.Status.FAILED, error=reason)
    steps.record("report.failed", report, by=context.actor(), now=now, reason=reason)


def file_name(report: Report, position: int, count: int) -> str:
    """Return the name under which a part is downloaded, e.g. "RP-7-assessment.pdf" or "RP-9-register-2-of-3.pdf"."""
    number = f"-{position}-of-{count}" if count > 1 else ""
    return f"{report.ref}-{report.kind}{number}.pdf"


@contextmanager
def _one_moment() -> Iterator[None]:
    """Let all that is read within be as it was at one moment, whatever others commit meanwhile."""
    # SQLite's transactions are like that by nature. On PostgreSQL it must be asked for before the first statement.
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        if connection.vendor == "postgresql" and outermost:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield
