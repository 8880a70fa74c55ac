"""What to do: which version of a package frees which servers, and under which licences components are."""

from typing import Any

from django.test import TestCase

from composition import hits
from composition.comparison import comparing, upgrades
from composition.comparison.upgrades import Upgrade
from findings import register
from findings.models import Finding
from scoring.scales import Severity
from tests import cast
from tests.api.caller import Caller, frozen
from tests.cast import NOON
from tests.composition import inventories
from tests.composition.advisories import EVERY, publish, until
from tests.composition.inventories import listed
from tests.web.signed_in import as_
from vendors.models import Release, Server


class Upgrades(TestCase):
    """Two servers of Payments, of which Weather is critical, and one of Research."""

    cast: cast.Cast
    weather: Release
    tides: Release
    lab: Release

    @classmethod
    def setUpTestData(cls) -> None:
        cls.cast = cast.assemble()
        cls.weather, cls.tides = (
            cast.a_release(cls.cast, text=cast.server_json(name=f"com.example/{name.lower()}", title=name))
            for name in ("Weather", "Tides")
        )
        cls.lab = cast.a_release(cls.cast, text=cast.server_json(name="com.example/lab", title="Lab"))
        Server.objects.filter(pk=cls.lab.server_id).update(unit=cls.cast.research)
        for release, tier in ((cls.weather, 1), (cls.tides, 2), (cls.lab, 1)):
            Server.objects.filter(pk=release.server_id).update(inherent_tier=tier)

    def setUp(self) -> None:
        clock = frozen()
        clock.start()
        self.addCleanup(clock.stop)

    def build(self, release: Release, *parts: Any) -> None:
        """Let a release be built from these, and compare."""
        release.refresh_from_db()
        by = self.cast.eve if release == self.lab else self.cast.alice
        inventories.take(release, *parts, by=by, now=NOON)
        comparing.compare_changed(now=NOON)
        hits.compare(release.server, now=NOON)

    def found(self, **more: Any) -> list[tuple[str, str, list[str], int]]:
        rows: list[Upgrade] = upgrades.of(self.cast.alice, **more)
        return [(one.name, one.to_version, [server.title for server in one.servers], one.critical) for one in rows]

    def test_the_version_that_frees_the_most_critical_servers_comes_first(self) -> None:
        publish("GHSA-1", ranges=until("6.11.1"))
        publish("GHSA-2", "ms", ranges=until("3.0.0"))
        self.build(self.weather, listed("qs", "6.11.0"))
        self.build(self.tides, listed("qs", "6.2.0"), listed("ms", "2.0.0"))
        self.build(self.lab, listed("ms", "2.0.0"))
        assert self.found() == [("qs", "6.11.1", ["Weather", "Tides"], 1), ("ms", "3.0.0", ["Tides"], 0)]
        assert self.found(server=self.weather.server_id) == [("qs", "6.11.1", ["Weather"], 1)]

    def test_a_version_counts_that_is_free_of_all_that_is_known_and_frees_whoever_a_lower_one_does(self) -> None:
        publish("GHSA-1", ranges=until("6.5.0"))
        publish("GHSA-2", ranges=until("6.12.0", introduced="6.5.0"))
        publish("GHSA-3", ranges=until("7.0.1", introduced="7.0.0"))
        self.build(self.weather, listed("qs", "6.2.0"))
        self.build(self.tides, listed("qs", "7.0.0"))
        assert self.found() == [
            ("qs", "7.0.1", ["Weather", "Tides"], 1),
            ("qs", "6.12.0", ["Weather"], 1),
        ]  # fmt: skip

    def test_what_no_version_frees_of_comes_last_and_says_so(self) -> None:
        publish("GHSA-1", ranges=EVERY)
        publish("GHSA-2", "ms", ranges=until("3.0.0"))
        self.build(self.weather, listed("qs", "6.11.0"))
        self.build(self.tides, listed("ms", "2.0.0"))
        assert self.found() == [("ms", "3.0.0", ["Tides"], 0), ("qs", "", ["Weather"], 1)]
        page = as_(self.cast.alice).get("/affected/").content.decode()
        assert "No version is known that is free of it" in page
        assert "3.0.0 or later" in page

    def test_what_people_dismissed_is_left_out(self) -> None:
        publish("GHSA-1", severity=Severity.MEDIUM)
        self.build(self.weather, listed("qs", "6.11.0"))
        register.dismiss(Finding.objects.get(), reason="Never called.", by=self.cast.bob, now=NOON)
        assert self.found() == []

    def test_programs_get_the_same_and_strangers_nothing(self) -> None:
        publish("GHSA-1", key="CVE-2022-24999")
        self.build(self.weather, listed("qs", "6.11.0"))
        offered = Caller(self.cast.alice).read("/upgrades/")["upgrades"]
        assert offered == [
            {
                "ecosystem": "npm", "name": "qs", "to_version": "6.11.1", "critical": 1, "severity": "high",
                "vulnerabilities": ["CVE-2022-24999"], "is_exploited": False, "is_malicious": False,
                "servers": [
                    {"id": str(self.weather.server_id), "ref": self.weather.server.ref, "title": "Weather"}
                ],
            }
        ]  # fmt: skip
        eve = Caller(self.cast.eve)
        assert eve.read("/upgrades/") == {"upgrades": []}
        assert eve.get("/upgrades/", server=str(self.weather.server_id)).status_code == 422
        assert as_(self.cast.eve).get(f"/affected/?server={self.weather.server_id}").status_code == 404

    def test_licences_are_listed_with_the_servers_that_they_reach(self) -> None:
        mit, both = ("MIT",), ("MIT", "Apache-2.0")
        self.build(self.weather, listed("qs", "1", licences=mit), listed("ms", "1", licences=both))
        self.build(self.tides, listed("qs", "1", licences=mit), listed("x", "1"))
        licences = Caller(self.cast.alice).read("/licences/")["licences"]
        assert [(one["name"], one["components"], len(one["servers"])) for one in licences] == [
            ("MIT", 3, 2), ("", 1, 1), ("Apache-2.0", 1, 1),
        ]  # fmt: skip
        page = as_(self.cast.alice).get("/licences/").content.decode()
        assert "Tides, Weather" in page
        assert "None said" in page
