"""What hits a server is one finding, opened, joined, reopened and closed by comparing alone."""

from datetime import date, datetime, timedelta
from unittest import mock

from django.test import TestCase

from audit.models import Event
from composition import hits, signals, tasks, wording, work_list
from composition.comparison import comparing
from composition.inventories import taking
from composition.listing import Listed
from composition.models import (
    Advisory,
    Comparison,
    EpssScore,
    ExploitedEntry,
    Hit,
    Inventory,
    Match,
    PackageVersion,
    Vulnerability,
)
from findings import register
from findings.models import Finding
from jobs.models import Job
from monitoring.models import Observation, Run
from riskregister.unit_of_work import beginning_with
from scoring.scales import Severity
from tests import cast
from tests.cast import NOON, TODAY
from tests.composition.advisories import EVERY, affect, publish, until
from tests.composition.inventories import EXPRESS, OWN, QS, listing
from vendors.models import Release, Server
from vendors.registering import importing

DAY = timedelta(days=1)


def package(name: str, version: str, ecosystem: str = "npm") -> Listed:
    """Return a component."""
    return Listed(ref=f"{name}@{version}", name=name, version=version, ecosystem=ecosystem)


def test_a_summary_that_is_a_paragraph_does_not_cut_off_the_name() -> None:
    vulnerability = Vulnerability(key="CVE-2026-7246", summary="Versions below allow commands. " * 12)
    title = wording.title(Hit(name="click", vulnerability=vulnerability))
    assert (title[:26], title[-23:]) == ("click: Versions below allo", "allow … (CVE-2026-7246)")
    assert 180 < len(title) <= 200


