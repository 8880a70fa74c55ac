"""Handing out the parts of an issued report, byte for byte as they were drawn."""

from dataclasses import dataclass

from django.core.files import File

from evidence import store
from reports.models import Report, ReportPart
from riskregister.refusals import Refused


class NotIssued(Refused):
    """The report is not there yet, failed, or was withdrawn."""


@dataclass(frozen=True, slots=True)
class OpenPart:
    """A part as an open file, with what a browser needs to be told."""

    file: "File[bytes]"
    file_name: str
    size: int
    media_type: str
    sha256: str


def open_part(report: Report, position: int) -> OpenPart:
    """Return a part of an issued report, open for reading; the caller closes the file.

    Raises NotIssued, with a sentence, for a report that is not issued or was withdrawn, ReportPart.DoesNotExist for a
    position that it does not have, store.FileLost and store.StoreUnreachable.
    """
    if report.status == Report.Status.WITHDRAWN:
        raise NotIssued(f"{report.ref} was withdrawn: {report.withdrawn_reason}")
    if report.status != Report.Status.ISSUED:
        raise NotIssued(f"{report.ref} is not issued. Look at its page for how far it is.")
    part = ReportPart.objects.select_related("blob").get(report=report, position=position)
    blob = part.blob
    return OpenPart(store.open_blob(blob), part.file_name, blob.size, part.media_type, blob.sha256)
