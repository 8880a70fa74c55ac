"""A catalogue and a table of scores that are taken in have the servers compared anew that they are about."""

import json
from datetime import timedelta

from composition import hits
from composition.models import Comparison
from tests import cast
from tests.cast import NOON
from tests.composition import inventories
from tests.composition.advisories import publish
from tests.composition.feeding import a_feed, take
from tests.composition.test_signals import ENTRY, OfFiles
from vendors.models import Server

LATER = NOON + timedelta(days=1)


class OfAServer(OfFiles):
    """A server of Payments that CVE-2025-3248 hits."""

    server: Server

    @classmethod
    def setUpTestData(cls) -> None:
        people = cast.assemble()
        release = cast.a_release(people)
        publish("GHSA-1", key="CVE-2025-3248")
        inventories.take(release, by=people.alice, now=NOON)
        hits.compare(release.server, now=NOON)
        cls.server = release.server

    def due(self) -> bool:
        """Return whether the server is to be compared anew."""
        return Comparison.objects.get(server=self.server).is_due

    def test_a_catalogue_that_lists_it(self) -> None:
        assert not self.due()
        catalogue = {"title": "CISA Catalog", "vulnerabilities": [ENTRY], "dateReleased": "2025-08-25"}
        take(a_feed("kev"), self.file(json.dumps(catalogue)), now=LATER)
        assert self.due()

    def test_a_catalogue_that_lists_another_one(self) -> None:
        catalogue = {"title": "CISA Catalog", "vulnerabilities": [ENTRY | {"cveID": "CVE-2025-1"}]}
        take(a_feed("kev"), self.file(json.dumps(catalogue)), now=LATER)
        assert not self.due()

    def test_scores_count_where_they_cross_what_is_told(self) -> None:
        feed = a_feed("epss")
        for day, score, is_due in ((1, "0.02", False), (2, "0.3", True), (3, "0.4", False), (4, "0.05", True)):
            table = f"#model_version:v2025.03.14,score_date:2025-09-0{day}T00:00:00+0000\ncve,epss,percentile\n"
            path = self.file(f"{table}CVE-2025-3248,{score},0.5\nCVE-2025-1,0.9,0.9\n")
            take(feed, path, now=LATER + timedelta(days=day))
            with self.subTest(day=day):
                assert self.due() == is_due
            hits.compare(self.server, now=LATER + timedelta(days=day))
