"""An approval in date lets agents use a server; without one it stays suspended."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import TestCase

from assessments import decisions
from assessments.models import Approval, Assessment
from tests import cast
from tests.assessments import scenes
from tests.assessments.scenes import Scene, in_time, verbs
from tests.cast import NOON, TODAY
from vendors import importing, lifecycle
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

    def test_tools_captured_since_the_assessment_began_are_not_approved_with_it(self):
        people, server = self.scene.people, self.scene.another_server()
        assessment = self.scene.final(server)
        release = server.releases.get()
        importing.import_tools(
            release, cast.tools("wipe"), captured_at=NOON, command="tools/list", by=people.alice, now=NOON
        )
        standard: dict[str, Any] = {"reason": "So.", "by": people.bob, "now": in_time(1)}
        fresh = Assessment.objects.get(pk=assessment.pk)
        with pytest.raises(decisions.DecisionInvalid, match="captured again"):
            decisions.decide(fresh, decision="approve", valid_until=TODAY + timedelta(days=30), **standard)
        assert not Approval.objects.filter(server=server).exists()
        assert decisions.decide(fresh, decision="reject", **standard).decision == "reject"
