"""From rows to what a report prints: plain data, read once, ready for canonical JSON."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from reports.builders import assessment, register, vendor
from reports.models import Report


def build(report: Report, *, now: datetime) -> dict[str, Any]:
    """Return everything that the report prints, as it is at `now`; numbers that are not whole are text."""
    return asdict(_BUILDERS[Report.Kind(report.kind)](report, now=now))


_BUILDERS: dict[Report.Kind, Any] = {
    Report.Kind.ASSESSMENT: assessment.build,
    Report.Kind.VENDOR: vendor.build,
    Report.Kind.REGISTER: register.build,
}
