"""Many rows at once are the rows that they would be one by one."""

import pytest
from django.db import IntegrityError, transaction
from django.test import TestCase

from composition.models import Advisory, AffectedPackage, Vulnerability
from riskregister.ids import uuid7
from riskregister.queries import inserting
from tests.cast import NOON

pytestmark = pytest.mark.engine

# As awkward as texts are: what COPY, arrays and JSON have marks for.
TEXT = 'a\tb\nc\r\\.\\N{"é",NULL}\'"'


class Inserting(TestCase):
    def vulnerability(self, key: str) -> Vulnerability:
        return Vulnerability(key=key, summary=TEXT, cvss_v3_score="9.8", created_at=NOON)

    def test_what_is_read_is_what_was_given(self) -> None:
        known = self.vulnerability("CVE-2026-1")
        advisory = Advisory(name="GHSA-1", vulnerability=known, modified_at=NOON, record=TEXT, taken_at=NOON)
        ranges = [{"type": "SEMVER", "events": [{"introduced": TEXT}]}]
        for rows in ([known], [advisory], [AffectedPackage(advisory=advisory, name="", ranges=ranges)]):
            inserting.insert(rows)
        row = AffectedPackage.objects.select_related("advisory__vulnerability").get()
        assert (row.name, row.ranges, row.versions) == ("", ranges, [])
        assert (row.advisory.record, row.advisory.aliases, row.advisory.withdrawn_at) == (TEXT, [], None)
        found = row.advisory.vulnerability
        assert (found.pk, found.summary, str(found.cvss_v3_score), found.created_at) == (known.pk, TEXT, "9.8", NOON)
        assert not known._state.adding

    def test_values_are_the_row_that_they_are_of(self) -> None:
        known = self.vulnerability("CVE-2026-1")
        advisory = Advisory(name="GHSA-1", vulnerability=known, modified_at=NOON, record=TEXT, taken_at=NOON)
        inserting.insert([known])
        inserting.insert([advisory])
        values = (uuid7(), advisory.pk, "npm", TEXT, [{"type": TEXT}], [TEXT])
        names = ("id", "advisory", "ecosystem", "name", "ranges", "versions")
        with self.assertNumQueries(1):
            inserting.insert_values(AffectedPackage, names, [values])
        assert AffectedPackage.objects.values_list(*names).get() == values

    def test_none_is_there_where_one_is_refused(self) -> None:
        with pytest.raises(IntegrityError), transaction.atomic():
            inserting.insert([self.vulnerability("CVE-2026-1"), self.vulnerability("CVE-2026-1")])
        assert not Vulnerability.objects.exists()

    def test_nothing_is_inserted_of_nothing(self) -> None:
        with self.assertNumQueries(0):
            inserting.insert([])
            inserting.insert_values(Vulnerability, ("id",), [])
