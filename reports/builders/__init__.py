"""From rows to what a report prints: plain data, read once, ready for canonical JSON."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from reports.builders import assessment, register
from reports.models import Report


def build(report: Report, *, now: datetime) -> dict[str, Any]:
    """Return everything that the report prints, as it is at `now`; numbers that are not whole are text."""
    built = assessment.build(report, now=now) if report.assessment else register.build(report, now=now)
    return asdict(built)
