"""Advisories are taken in: newer wins, groups of names follow, and what changed waits to be compared."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from composition.models import Advisory, AffectedPackage, Identifier, Vulnerability
from feeds.models import Feed, FeedRun, Quarantined
from scoring.scales import Severity
from tests.cast import NOON
from tests.composition.feeding import a_feed, figures, take
from tests.composition.shared import ROOT, needs
from tests.composition.test_signals import OfFiles

pytestmark = pytest.mark.engine
CRITICAL = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
HIGH_V4 = "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:N/VA:N/SC:N/SI:N/SA:N"
LATER = NOON + timedelta(days=1)


def advisory(name: str, *aliases: str, day: int = 1, package: str = "pkg", **members: Any) -> dict[str, Any]:
    """Return a record, last changed on a day of January 2026."""
    events = [{"introduced": "0"}, {"fixed": "1.2.0"}]
    return {
        "id": name,
        "modified": f"2026-01-{day:02}T00:00:00Z",
        "aliases": list(aliases),
        "affected": [
            {"package": {"ecosystem": "PyPI", "name": package}, "ranges": [{"type": "ECOSYSTEM", "events": events}]}
        ],
    } | members


class OfAdvisories(OfFiles):
    """With a feed of advisories."""

    feed: Feed

    @classmethod
    def setUpTestData(cls) -> None:
        cls.feed = a_feed("osv")

    def take(self, *records: Any, feed: Feed | None = None, now: datetime = NOON) -> FeedRun:
        text = "\n".join(one if isinstance(one, str) else json.dumps(one) for one in records)
        return take(feed or self.feed, self.file(text, name="osv.jsonl"), now=now)

    def groups(self) -> dict[str, list[str]]:
        """Return the names of each vulnerability by its key."""
        found: dict[str, list[str]] = {}
        for key, name in Identifier.objects.order_by("name").values_list("vulnerability__key", "name"):
            found.setdefault(key, []).append(name)
        return found


class TestTaking(OfAdvisories):
    """What is stored of an advisory, and when it is stored again."""

    def test_is_stored_as_it_came_with_what_follows_from_it(self) -> None:
        record = advisory(
            "PYSEC-2026-1", "CVE-2026-1000", package="Flask_Admin", summary="Bad.", withdrawn=None,
            severity=[{"type": "CVSS_V3", "score": CRITICAL}], published="2025-12-31T00:00:00Z",
        )  # fmt: skip
        self.take(record)

        row = Advisory.objects.get()
        assert (row.name, row.source, row.aliases, row.summary) == ("PYSEC-2026-1", "PYSEC", ["CVE-2026-1000"], "Bad.")
        assert (row.severity, row.needs_matching, row.feed) == (Severity.CRITICAL, True, self.feed)
        assert json.loads(row.record) == record
        package = row.affected.get()
        assert (package.ecosystem, package.name) == ("PyPI", "flask-admin")
        assert package.ranges == [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.2.0"}]}]
        known = row.vulnerability
        assert (known.key, known.severity, known.cvss_v3, known.is_withdrawn) == (
            "CVE-2026-1000", Severity.CRITICAL, CRITICAL, False,
        )  # fmt: skip

    def test_the_same_again_writes_nothing(self) -> None:
        self.take(advisory("PYSEC-2026-1"), advisory("PYSEC-2026-2"))
        before = list(Advisory.objects.values()), list(AffectedPackage.objects.values())
        run = self.take(advisory("PYSEC-2026-2"), advisory("PYSEC-2026-1"), now=LATER)
        assert figures(run) == {"seen": 2, "unchanged": 2}
        assert (list(Advisory.objects.values()), list(AffectedPackage.objects.values())) == before

    def test_an_older_one_never_takes_the_place_of_a_newer(self) -> None:
        self.take(advisory("PYSEC-2026-1", day=5, summary="New."))
        run = self.take(advisory("PYSEC-2026-1", day=4, summary="Old."))
        assert figures(run) == {"seen": 1, "unchanged": 1}
        assert Advisory.objects.get().summary == "New."

    def test_of_two_of_one_moment_the_one_of_its_own_feed_counts(self) -> None:
        other = a_feed("osv", name="Mirror")
        self.take(advisory("GO-2026-1", summary="A."))
        assert figures(self.take(advisory("GO-2026-1", summary="B."), feed=other)) == {"seen": 1, "unchanged": 1}
        assert figures(self.take(advisory("GO-2026-1", summary="C."))) == {"seen": 1, "changed": 1}

    def test_a_record_that_names_no_true_moment_can_be_shown_in_every_zone(self) -> None:
        self.take(advisory("GO-2026-1", modified="0001-01-01T00:00:00Z"))
        assert Advisory.objects.get().modified_at == datetime(1970, 1, 1, tzinfo=UTC)

    def test_what_affects_the_same_as_before_keeps_its_rows(self) -> None:
        self.take(advisory("PYSEC-2026-1"))
        before = AffectedPackage.objects.get()
        two = [*advisory("PYSEC-2026-1")["affected"], *advisory("", package="other")["affected"]]
        self.take(advisory("PYSEC-2026-1", day=2, affected=two))
        assert set(AffectedPackage.objects.values_list("name", flat=True)) == {"pkg", "other"}
        assert AffectedPackage.objects.filter(pk=before.pk).exists()
        self.take(advisory("PYSEC-2026-1", day=3, affected=two[1:]))
        assert AffectedPackage.objects.get().name == "other"

    def test_withdrawn_is_a_mark_and_can_end(self) -> None:
        rest = [advisory(f"PYSEC-2026-{one}") for one in range(2, 12)]
        self.take(advisory("PYSEC-2026-1"), *rest)
        run = self.take(advisory("PYSEC-2026-1", day=2, withdrawn="2026-01-02T00:00:00Z"), *rest)
        assert figures(run) == {"seen": 11, "unchanged": 10, "withdrawn": 1}
        row = Advisory.objects.get(name="PYSEC-2026-1")
        assert (row.withdrawn_at, row.vulnerability.is_withdrawn) == (datetime(2026, 1, 2, tzinfo=UTC), True)
        self.take(advisory("PYSEC-2026-1", day=3), *rest)
        assert Advisory.objects.in_force().count() == 11

    def test_what_its_source_has_no_more_is_withdrawn_and_comes_back(self) -> None:
        every = [advisory(f"PYSEC-2026-{one}") for one in range(1, 12)]
        self.take(*every)
        Advisory.objects.update(needs_matching=False)
        run = self.take(*every[1:], now=LATER)
        assert figures(run) == {"seen": 10, "unchanged": 10, "missing": 1}
        row = Advisory.objects.get(name="PYSEC-2026-1")
        assert (row.withdrawn_at, row.needs_matching, row.vulnerability.is_withdrawn) == (LATER, True, True)
        assert figures(self.take(*every, now=LATER)) == {"seen": 11, "changed": 1, "unchanged": 10}
        assert Advisory.objects.in_force().count() == 11

    def test_a_bad_record_is_put_aside_by_its_name_and_stays_as_it_was(self) -> None:
        every = [advisory(f"PYSEC-2026-{one}") for one in range(1, 21)]
        self.take(*every)
        run = self.take(advisory("PYSEC-2026-1", modified="soon"), "{", *every[1:])
        assert figures(run) == {"seen": 21, "unchanged": 19, "quarantined": 2}
        assert set(Quarantined.objects.values_list("name", "why")) == {
            ("PYSEC-2026-1", "modified: 'soon' is no time as RFC 3339 writes it."),
            ("line 2", "The record is no JSON: unexpected end of data: line 1 column 2 (char 1)."),
        }
        assert Advisory.objects.in_force().count() == 20

    def test_a_record_that_nests_too_deeply_spoils_no_other(self) -> None:
        deep = json.loads("[" * 300 + "]" * 300)
        run = self.take(advisory("GHSA-1"), advisory("GHSA-2", database_specific={"x": deep}))
        assert figures(run) == {"seen": 2, "new": 1, "quarantined": 1}
        assert [(one.name, one.why) for one in Quarantined.objects.all()] == [("GHSA-2", "It nests too deeply.")]

    def test_a_folder_named_as_a_record_is_none(self) -> None:
        folder = self.folder / "osv"
        (folder / "pattern.json").mkdir(parents=True)
        (folder / "pattern.json" / "MAL-2026-1.json").write_text(json.dumps(advisory("MAL-2026-1")))
        (folder / "notes.txt").write_text("no record")
        assert figures(take(self.feed, folder)) == {"seen": 1, "new": 1}


class TestGroups(OfAdvisories):
    """Which advisories speak of the same."""

    def test_names_that_are_connected_are_one_vulnerability(self) -> None:
        self.take(
            advisory("PYSEC-2026-1", "CVE-2026-1", "GHSA-aaaa-aaaa-aaaa"),
            advisory("GHSA-aaaa-aaaa-aaaa", severity=[{"type": "CVSS_V4", "score": HIGH_V4}]),
            advisory("GO-2026-1", "CVE-2026-2"),
        )
        assert self.groups() == {
            "CVE-2026-1": ["CVE-2026-1", "GHSA-aaaa-aaaa-aaaa", "PYSEC-2026-1"],
            "CVE-2026-2": ["CVE-2026-2", "GO-2026-1"],
        }
        one = Vulnerability.objects.get(key="CVE-2026-1")
        assert (one.advisories.count(), one.cvss_v4, one.severity) == (2, HIGH_V4, Severity.HIGH)

    def test_when_two_become_one_the_older_stays(self) -> None:
        self.take(advisory("GHSA-aaaa-aaaa-aaaa"))
        self.take(advisory("GHSA-aaaa-aaaa-aaaa"), advisory("PYSEC-2026-1", "CVE-2026-1"), now=LATER)
        older, younger = Vulnerability.objects.order_by("created_at")
        Advisory.objects.update(needs_matching=False)

        renamed = advisory("GHSA-aaaa-aaaa-aaaa", "CVE-2026-1", day=2)
        self.take(renamed, advisory("PYSEC-2026-1", "CVE-2026-1"), now=LATER)

        assert self.groups() == {"CVE-2026-1": ["CVE-2026-1", "GHSA-aaaa-aaaa-aaaa", "PYSEC-2026-1"]}
        assert Vulnerability.objects.current().get() == older
        younger.refresh_from_db()
        assert younger.merged_into == older
        moved = Advisory.objects.get(name="PYSEC-2026-1")
        assert (moved.vulnerability, moved.needs_matching) == (older, True)

    def test_a_name_that_nobody_says_any_more_parts_them(self) -> None:
        self.take(advisory("GHSA-aaaa-aaaa-aaaa", "CVE-2026-1"), advisory("PYSEC-2026-1", "CVE-2026-1"))
        one = Vulnerability.objects.get()

        self.take(advisory("GHSA-aaaa-aaaa-aaaa", day=2), advisory("PYSEC-2026-1", "CVE-2026-1"), now=LATER)

        assert self.groups() == {
            "CVE-2026-1": ["CVE-2026-1", "PYSEC-2026-1"],
            "GHSA-aaaa-aaaa-aaaa": ["GHSA-aaaa-aaaa-aaaa"],
        }
        assert Advisory.objects.get(name="PYSEC-2026-1").vulnerability == one

    def test_names_can_pass_from_one_to_the_other_at_once(self) -> None:
        first = [advisory("PYSEC-2026-1", "CVE-2026-1"), advisory("PYSEC-2026-2", "CVE-2026-2")]
        second = [advisory("PYSEC-2026-1", "CVE-2026-2", day=2), advisory("PYSEC-2026-2", "CVE-2026-1", day=2)]
        self.take(*first)
        self.take(*second)
        assert self.groups() == {
            "CVE-2026-1": ["CVE-2026-1", "PYSEC-2026-2"],
            "CVE-2026-2": ["CVE-2026-2", "PYSEC-2026-1"],
        }
        assert Vulnerability.objects.count() == 2

    def test_a_third_name_does_not_make_malicious_code_one_with_a_vulnerability(self) -> None:
        of_code = advisory("GHSA-aaaa-bbbb-cccc", database_specific={"cwe_ids": ["CWE-506"]})
        other = advisory("PYSEC-2026-1", "GHSA-aaaa-bbbb-cccc", "CVE-2026-1")
        self.take(of_code, other)
        self.take(of_code, other, advisory("GO-2026-1", "CVE-2026-1"))
        assert self.groups() == {
            "GHSA-aaaa-bbbb-cccc": ["GHSA-aaaa-bbbb-cccc"], "CVE-2026-1": ["CVE-2026-1", "GO-2026-1", "PYSEC-2026-1"],
        }  # fmt: skip

    def test_malicious_code_is_never_one_with_a_vulnerability(self) -> None:
        self.take(advisory("MAL-2026-1", "GHSA-aaaa-aaaa-aaaa"), advisory("GHSA-aaaa-aaaa-aaaa"))
        malicious = Vulnerability.objects.get(is_malicious=True)
        assert (malicious.key, Vulnerability.objects.count()) == ("MAL-2026-1", 2)


class TestRealRecords(OfFiles):
    """Real records."""

    @needs("osv")
    def test_records_of_npm_from_a_folder(self) -> None:
        run = take(a_feed("osv"), ROOT / "osv" / "ghsa-npm-mcp")
        assert figures(run) == {"seen": 8, "new": 8}
        assert self.packages("GHSA-w48q-cv73-mx4w") == ["@modelcontextprotocol/sdk"]

    def packages(self, name: str) -> Sequence[str]:
        return list(Advisory.objects.get(name=name).affected.values_list("name", flat=True).distinct())