class Comparing(TestCase):
    """A release of a server of Payments with qs 6.11.0."""

    cast: cast.Cast
    release: Release

    @classmethod
    def setUpTestData(cls) -> None:
        cls.cast = cast.assemble()
        cls.release = cast.a_release(cls.cast)

    def take(self, *parts: Listed, now: datetime = NOON, scope: str = "lock") -> Inventory:
        text = f"{{{' ' * Inventory.objects.count()}}}".encode()
        by = self.cast.alice
        return taking.take(self.release, listing(*parts), text, file_name="lock.json", scope=scope, by=by, now=now)

    def compare(self, *, now: datetime = NOON) -> None:
        """Do what the job does."""
        comparing.compare_changed(now=now)
        for row in Comparison.objects.filter(is_due=True):
            hits.compare(row.server, now=now)

    def finding(self) -> Finding:
        return Finding.objects.get()

    def test_an_advisory_that_changes_nothing_it_matches_costs_six_statements(self) -> None:
        self.take(QS)
        advisory = publish("GHSA-hrpp-h998-j3pp")
        comparing.compare_changed(now=NOON)
        Advisory.objects.filter(pk=advisory.pk).update(needs_matching=True)
        # And the two that a transaction is within that of a test.
        with self.assertNumQueries(6 + 2):
            comparing.compare_changed(now=NOON + DAY)
        assert Match.objects.count() == 1

    def test_an_advisory_of_packages_that_nobody_has_costs_three_statements(self) -> None:
        self.take(QS)
        publish("GHSA-1", "left-pad")
        with self.assertNumQueries(3 + 2):
            comparing.compare_changed(now=NOON)
        assert not Advisory.objects.filter(needs_matching=True).exists()

    def test_a_server_that_waits_already_keeps_since_when(self) -> None:
        self.take(QS)
        self.compare()
        for days in (1, 2):
            publish(f"GHSA-{days}")
            comparing.compare_changed(now=NOON + days * DAY)
        assert [(row.is_due, row.due_since) for row in Comparison.objects.all()] == [(True, NOON + DAY)]

    def test_the_daily_job_wakes_whoever_compares_what_an_advisory_hits(self) -> None:
        self.take(QS)
        self.compare()
        publish("GHSA-1")
        Job.objects.all().delete()
        tasks.reconcile(mock.Mock())
        assert Comparison.objects.get().is_due
        assert Job.objects.get().kind == work_list.COMPARE

    def test_versions_that_are_new_are_compared_some_at_a_time_so_that_others_can_write_in_between(self) -> None:
        self.take(*(package(f"p{number}", "1.0.0") for number in range(501)))
        waiting = []

        def begins() -> None:
            waiting.append(PackageVersion.objects.filter(is_matched=False).count())

        with beginning_with(begins):
            hits.compare(self.release.server, now=NOON)
        assert waiting == [501, 1, 0]

    def test_a_vulnerable_version_opens_one_finding_that_says_what_to_do(self) -> None:
        publish("GHSA-hrpp-h998-j3pp", key="CVE-2022-24999")
        self.take(EXPRESS, QS)
        self.compare()
        finding = self.finding()
        assert finding.title == "qs: Prototype pollution (CVE-2022-24999)"
        assert (finding.status, finding.severity, finding.source) == ("open", Severity.HIGH, "monitoring")
        assert finding.recommendation.startswith("Ask the vendor for a release with qs 6.11.1 or later")
        observation = Observation.objects.get()
        assert (str(observation), observation.finding) == ("CVE-2022-24999 in qs: 6.11.0; fixed in 6.11.1", finding)

    def test_several_names_of_one_vulnerability_are_one_finding(self) -> None:
        publish("GHSA-hrpp-h998-j3pp", key="CVE-2022-24999")
        publish("SNYK-1", key="CVE-2022-24999", ranges=until("6.12.0"))
        self.take(QS)
        self.compare()
        assert (Finding.objects.count(), Hit.objects.get().fixed_in) == (1, "6.11.1, 6.12.0")

    def test_several_versions_in_several_inventories_are_one_finding(self) -> None:
        publish("GHSA-1")
        self.take(QS, package("qs", "6.2.0"))
        self.take(package("qs", "6.3.0"), scope="tools")
        self.compare()
        assert (Finding.objects.count(), Hit.objects.get().versions) == (1, ["6.11.0", "6.2.0", "6.3.0"])

    def test_comparing_again_writes_nothing_but_that_it_was_seen(self) -> None:
        publish("GHSA-1")
        self.take(QS)
        self.compare()
        before = (Match.objects.get(), Hit.objects.get(), self.finding())
        assert comparing.reconcile(now=NOON + DAY) == 0
        hits.compare(self.release.server, now=NOON + DAY)
        assert (Match.objects.get(), Hit.objects.get(), self.finding()) == before
        assert Observation.objects.get().last_seen_at == NOON + DAY

    def test_an_advisory_that_comes_later_finds_its_servers(self) -> None:
        self.take(QS)
        self.compare()
        assert not Finding.objects.exists()
        publish("GHSA-1")
        self.compare(now=NOON + DAY)
        assert self.finding().created_at == NOON + DAY

    def test_a_package_of_the_same_name_in_another_ecosystem_is_another_package(self) -> None:
        publish("GHSA-1")
        self.take(QS)
        self.compare()
        publish("PYSEC-1", ecosystem="PyPI", ranges=EVERY)
        comparing.compare_changed(now=NOON + DAY)
        assert not Comparison.objects.filter(is_due=True).exists()
        self.take(QS, package("debug", "1.0.0"), now=NOON + DAY)
        self.compare(now=NOON + DAY)
        assert str(Match.objects.get()) == "qs 6.11.0: GHSA-1"

    def test_a_later_inventory_with_the_fix_closes_it_and_says_why(self) -> None:
        publish("GHSA-1")
        self.take(QS)
        self.compare()
        self.take(package("qs", "6.11.1"), now=NOON + DAY)
        self.compare(now=NOON + DAY)
        finding = self.finding()
        assert (finding.status, finding.is_observed) == ("closed", False)
        assert finding.close_reason == "Release 1.2.3 contains qs 6.11.1, which it does not hit."

    def test_a_package_that_is_gone_closes_it_and_back_it_is_the_same_finding(self) -> None:
        publish("GHSA-1")
        self.take(EXPRESS, QS)
        self.compare()
        self.take(EXPRESS, now=NOON + DAY)
        self.compare(now=NOON + DAY)
        assert self.finding().close_reason == "Release 1.2.3 does not contain qs any more."
        self.take(EXPRESS, QS, now=NOON + 2 * DAY)
        self.compare(now=NOON + 2 * DAY)
        finding = self.finding()
        assert (finding.status, finding.opened_at, finding.created_at) == ("open", NOON + 2 * DAY, NOON)

    def test_an_advisory_that_is_withdrawn_closes_it(self) -> None:
        made = publish("GHSA-1")
        self.take(QS)
        self.compare()
        Advisory.objects.update(withdrawn_at=NOON + DAY, needs_matching=True)
        Vulnerability.objects.update(is_withdrawn=True)
        self.compare(now=NOON + DAY)
        assert self.finding().close_reason == f"All advisories of {made.name} were withdrawn."

    def test_an_advisory_that_changes_its_package_frees_the_one_and_hits_the_other(self) -> None:
        made = publish("GHSA-1")
        self.take(EXPRESS, QS)
        self.compare()
        affect(made, "express", ranges=until("4.19.0"))
        self.compare(now=NOON + DAY)
        rows = Finding.objects.order_by("number").values_list("title", "status")
        assert list(rows) == [
            ("qs: Prototype pollution (GHSA-1)", "closed"), ("express: Prototype pollution (GHSA-1)", "open"),
        ]  # fmt: skip

    def test_without_an_inventory_nothing_is_gone(self) -> None:
        publish("GHSA-1")
        wrong = self.take(QS)
        self.compare()
        taking.withdraw(wrong, reason="Of another server.", by=self.cast.alice, now=NOON + DAY)
        self.compare(now=NOON + DAY)
        assert self.finding().status == "open"
        assert Run.objects.count() == 1

    def test_what_cannot_be_compared_is_unknown_and_no_finding(self) -> None:
        publish("GHSA-1")
        self.take(package("qs", "; rm -rf /"), OWN)
        self.compare()
        observation, comparison = Observation.objects.get(), Comparison.objects.get()
        assert (observation.is_assessed, observation.finding, Hit.objects.get().outcome) == (False, None, "unknown")
        assert (comparison.components, comparison.unknown, comparison.affected) == (2, 2, 0)

    def test_each_place_of_a_package_that_is_hit_counts(self) -> None:
        publish("GHSA-1")
        self.take(EXPRESS, QS)
        self.take(QS, scope="tools")
        self.compare()
        comparison = Comparison.objects.get()
        assert (comparison.components, comparison.unknown, comparison.affected) == (3, 0, 2)

    def test_what_was_found_and_cannot_be_compared_any_more_stays_open(self) -> None:
        publish("GHSA-1")
        self.take(QS)
        self.compare()
        self.take(package("qs", "main"), now=NOON + DAY)
        self.compare(now=NOON + DAY)
        assert self.finding().status == "open"

    def test_a_malicious_version_is_critical_and_a_mere_name_is_proposed(self) -> None:
        publish("MAL-2026-1", "qs", ranges=[], versions=["6.11.0"], severity=None)
        publish("MAL-2026-2", "express", ranges=EVERY, severity=None)
        self.take(EXPRESS, QS)
        self.compare()
        rows = Finding.objects.order_by("title").values_list("title", "status", "severity")
        assert list(rows) == [
            ("express: malicious package (MAL-2026-2)", "proposed", Severity.CRITICAL),
            ("qs: malicious package (MAL-2026-1)", "open", Severity.CRITICAL),
        ]

    def test_without_a_severity_it_counts_as_medium_and_says_so(self) -> None:
        publish("GHSA-1", severity=None)
        self.take(QS)
        self.compare()
        assert self.finding().severity == Severity.MEDIUM
        assert "No advisory says how severe it is" in self.finding().description

    def test_what_is_exploited_is_told_once_and_due_by_the_day_of_the_catalogue(self) -> None:
        publish("GHSA-1", key="CVE-2026-1")
        self.take(QS)
        self.compare()
        exploited = {"source": "cisa", "cve": "CVE-2026-1", "added_on": TODAY, "digest": "0" * 64}
        ExploitedEntry.objects.create(due_on=TODAY + 3 * DAY, **exploited)
        signals.listed(["CVE-2026-1"], now=NOON + DAY)
        self.compare(now=NOON + DAY)
        hits.compare(self.release.server, now=NOON + 2 * DAY)
        assert self.finding().due_on == TODAY + 3 * DAY
        assert self.verbs()[1:] == ["finding.due_date_changed", "finding.exploited"]

    def test_a_day_of_the_catalogue_that_has_passed_is_today(self) -> None:
        publish("GHSA-1", key="CVE-2026-1")
        ExploitedEntry.objects.create(
            source="cisa", cve="CVE-2026-1", added_on=date(2022, 1, 1), due_on=date(2022, 1, 15), digest="0" * 64
        )
        self.take(QS)
        self.compare()
        assert self.finding().due_on == TODAY
        assert self.verbs() == ["finding.opened", "finding.exploited"]

    def test_a_score_is_told_when_it_crosses_and_not_when_another_model_says_so(self) -> None:
        publish("GHSA-1", key="CVE-2026-1")
        score = {"cve": "CVE-2026-1", "percentile": 0.9, "scored_on": TODAY}
        row = EpssScore.objects.create(score=0.02, model_version="v1", **score)
        self.take(QS)
        self.compare()
        for day, model, value, told in ((1, "v2", 0.5, 0), (2, "v2", 0.01, 0), (3, "v2", 0.5, 1), (4, "v2", 0.6, 1)):
            row.score, row.model_version = value, model
            row.save()
            signals.scored({row.cve: value}, now=NOON + day * DAY)
            self.compare(now=NOON + day * DAY)
            with self.subTest(day=day):
                assert self.verbs().count("finding.likely_exploited") == told

    def test_a_fix_that_becomes_known_is_told(self) -> None:
        made = publish("GHSA-1", ranges=EVERY)
        self.take(QS)
        self.compare()
        assert self.finding().recommendation.startswith("No fixed version was known when it was found.")
        affect(made, "qs", ranges=until("6.11.1"))
        self.compare(now=NOON + DAY)
        assert str(Observation.objects.get()) == "GHSA-1 in qs: 6.11.0; fixed in 6.11.1"
        assert self.verbs() == ["finding.opened", "finding.fix_available"]

    def test_what_somebody_dismissed_stays_dismissed(self) -> None:
        publish("GHSA-1", severity=Severity.LOW)
        self.take(QS)
        self.compare()
        finding = self.finding()
        Finding.objects.update(owner=None)
        register.dismiss(finding, reason="Never called.", by=self.cast.bob, now=NOON)
        hits.compare(self.release.server, now=NOON + DAY)
        assert self.finding().status == "dismissed"

    def test_many_at_once_are_told_as_one(self) -> None:
        parts = [package(f"p{number}", "1.0.0") for number in range(hits.BULK + 1)]
        for one in parts:
            publish(f"GHSA-{one.name}", one.name, ranges=until("2.0.0"))
        self.take(*parts)
        self.compare()
        assert self.verbs("run").count("run.hits_found") == 1

    def test_the_release_that_is_relied_on_counts_and_no_other(self) -> None:
        publish("GHSA-1")
        self.take(QS)
        self.compare()
        _server, later = importing.import_server_json(
            cast.server_json(version="1.3.0"), unit=self.cast.payments, by=self.cast.alice, now=NOON + DAY
        )
        taking.take(later, listing(EXPRESS), b"[]", file_name="lock.json", by=self.cast.alice, now=NOON + DAY)
        Comparison.objects.update(is_due=False)
        work_list.promise_where_release_changed(now=NOON + DAY)
        self.compare(now=NOON + DAY)
        work_list.promise_where_release_changed(now=NOON + DAY)
        assert not Comparison.objects.filter(is_due=True).exists()
        assert self.finding().close_reason == "Release 1.3.0 does not contain qs any more."

    def test_a_release_without_an_inventory_waits_for_one_and_is_not_promised_again_and_again(self) -> None:
        self.take(QS)
        self.compare()
        importing.import_server_json(
            cast.server_json(version="1.3.0"), unit=self.cast.payments, by=self.cast.alice, now=NOON + DAY
        )
        work_list.promise_where_release_changed(now=NOON + DAY)
        assert not Comparison.objects.get().is_due

    def test_an_inventory_of_a_release_that_is_relied_on_later_is_compared_then(self) -> None:
        server, later = importing.import_server_json(
            cast.server_json(version="1.3.0"), unit=self.cast.payments, by=self.cast.alice, now=NOON + DAY
        )
        Server.objects.filter(pk=server.pk).update(pinned_release=self.release)
        taking.take(later, listing(QS), b"[]", file_name="lock.json", by=self.cast.alice, now=NOON + DAY)
        self.compare(now=NOON + DAY)
        assert Comparison.objects.get().compared_at is None
        Server.objects.filter(pk=server.pk).update(pinned_release=later)
        work_list.promise_where_release_changed(now=NOON + 2 * DAY)
        self.compare(now=NOON + 2 * DAY)
        assert Comparison.objects.get().release == later

    def test_the_daily_comparison_repairs_what_was_missed(self) -> None:
        publish("GHSA-1")
        self.take(QS)
        Advisory.objects.update(needs_matching=False)
        Comparison.objects.update(is_due=False)
        assert comparing.reconcile(now=NOON) == 1
        self.compare()
        assert self.finding().status == "open"

    def verbs(self, word: str = "finding") -> list[str]:
        """Return what happened to findings, or to something else."""
        return list(Event.objects.filter(verb__startswith=f"{word}.").order_by("pk").values_list("verb", flat=True))
