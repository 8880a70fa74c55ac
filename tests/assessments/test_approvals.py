"""An approval in date lets agents use a server; without one it stays suspended."""

from datetime import timedelta

import pytest
from django.test import TestCase

from assessments import decisions
from assessments.models import Approval
from tests.assessments import scenes
from tests.assessments.scenes import Scene, in_time, verbs
from tests.cast import TODAY
from vendors import lifecycle
from vendors.models import Server


class Approvals(TestCase):
    scene: Scene
    approval: Approval
    server: Server

    @classmethod
    def setUpTestData(cls) -> None:
        cls.scene = scenes.set_up()
        cls.approval = cls.scene.approved(valid_until=TODAY + timedelta(days=10))
        cls.server = Server.objects.get(pk=cls.scene.server.pk)

    def suspended(self) -> Server:
        return lifecycle.suspend(self.server, reason="To be sure.", by=self.scene.people.bob, now=in_time(5))

    def resume(self, *, days: int) -> Server:
        return decisions.resume_server(self.suspended(), reason="", by=self.scene.people.bob, now=in_time(days))

    def test_a_suspended_server_is_used_again_up_to_the_last_day(self):
        assert self.resume(days=10).status == "approved"

    def test_the_day_after_it_is_not(self):
        with pytest.raises(decisions.DecisionInvalid, match="in date"):
            self.resume(days=11)
        assert Server.objects.get(pk=self.server.pk).status == "suspended"

    def test_withdrawn_it_suspends_the_server_for_good(self):
        bob = self.scene.people.bob
        decisions.withdraw(self.approval, reason="It was breached.", by=bob, now=in_time(1))
        server = Server.objects.get(pk=self.server.pk)
        assert (server.status, verbs(self.approval)[-1]) == ("suspended", "approval.withdrawn")
        with pytest.raises(decisions.DecisionInvalid, match="in date"):
            decisions.resume_server(server, reason="", by=bob, now=in_time(2))

    def test_it_ends_after_tomorrow_and_within_eighteen_months(self):
        for days in (0, 551):
            with self.subTest(days), pytest.raises(decisions.DecisionInvalid) as refusal:
                decisions.decide(
                    self.approval.assessment,
                    decision="approve",
                    reason="So.",
                    valid_until=TODAY + timedelta(days=days),
                    by=self.scene.people.bob,
                    now=in_time(0),
                )
            assert refusal.value.field == "valid_until"
        assert Approval.objects.get() == self.approval
