"""The tier that a server was approved at is not made milder by one person's word."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import TestCase

from accounts.models import User
from decisions.approvals import approvals, decision_window
from decisions.models import Approval
from tests import cast
from tests.assessments import scenes
from tests.assessments.scenes import Scene, in_time
from tests.cast import NOON, TODAY
from vendors.models import Deployment, Server
from vendors.models.deployment import FACTS
from vendors.registering import deployments, easing, registration

LOW = dict.fromkeys(FACTS, "low")
SEVERE = LOW | {"data_reached": "severe", "business_criticality": "severe"}


class Approved(TestCase):
    """An approved server of alice with one deployment, in which everything is severe that can be told."""

    scene: Scene
    desk: Deployment

    @classmethod
    def setUpTestData(cls) -> None:
        cls.scene = scenes.set_up()
        registration.set_exposure(cls.scene.server, facts=LOW, by=cls.scene.people.alice, now=NOON)
        cls.desk = deployments.add_deployment(
            cls.scene.server, name="Desk", environment="production", agent="Desk", by=cls.scene.people.alice, now=NOON,
            **LOW,
        )  # fmt: skip
        cls.scene.approved()

    def edit(self, facts: dict[str, str], *, by: Any, days: int = 1) -> Server:
        desk = Deployment.objects.select_related("server").get(pk=self.desk.pk)
        deployments.edit_deployment(desk, changes=facts, by=by, now=in_time(days))
        return Server.objects.get(pk=self.scene.server.pk)

    def decide_again(self, approval: Approval, *, by: User) -> Approval:
        return approvals.decide(
            approval.assessment, decision="approve", reason="Still.", valid_until=TODAY + timedelta(90),
            replaces=approval, by=by, now=in_time(3),
        )  # fmt: skip

    def test_an_analyst_makes_it_worse_alone_and_not_milder_again(self) -> None:
        alice = self.scene.people.alice
        assert self.edit(SEVERE, by=alice).inherent_tier == 1
        with pytest.raises(easing.EasesExposure, match="from 1 to 4"):
            self.edit(LOW, by=alice)
        server = Server.objects.get(pk=self.scene.server.pk)
        assert (server.inherent_tier, server.easings.filter(at__gt=NOON).exists()) == (1, False)
        assert Deployment.objects.get(pk=self.desk.pk).data_reached == "severe"

    def test_neither_by_ending_the_deployment_nor_by_adding_another(self) -> None:
        alice = self.scene.people.alice
        self.edit(SEVERE, by=alice)
        desk = Deployment.objects.select_related("server").get(pk=self.desk.pk)
        with pytest.raises(easing.EasesExposure):
            deployments.end_deployment(desk, on=TODAY, by=alice, now=in_time(1))
        deployments.add_deployment(
            desk.server, name="Till", environment="staging", agent="Till", by=alice, now=in_time(1), **LOW
        )
        assert Server.objects.get(pk=desk.server_id).inherent_tier == 1

    def test_an_approver_who_does_not_own_it_records_it_and_then_does_not_approve_over_it(self) -> None:
        bob = self.scene.people.bob
        self.edit(SEVERE, by=self.scene.people.alice)
        server = self.edit(LOW, by=bob, days=2)
        assert [(row.person, row.was, row.tier, row.at) for row in server.easings.filter(at__gt=NOON)] == [
            (bob, 1, 4, in_time(2))
        ]
        approval = server.approvals.get()
        ben = cast.person("ben", role="approver", unit=self.scene.people.payments)
        with pytest.raises(decision_window.OwnLeniency, match="exposure milder"):
            self.decide_again(approval, by=bob)
        self.decide_again(approval, by=ben)

    def test_who_eased_it_first_does_not_approve_it_though_another_eased_it_after_them(self) -> None:
        people = self.scene.people
        ben = cast.person("ben", role="approver", unit=people.payments)
        self.edit(SEVERE, by=people.alice)
        self.edit(LOW | {"egress": "severe", "autonomy": "high"}, by=people.bob, days=2)
        self.edit(LOW, by=ben, days=3)
        approval = self.scene.server.approvals.get()
        for person in (people.bob, ben):
            with pytest.raises(decision_window.OwnLeniency, match="exposure milder"):
                self.decide_again(approval, by=person)

    def test_nor_does_its_owner_though_they_approve(self) -> None:
        bob = self.scene.people.bob
        self.edit(SEVERE, by=self.scene.people.alice)
        registration.edit_server(self.scene.server, changes={"owner": bob}, by=self.scene.people.alice, now=in_time(1))
        with pytest.raises(easing.EasesExposure, match="You own it"):
            self.edit(LOW, by=bob)

    def test_nor_by_giving_it_away_first(self) -> None:
        bob, alice = self.scene.people.bob, self.scene.people.alice
        self.edit(SEVERE, by=alice)
        for owner, by in ((bob, alice), (alice, bob)):
            server = Server.objects.get(pk=self.scene.server.pk)
            registration.edit_server(server, changes={"owner": owner}, by=by, now=in_time(1))
        with pytest.raises(easing.EasesExposure, match="You owned it, or a deployment of it, and gave that away"):
            self.edit(LOW, by=bob, days=2)

    def test_who_was_relieved_of_it_by_somebody_is_free_to(self) -> None:
        bob, alice = self.scene.people.bob, self.scene.people.alice
        self.edit(SEVERE, by=alice)
        for owner in (bob, alice):
            server = Server.objects.get(pk=self.scene.server.pk)
            registration.edit_server(server, changes={"owner": owner}, by=alice, now=in_time(1))
        assert self.edit(LOW, by=bob, days=2).inherent_tier == 4

    def test_what_an_approver_eases_before_anybody_approved_it_is_no_ground_of_their_own_approval(self) -> None:
        people, other = self.scene.people, self.scene.another_server(publisher=self.scene.vendor)
        registration.set_exposure(other, facts=SEVERE, by=people.alice, now=NOON)
        final = self.scene.final(self.scene.ready(other))
        desk = other.deployments.get()
        deployments.edit_deployment(desk, changes=LOW, by=people.bob, now=in_time(1))
        with pytest.raises(decision_window.OwnLeniency, match="exposure milder"):
            approvals.decide(
                final, decision="approve", reason="Fine.", valid_until=TODAY + timedelta(90), by=people.bob,
                now=in_time(2),
            )  # fmt: skip

    def test_before_anybody_approved_it_analysts_say_what_is_so(self) -> None:
        server = self.scene.another_server()
        alice = self.scene.people.alice
        for facts, tier in ((SEVERE, 1), (LOW, 4)):
            registration.set_exposure(server, facts=facts, by=alice, now=NOON)
            assert Server.objects.get(pk=server.pk).inherent_tier == tier

    def test_a_fact_that_becomes_known_is_no_way_round(self) -> None:
        alice = self.scene.people.alice
        unknown = deployments.add_deployment(
            self.scene.server, name="Till", environment="staging", agent="Till", by=alice, now=in_time(1)
        )
        server = Server.objects.get(pk=self.scene.server.pk)
        assert (server.inherent_tier, server.status) == (1, "approved")
        unknown = Deployment.objects.select_related("server").get(pk=unknown.pk)
        with pytest.raises(easing.EasesExposure, match="from 1 to 4"):
            deployments.edit_deployment(unknown, changes=LOW, by=alice, now=in_time(2))
        assert Deployment.objects.get(pk=unknown.pk).data_reached == ""
