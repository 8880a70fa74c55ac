"""Check an issued report: its digests, its score and its bytes."""

import hashlib
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from reports import verification
from reports.models import Report
from riskregister import nouns
from riskregister.queries.searching import by_number


class Command(BaseCommand):
    """Prints one line a check, and fails when one does not hold."""

    help = "Recompute the digests and the score of an issued report, and compare the bytes of its parts."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the report's number, and a file that somebody says is the report."""
        parser.add_argument("report", help="its number, e.g. RP-7")
        parser.add_argument("--file", type=Path, help="a PDF to compare with the parts that were issued")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print what was compared; raise CommandError when the report is unknown or something differs."""
        report = _find(options["report"])
        found = list(verification.checks(report))
        if options["file"]:
            found.append(_compare(report, options["file"]))
        for check in found:
            self.stdout.write(f"{'OK    ' if check.holds else 'BROKEN'} {check.what}: {check.found}")
        if not all(check.holds for check in found):
            raise CommandError(f"{report.ref} does not hold.")
        self.stdout.write(f"{report} holds.")


def _find(ref: str) -> Report:
    rows = Report.objects.filter(status__in=[Report.Status.ISSUED, Report.Status.WITHDRAWN])
    report = rows.filter(by_number(ref, nouns.card(Report))).first()
    if report is None:
        raise CommandError(f"No report {ref} was issued. Give its number, e.g. RP-7.")
    return report


def _compare(report: Report, path: Path) -> verification.Check:
    try:
        found = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}.") from error
    issued = report.parts.filter(blob=found).first()
    return verification.Check(f"{path.name} is {issued or 'no part of this report'}", issued is not None, found)
