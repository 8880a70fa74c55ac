"""Which scanner's format a document has, and what it claims. Pure."""

from inspection.scanners import cisco, sarif, scorecard
from inspection.scanners.claims import Report, ResultsInvalid, refuse
from riskregister import limits
from vendors import strict_json


def read(raw: str | bytes) -> Report:
    """Return what a scanner's result claims. Raises ResultsInvalid with the path and a remedy of each problem."""
    try:
        document = strict_json.read(raw, limit=limits.TOOLS, longest=limits.TEXT_AS_WRITTEN, entries=limits.ENTRIES)
    except strict_json.Unreadable as error:
        raise ResultsInvalid(error.problems) from error
    if cisco.is_one(document):
        return cisco.read(document)
    if sarif.is_one(document):
        return sarif.read(document)
    if scorecard.is_one(document):
        return scorecard.read(document)
    raise refuse(
        "",
        "It is no result of Cisco's MCP Scanner (--format raw) or OpenSSF Scorecard (--format json), and no SARIF "
        "2.1.0. Have the scanner write one.",
    )
