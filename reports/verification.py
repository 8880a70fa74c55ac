"""Whether an issued report still says what was read, and whether its score follows from what it prints."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from assessments.models import Snapshot
from evidence import store
from reports import issuing
from reports.models import Report, ReportPart
from riskregister.canonical import canonical, digest
from scoring import methodology, scoresheet


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was compared, whether it holds, and the value that was found."""

    what: str
    holds: bool
    found: str


def checks(report: Report) -> Iterator[Check]:
    """Yield what was compared of an issued or withdrawn report: data, snapshot, score and the bytes of its parts."""
    found = digest(report.data)
    yield Check("Data digest", found == report.data_digest, found)
    data = issuing.data_of(report)
    yield Check("Data in canonical form", canonical(data) == report.data, report.ref)
    if "snapshot" in data:
        yield from _snapshot_checks(report, data)
    for part in ReportPart.objects.filter(report=report).select_related("blob").order_by("position"):
        yield _part_check(part)


def _snapshot_checks(report: Report, data: dict[str, Any]) -> Iterator[Check]:
    found = digest(canonical(data["snapshot"]))
    yield Check("Snapshot digest", found == data["snapshot_digest"], found)
    kept = Snapshot.objects.get(assessment=report.assessment_id)
    yield Check("Snapshot as in the register", digest(kept.body) == kept.digest == found, kept.digest)
    try:
        score = scoresheet.recompute(data["snapshot"]["sheet"], methodology=methodology.parse(data["methodology"]))
    except scoresheet.DoesNotRecompute as difference:
        yield Check("Score", False, str(difference))
    else:
        yield Check("Score", True, str(scoresheet.text(score.overall)))


def _part_check(part: ReportPart) -> Check:
    try:
        with store.open_blob(part.blob):
            found = part.blob_id
    except (store.FileLost, store.StoreUnreachable) as refusal:
        found = refusal.message
    return Check(f"Bytes of {part.file_name}", found == part.blob_id, found)
