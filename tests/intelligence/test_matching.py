"""What indicators hit of a server, from the file that brings them to the finding, and what becomes of it later."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest import mock

import pytest
from django.test import TestCase

from accounts.access import NotPermitted
from audit.context import SYSTEM
from feeds import asking
from feeds.kinds import Outcome, Record
from feeds.models import FeedRun
from findings.models import Finding
from intelligence import exposures, following, matching, promoting, storing
from intelligence.models import Indicator, IndicatorHit, IndicatorTerm
from intelligence.promoting import AlreadyPromoted, NoLongerMet
from intelligence.reading.indicators import Kind, Term, Told
from jobs import runner
from jobs.models import Job
from monitoring.models import Collector, Observation, Run
from scoring.scales import Severity
from tests import cast
from tests.api.caller import frozen
from tests.intelligence import scene
from tests.intelligence.scene import DAY, LATER, REMOTE, Scene, table
from vendors.registering import importing

SHA = "ab" * 32
# What gzip packed, as its beginning says, with bytes behind it that nobody packed.
DAMAGED = b"\x1f\x8b\x08\0\0\0\0\0\0\xff" + b"\xff" * 20
PACKAGE = "npm @example/weather 1.2.3"


class Matching(TestCase):
    """A server, and what is said of it."""

    here: Scene

    @classmethod
    def setUpTestData(cls) -> None:
        cls.here = scene.set_up()

    def setUp(self) -> None:
        folder = TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def take(self, *rows: tuple[str, ...], **how: Any) -> FeedRun:
        header = how.pop("header", "kind,value,confidence")
        run = scene.take(self.folder, table(*rows, header=header), **how)
        assert run.status == FeedRun.Status.COMPLETE, run.why
        return run

    def hit_by(self, kind: str, value: str) -> list[tuple[str, str]]:
        """Return what one indicator alone hits."""
        feed = scene.a_feed(f"{kind} {value}"[:100])
        version = ""
        if kind == "package":
            value, _, version = value.partition(" ")
        scene.told(feed, Told(external_id="x", title="x", ways=(frozenset({Term(Kind(kind), value, version)}),)))
        rows = IndicatorHit.objects.filter(indicator__feed=feed, gone_at__isnull=True)
        return sorted((row.where, row.matched) for row in rows)

    def test_each_kind_hits_what_it_names_and_nothing_else(self) -> None:
        hits = {
            ("domain", "weather.example"): [("remote", REMOTE)],
            ("domain", "mcp.weather.example"): [("remote", REMOTE)],
            ("domain", "evil-weather.example"): [],
            ("domain", "weather.example.org"): [],
            ("domain", "github.com"): [("repository", "https://github.com/example/weather")],
            ("url", "https://mcp.weather.example/mcp"): [("remote", REMOTE)],
            ("url", "https://mcp.weather.example/"): [("remote", REMOTE)],
            ("url", "https://mcp.weather.example/mcp/deeper"): [],
            ("url", "http://mcp.weather.example/mcp"): [],
            ("package", "npm:@example/weather 1.2.3"): [("package", PACKAGE)],
            ("package", "npm:@example/weather"): [("package", PACKAGE)],
            ("package", "npm:@example/weather 1.2.4"): [],
            ("package", "pypi:@example/weather"): [],
            ("hash", f"sha256:{SHA}"): [("digest", PACKAGE)],
            ("maintainer", "github:example"): [("maintainer", "github:example")],
            ("maintainer", "github:other"): [],
        }
        for (kind, value), expected in hits.items():
            with self.subTest(f"{kind} {value}"):
                assert self.hit_by(kind, value) == expected

    def test_a_new_indicator_hits_what_is_there_and_proposes_one_finding(self) -> None:
        self.take(("domain", "weather.example", "90"))

        [seen] = self.here.seen()
        assert seen.words == f"Remote {REMOTE} is named by indicators"
        assert seen.value == "Threats: weather.example (confidence 90)"
        [finding] = self.here.findings()
        assert (finding.status, finding.severity, finding.stable_key) == ("proposed", Severity.HIGH, seen.key)
        assert finding.title == f"Remote {REMOTE} is named by threat intelligence"
        assert seen.finding_id == finding.pk

    def test_what_a_server_has_is_not_read_while_no_indicator_is_known(self) -> None:
        with mock.patch.object(exposures, "of") as read:
            assert matching.match(self.here.server, now=LATER) is True
        read.assert_not_called()
        assert self.here.server.runs.of(Collector.INTELLIGENCE).count() == 1

    def test_a_second_run_over_the_same_file_writes_nothing(self) -> None:
        self.take(("domain", "weather.example", "90"))
        before = (
            Indicator.objects.count(),
            Run.objects.count(),
            Observation.objects.count(),
            IndicatorHit.objects.count(),
        )
        again = self.take(("domain", "weather.example", "90"), now=LATER + DAY)

        assert (again.new, again.changed, again.unchanged) == (0, 0, 1)
        assert matching.match(self.here.server, now=LATER + DAY) is False
        after = (
            Indicator.objects.count(),
            Run.objects.count(),
            Observation.objects.count(),
            IndicatorHit.objects.count(),
        )
        assert after == before

    def test_five_feeds_that_say_the_same_are_five_hits_one_observation_and_one_finding(self) -> None:
        for number in range(5):
            self.take(("domain", "weather.example", "90"), feed=f"Feed {number}")

        assert (IndicatorHit.objects.count(), len(self.here.seen()), len(self.here.findings())) == (5, 1, 1)
        assert self.here.seen()[0].value.endswith("; and 2 more")

    def test_what_no_source_is_sure_of_is_observed_and_proposes_nothing(self) -> None:
        self.take(("domain", "weather.example", "69"))
        self.take(("domain", "mcp.weather.example", ""), feed="Silent")

        assert ([one.severity for one in self.here.seen()], self.here.findings()) == ([Severity.MEDIUM] * 2, [])

    def test_a_source_without_any_confidence_in_it_hits_nothing(self) -> None:
        self.take(("domain", "weather.example", "0"))

        assert (Indicator.objects.count(), self.here.hits()) == (1, [])

    def test_the_version_that_is_listed_is_critical_and_a_name_alone_is_to_be_verified(self) -> None:
        self.take(("package", "npm:@example/weather", "1.2.3", "100"), header="kind,value,version,confidence")
        self.take(("package", "npm:@example/weather", "", "100"), header="kind,value,version,confidence", feed="Names")

        [finding] = self.here.findings()
        assert finding.severity == Severity.CRITICAL
        assert sorted(IndicatorHit.objects.values_list("indicator__feed__name", "is_certain")) == [
            ("Names", False),
            ("Threats", True),
        ]

    def test_a_name_alone_is_medium_and_says_that_it_is_not_sure(self) -> None:
        self.take(("package", "npm:@example/weather", "100"))

        [finding] = self.here.findings()
        assert finding.severity == Severity.MEDIUM
        assert finding.title == f"Package {PACKAGE} may be named by threat intelligence"

    def test_an_indicator_holds_from_its_first_moment_until_its_last(self) -> None:
        start, end = LATER + DAY, LATER + 3 * DAY
        self.take(
            ("domain", "weather.example", "90", start.isoformat(), end.isoformat()),
            header="kind,value,confidence,valid_from,valid_until",
        )
        found = []
        for moment in (LATER, start, end - scene.HOUR, end):
            following.match_all(now=moment)
            found.append(len(self.here.hits()))

        assert found == [0, 1, 1, 0]

    def test_what_is_taken_back_is_not_observed_any_more_and_its_finding_stays_for_people(self) -> None:
        self.take(("domain", "weather.example", "90"), ("domain", "other.example", "90"))
        header = "kind,value,confidence,revoked"
        rows = [("domain", "weather.example", "90", "yes"), ("domain", "other.example", "90", "no")]
        run = self.take(*rows, header=header, feed="Other")
        assert run.status == "complete"
        feed = scene.a_feed()
        scene.told(feed, Told(external_id="domain:weather.example", title="x", is_revoked=True, confidence=90,
            ways=(frozenset({Term(Kind.DOMAIN, "weather.example")}),)), now=LATER + DAY)  # fmt: skip

        [finding] = self.here.findings()
        assert (self.here.hits(), self.here.seen()) == ([], [])
        assert (finding.status, finding.is_observed) == ("proposed", False)
        hit = IndicatorHit.objects.get()
        assert hit.gone_at == LATER + DAY

    def test_what_comes_back_is_the_same_hit_and_the_same_finding(self) -> None:
        feed, way = scene.a_feed(), (frozenset({Term(Kind.DOMAIN, "weather.example")}),)
        for day, revoked in enumerate((False, True, False)):
            one = Told(external_id="x", title="x", ways=way, confidence=90, is_revoked=revoked)
            scene.told(feed, one, now=LATER + day * DAY)

        hit, [finding] = IndicatorHit.objects.get(), self.here.findings()
        assert (hit.gone_at, finding.is_observed, finding.status) == (None, True, "proposed")

    def test_a_feed_that_shrinks_to_nothing_changes_nothing(self) -> None:
        rows = [("domain", f"d{at}.example", "90") for at in range(20)]
        self.take(("domain", "weather.example", "90"), *rows)
        run = scene.take(self.folder, table(rows[0]), now=LATER + DAY)

        assert run.status == FeedRun.Status.STOPPED
        assert (len(self.here.hits()), self.here.findings()[0].is_observed) == (1, True)

    def test_a_feed_that_cannot_be_read_changes_nothing(self) -> None:
        self.take(("domain", "weather.example", "90"))
        run = scene.take(self.folder, "nonsense", now=LATER + DAY)

        assert (run.status, run.why) == (
            FeedRun.Status.FAILED,
            "line 1: there is no column “kind”. Known are: kind, value, version, id, title, description, confidence, "
            "valid_from, valid_until, tlp, techniques, revoked.",
        )
        assert (len(self.here.hits()), self.here.findings()[0].is_observed) == (1, True)

    def test_a_file_that_is_damaged_or_leads_out_of_its_folder_spoils_no_other(self) -> None:
        folder, outside = self.folder / "many", self.folder / "outside.csv"
        folder.mkdir()
        (folder / "a.csv").write_text(table(("domain", "weather.example", "90")))
        (folder / "b.csv.gz").write_bytes(DAMAGED)
        outside.write_text(table(("domain", "outside.example", "90")))
        (folder / "c.csv").symlink_to(outside)
        run = asking.take_path(scene.a_feed(), folder, by=SYSTEM, now=LATER)

        assert (run.status, run.new, run.quarantined) == (FeedRun.Status.COMPLETE, 1, 2)
        assert [str(one) for one in run.feed.quarantined.order_by("name")] == [
            "b.csv.gz: The file cannot be read: Error -3 while decompressing data: invalid block type",
            "c.csv: It is a link that leads out of the folder.",
        ]

    def test_of_a_file_that_is_damaged_the_run_fails(self) -> None:
        run = scene.take(self.folder, DAMAGED)

        assert (run.status, run.why) == (
            FeedRun.Status.FAILED, "The file cannot be read: Error -3 while decompressing data: invalid block type",
        )  # fmt: skip

    def test_a_bad_line_is_in_quarantine_and_the_rest_hits(self) -> None:
        run = self.take(("domain", "weather.example", "90"), ("domain", "no domain", "90"))

        assert (run.new, run.quarantined) == (1, 1)
        assert [str(one) for one in run.feed.quarantined.all()] == [
            "line 3: 'no domain' is no domain. Write it as in example.com."
        ]
        assert len(self.here.hits()) == 1

    def test_all_terms_of_one_way_must_be_met_together(self) -> None:
        feed = scene.a_feed()
        host, package = Term(Kind.DOMAIN, "weather.example"), Term(Kind.PACKAGE, "npm:@example/weather")
        other = Term(Kind.PACKAGE, "npm:other")
        scene.told(feed, Told(external_id="a", title="a", ways=(frozenset({host, other}),), confidence=90))
        assert self.here.hits() == []

        scene.told(feed, Told(external_id="b", title="b", ways=(frozenset({host, package}),), confidence=90))
        assert self.here.hits() == [("package", PACKAGE), ("remote", REMOTE)]
        assert len(self.here.findings()) == 1

    def test_a_new_server_is_matched_with_what_is_known(self) -> None:
        self.take(("domain", "tides.example", "90"))
        remotes = [{"type": "streamable-http", "url": "https://tides.example/mcp"}]
        text = cast.server_json(name="com.example/tides", packages=[], remotes=remotes)
        server, _release = importing.import_server_json(
            text, unit=self.here.people.payments, by=self.here.people.alice, now=LATER
        )
        promised = Job.objects.filter(kind=following.JOB, payload__server=str(server.pk))
        assert promised.count() == 1
        matching.match(server, now=LATER)
        assert IndicatorHit.objects.get(server=server).matched == "https://tides.example/mcp"

    def test_what_a_run_still_stores_is_matched_when_it_has_ended(self) -> None:
        feed = scene.a_feed()
        run = FeedRun.objects.create(feed=feed, status="running", asked_at=LATER)
        storing.store(feed, [scene.of_domain("weather.example")], now=LATER)
        with frozen(LATER):
            runner.run_due(now=LATER)
        assert self.here.hits() == []

        FeedRun.objects.filter(pk=run.pk).update(status="failed", why="Killed.", ended_at=LATER)
        with frozen(LATER + storing.PUT_OFF):
            runner.run_due(now=LATER + storing.PUT_OFF)
        assert self.here.hits() == [("remote", REMOTE)]

    def test_the_daily_match_repairs_what_was_missed(self) -> None:
        self.take(("domain", "weather.example", "90"))
        IndicatorHit.objects.all().delete()
        Observation.objects.update(is_seen=False)

        assert following.match_all(now=LATER + DAY) == 1
        assert (len(self.here.hits()), len(self.here.seen())) == (1, 1)
        assert following.match_all(now=LATER + DAY) == 0

    def test_who_can_publish_is_matched_as_a_collector_saw_it(self) -> None:
        run = Run.objects.create(
            collector=Collector.NPM, server=self.here.server, status="complete", asked_at=LATER, ended_at=LATER
        )
        Observation.objects.create(
            server=self.here.server, collector=Collector.NPM, key="owners:@example/weather", run=run,
            words="Who can publish @example/weather", value="alice, eve, mall… 3 in all, SHA-256 ab", value_since=LATER,
            first_seen_at=LATER, last_seen_at=LATER,
        )  # fmt: skip
        self.take(("maintainer", "npm:eve", "90"), ("maintainer", "npm:mall", "90"))

        assert self.here.hits() == [("maintainer", "npm:eve")]

    def test_an_analyst_promotes_by_hand_what_no_source_is_sure_of(self) -> None:
        self.take(("domain", "weather.example", "40"))
        hit = IndicatorHit.objects.get()
        with pytest.raises(NotPermitted):
            promoting.promote(hit, reason="It is theirs.", by=self.here.people.carol, now=LATER)
        promoting.promote(hit, reason="It is theirs.", by=self.here.people.alice, now=LATER)

        [finding] = self.here.findings()
        assert (finding.status, finding.severity) == ("proposed", Severity.MEDIUM)
        matching.match(self.here.server, now=LATER + 10 * DAY)
        assert Finding.objects.get(pk=finding.pk).is_observed is True
        with pytest.raises(AlreadyPromoted):
            promoting.promote(IndicatorHit.objects.get(), reason="Again.", by=self.here.people.alice, now=LATER)

    def test_a_hit_that_is_gone_is_not_promoted(self) -> None:
        self.take(("domain", "weather.example", "40"))
        IndicatorHit.objects.update(gone_at=LATER)
        with pytest.raises(NoLongerMet):
            promoting.promote(IndicatorHit.objects.get(), reason="Why.", by=self.here.people.alice, now=LATER)

        assert self.here.findings() == []

    def test_an_indicator_that_its_feed_had_no_more_is_back_whatever_its_age(self) -> None:
        feed = scene.a_feed()
        newer = scene.of_domain("weather.example", modified=LATER)
        older = [Record(newer.external_id, scene.of_domain("weather.example", modified=LATER - DAY))]
        scene.told(feed, newer)
        assert storing.compare(feed, older) == [Outcome.UNCHANGED]

        storing.let_go(feed, [newer.external_id], now=LATER)
        assert storing.compare(feed, older) == [Outcome.CHANGED]

    def test_an_indicator_that_changes_leaves_no_old_value_behind(self) -> None:
        feed = scene.a_feed()
        for at, domain in enumerate(("weather.example", "other.example")):
            way = (frozenset({Term(Kind.DOMAIN, domain)}),)
            scene.told(feed, Told(external_id="x", title="x", ways=way, confidence=90), now=LATER + at * DAY)

        assert [term.value for term in IndicatorTerm.objects.all()] == ["other.example"]
        assert self.here.hits() == []
