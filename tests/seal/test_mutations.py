"""Whatever is changed behind the register is refused by the database, or found and named by a check."""

import os
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from accounts import tokens
from accounts.models import Unit
from decisions.ratings import overriding
from reports import verification
from reports.models import Report, ReportPart
from seal import exporting, sealing
from tests import append_only, cast, forgeries
from tests.cast import NOON, TODAY
from tests.mutations import rows
from tests.reports import scene as reported
from tests.tables import for_each

pytestmark = [pytest.mark.engine, pytest.mark.slow, pytest.mark.django_db]
NUMBER = int(os.environ.get("MUTATIONS", "300"))
SEED = int(os.environ.get("MUTATIONS_SEED", "2026"))


@pytest.fixture
def report(db: None, settings: Any, tmp_path: Any) -> Report:
    """Return an issued report in a sealed register with a row of every kind that events tell."""
    settings.DATA_DIR, settings.EVIDENCE_DIR = tmp_path, tmp_path / "evidence"
    found = reported.build()
    issued = reported.issued(found)
    alice = found.people.alice
    tokens.issue(alice, name="Nightly", scopes=["read"], lifetime=timedelta(days=9), by=alice, now=NOON)
    overriding.request(
        found.base.server, residual="low", reason="It is off.", expires_on=TODAY + timedelta(days=9),
        by=found.people.mia, now=NOON,
    )  # fmt: skip
    remote = {"type": "streamable-http", "url": "https://mcp.example.com/"}
    cast.a_release(found.people, "search", text=cast.server_json(remotes=[remote]))
    forgeries.decide(found.base.server, found.people)
    sealing.seal(now=NOON)
    exporting.export(now=NOON)
    return issued


def test_no_mutation_goes_through_unseen(report):
    tally = rows.run(NUMBER, seed=SEED)

    print(f"\n{connection.vendor}: {tally.tried} mutations, {tally.refused} refused, {tally.found} found,"
          f" {len(tally.missed)} missed; {len(tally.kinds)} kinds")  # fmt: skip
    assert tally.missed == []
    assert tally.tried == NUMBER
    assert min(tally.refused, tally.found) > NUMBER // 10


CHANGES = {
    "data and digest": lambda: Report.objects.update(data="{}", data_digest="0" * 64),
    "the title": lambda: Report.objects.update(title="Another"),
    "the unit": lambda: Report.objects.update(unit=Unit.objects.get(code="research")),
    "the moment of issue": lambda: Report.objects.update(issued_at=NOON),
    "no part": lambda: ReportPart.objects.all()._raw_delete("default"),
    "another name of a part": lambda: ReportPart.objects.update(file_name="RP-2-assessment.pdf"),
}


@for_each("what", CHANGES)
def test_a_changed_report_does_not_verify(report, what):
    assert all(check.holds for check in verification.checks(report))
    with transaction.atomic():
        with append_only.lifted(connection):
            CHANGES[what]()

        assert not all(check.holds for check in verification.checks(Report.objects.get()))
        transaction.set_rollback(True)


def test_a_byte_of_a_part_is_found(report, settings):
    part = report.parts.get()
    (file,) = (one for one in settings.EVIDENCE_DIR.rglob("*") if one.is_file() and one.name.startswith(part.blob_id))
    content = bytearray(file.read_bytes())
    file.chmod(0o600)
    for place in range(0, len(content), len(content) // 40):
        changed = bytearray(content)
        changed[place] ^= 1
        file.write_bytes(changed)
        assert not all(check.holds for check in verification.checks(report)), place
    file.write_bytes(content)
    assert all(check.holds for check in verification.checks(report))
