"""The tier that a server was approved at is not made milder by one person's word."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import TestCase

from decisions import approvals, decision_window
from tests import cast
from tests.assessments import scenes
from tests.assessments.scenes import Scene, in_time
from tests.cast import NOON, TODAY
from vendors import deployments, easing, registration
from vendors.models import Deployment, Server
from vendors.models.deployment import FACTS

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

    def test_an_analyst_makes_it_worse_alone_and_not_milder_again(self) -> None:
        alice = self.scene.people.alice
        assert self.edit(SEVERE, by=alice).inherent_tier == 1
        with pytest.raises(easing.EasesExposure, match="from 1 to 4"):
            self.edit(LOW, by=alice)
        server = Server.objects.get(pk=self.scene.server.pk)
        assert (server.inherent_tier, server.eased_by) == (1, None)
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
        assert (server.inherent_tier, server.eased_by, server.eased_at) == (4, bob, in_time(2))
        approval = server.approvals.get()
        ben = cast.person("ben", role="approver", unit=self.scene.people.payments)
        again: dict[str, Any] = {
            "decision": "approve", "reason": "Still.", "valid_until": TODAY + timedelta(90), "replaces": approval,
            "now": in_time(3),
        }  # fmt: skip
        with pytest.raises(decision_window.OwnLeniency, match="exposure milder"):
            approvals.decide(approval.assessment, by=bob, **again)
        approvals.decide(approval.assessment, by=ben, **again)

    def test_nor_does_its_owner_though_they_approve(self) -> None:
        bob = self.scene.people.bob
        self.edit(SEVERE, by=self.scene.people.alice)
        registration.edit_server(self.scene.server, changes={"owner": bob}, by=self.scene.people.alice, now=in_time(1))
        with pytest.raises(easing.EasesExposure, match="You own it"):
            self.edit(LOW, by=bob)

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
