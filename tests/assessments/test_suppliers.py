"""A server says which of those behind it were never judged, or too long ago; unknown is never shown as clean."""

from datetime import timedelta

import pytest
from django.test import TestCase

from assessments import lifecycle, suppliers, vendor_starts
from assessments.suppliers import Standing
from tests import cast
from tests.assessments import scenes
from tests.assessments.scenes import Scene, in_time
from tests.cast import NOON, TODAY
from vendors.models import Vendor
from vendors.registering import registration, relations

pytestmark = pytest.mark.engine


class BehindAServer(TestCase):
    scene: Scene
    host: Vendor
    cloud: Vendor

    @classmethod
    def setUpTestData(cls) -> None:
        cls.scene = scenes.set_up()
        alice = cls.scene.people.alice
        cls.host = cast.a_vendor(cls.scene.people, "Host AG", kinds=["host"])
        cls.cloud = cast.a_vendor(cls.scene.people, "Cloud Inc", kinds=["cloud"])
        registration.add_supplier(cls.scene.server, cls.host, role="host", by=alice, now=NOON)
        relations.add_sub_processor(cls.host, cls.cloud, purpose="hosting", by=alice, now=NOON)

    def judge(self, vendor: Vendor) -> None:
        alice = self.scene.people.alice
        begun = vendor_starts.start(vendor, kind="initial", by=alice, now=NOON)
        scenes.fill_in(begun, by=alice, at=NOON, choices={})
        lifecycle.submit(begun, by=alice, now=NOON)
        self.scene.finalise(begun)

    def behind(self, days: int = 0) -> suppliers.Suppliers:
        return suppliers.behind(self.scene.server, today=TODAY + timedelta(days=days))

    def test_it_names_all_with_what_they_are(self) -> None:
        assert [(one.vendor.name, one.roles) for one in self.behind().every] == [
            ("Cloud Inc", ("Sub-processor of Host AG",)),
            ("Example Ltd", ("Publisher",)),
            ("Host AG", ("Host",)),
        ]

    def test_those_who_were_never_judged(self) -> None:
        assert self.behind().gaps == (
            "3 of 3 suppliers were never assessed themselves: Cloud Inc, Example Ltd, Host AG.",
        )

    def test_the_servers_own_assessment_judges_no_supplier(self) -> None:
        self.scene.final()
        assert len(self.behind().of(Standing.NEVER)) == 3

    def test_a_draft_judges_nobody(self) -> None:
        vendor_starts.start(self.host, kind="initial", by=self.scene.people.alice, now=NOON)
        assert len(self.behind().of(Standing.NEVER)) == 3

    def test_those_of_whom_it_is_too_long_ago(self) -> None:
        self.judge(self.host)
        assert [one.vendor for one in self.behind(365).of(Standing.JUDGED)] == [self.host]
        assert self.behind(366).gaps[1] == "1 of 3 suppliers was assessed too long ago: Host AG (on 2 Mar 2026)."

    def test_all_judged_says_nothing(self) -> None:
        for vendor in (self.host, self.cloud, self.scene.vendor):
            self.judge(vendor)
        assert self.behind().all_judged
        assert self.behind().gaps == ()

    def test_a_server_behind_which_nobody_is_recorded_is_not_clean(self) -> None:
        lone = scenes.register(self.scene.people, "com.example/lone")
        found = suppliers.behind(lone, today=TODAY)
        assert not found.all_judged
        assert found.gaps == ("Nobody is recorded behind this server, so none of its suppliers was judged.",)

    def test_a_chain_that_is_longer_than_is_followed_is_said_to_go_on(self) -> None:
        last = self.cloud
        for number in range(suppliers.DEPTH):
            deeper = cast.a_vendor(self.scene.people, f"Deep {number}", kinds=["cloud"])
            relations.add_sub_processor(last, deeper, purpose="power", by=self.scene.people.alice, now=NOON)
            last = deeper
        assert self.behind().is_cut
        assert self.behind().gaps[-1] == "There are further sub-processors behind these."

    def test_it_takes_as_many_statements_however_many_there_are(self) -> None:
        with self.assertNumQueries(5):
            self.behind()
        relations.add_sub_processor(
            self.host, cast.a_vendor(self.scene.people, "Third", kinds=["cloud"]), purpose="mail",
            by=self.scene.people.alice, now=in_time(0),
        )  # fmt: skip
        with self.assertNumQueries(5):
            self.behind()
