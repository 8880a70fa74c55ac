"""Whether an issued report still says what was read, and whether its score follows from what it prints.

What can be recomputed can be rewritten together with its digest: so everything is compared with the event that issued
it, which is sealed, and with the copy of the data that the first part carries.
"""

import hashlib
import json
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from assessments.models import Snapshot
from audit import authenticity, bound_rows
from audit.models import Event
from evidence import store
from reports import issuing
from reports.models import Report, ReportPart
from riskregister.canonical import canonical, digest
from scoring import methodology, scoresheet

# What changes when a report is withdrawn.
WITHDRAWING = {"status", "withdrawn_by_id", "withdrawn_reason"}
_EMBEDDED = re.compile(rb"<<(?:(?!>>\s*stream).)*?/EmbeddedFile(?:(?!endobj).)*?>>\s*stream\r?\n", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was compared, whether it holds, and the value that was found."""

    what: str
    holds: bool
    found: str


def checks(report: Report) -> Iterator[Check]:
    """Yield what was compared of an issued or withdrawn report: data, issuing event, snapshot, score and parts."""
    found = digest(report.data)
    yield Check("Data digest", found == report.data_digest, found)
    parts = list(ReportPart.objects.filter(report=report).select_related("blob").order_by("position"))
    yield from _event_checks(report, parts, found=found)
    try:
        data = issuing.data_of(report)
    except ValueError as error:
        yield Check("Data in canonical form", False, str(error))
        return
    yield Check("Data in canonical form", canonical(data) == report.data, report.ref)
    if "snapshot" in data:
        yield from _snapshot_checks(report, data)
    for part in parts:
        yield from _part_checks(part, carries=report.data if part.position == 1 else "")


def _event_checks(report: Report, parts: list[ReportPart], *, found: str) -> Iterator[Check]:
    """Yield what the event that issued the report says, against the report."""
    event = Event.objects.filter(object_id=report.pk, verb="report.issued").order_by("pk").last()
    if event is None:
        yield Check("Issuing event", False, "No event says that it was issued.")
        return
    yield Check("Issuing event", authenticity.is_ours(event.body, event.mac), f"event {event.pk}")
    body = json.loads(event.body)
    data, issued = body["data"], [part.blob_id for part in parts]
    yield Check("Data as issued", data["data_digest"] == found, data["data_digest"])
    yield Check("Parts as issued", bool(issued) and data["parts"] == issued, ", ".join(data["parts"]))
    states = {name: state for name, state in body["rows"].items() if name.startswith("reports.reportpart:")}
    names = {state["file_name"]: state["position"] for state in states.values()}
    yield Check("Names of the parts", names == {part.file_name: part.position for part in parts}, ", ".join(names))
    head = body["rows"].get(bound_rows.key(report), {})
    now = bound_rows.states((report,))[bound_rows.key(report)]
    changed = [name for name, value in head.items() if name not in WITHDRAWING and now.get(name) != value]
    yield Check("Report as issued", not changed, ", ".join(changed) or report.ref)


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


def _part_checks(part: ReportPart, *, carries: str) -> Iterator[Check]:
    """Yield whether a part has its bytes, and the attachment that it carries."""
    try:
        with store.open_blob(part.blob) as file:
            pdf = file.read()
    except (store.FileLost, store.StoreUnreachable) as refusal:
        yield Check(f"Bytes of {part.file_name}", False, refusal.message)
        return
    yield Check(f"Bytes of {part.file_name}", hashlib.sha256(pdf).hexdigest() == part.blob_id, part.blob_id)
    if carries:
        attached = attachment(pdf)
        yield Check(f"Attachment of {part.file_name}", attached == carries.encode(), f"{len(attached)} bytes")


def attachment(pdf: bytes) -> bytes:
    """Return the file that one of our PDFs carries, empty when there is none that can be read."""
    found = _EMBEDDED.search(pdf)
    if found is None:
        return b""
    try:
        return zlib.decompressobj().decompress(pdf[found.end() :]) if b"/FlateDecode" in found[0] else b""
    except zlib.error:
        return b""
