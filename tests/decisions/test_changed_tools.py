"""Tools that change after the approval: at tiers 1 and 2 the server is suspended, else a decision is asked for."""

from datetime import datetime, timedelta

from django.test import TestCase

from alerts import relay
from alerts.models import Alert
from audit.models import Event
from decisions.approvals import approvals
from decisions.models import Approval
from decisions.ratings import ratings
from scoring import methodology
from tests import cast
from tests.assessments import scenes
from tests.cast import NOON
from vendors.models import Server
from vendors.models.deployment import FACTS
from vendors.registering import importing, registration

LATER = NOON + timedelta(days=3)


def test_the_rule_suspends_at_the_two_worst_tiers() -> None:
    assert methodology.load().approvals.suspends == frozenset({1, 2})
    assert methodology.load(1).approvals.suspends == frozenset()


class ChangedTools(TestCase):
    """An approved server whose tools are captured again."""

    scene: scenes.Scene
    approval: Approval

    def approve(self, **facts: str) -> None:
        self.scene = scenes.set_up()
        server, alice = self.scene.server, self.scene.people.alice
        if facts:
            registration.set_exposure(server, facts=facts, by=alice, now=NOON)
        self.approval = self.scene.approved()

    def capture(self, *names: str, at: datetime = LATER) -> Server:
        release = self.scene.server.releases.order_by("-created_at", "-revision")[0]
        alice = self.scene.people.alice
        importing.import_tools(
            release, cast.tools(*names, **scenes.DECLARED), captured_at=at, command="", by=alice, now=at
        )
        return Server.objects.get(pk=self.scene.server.pk)

    def events(self) -> list[Event]:
        return list(Event.objects.filter(verb="server.tools_changed"))

    def test_at_tier_2_it_is_suspended_and_approvers_are_asked(self) -> None:
        self.approve()
        server = self.capture("read", "wipe")
        assert (server.inherent_tier, server.status) == (2, "suspended")
        [event] = self.events()
        assert event.object_id == server.pk
        assert f'"approval":"{self.approval.ref}"' in event.body
        assert '"suspended":true' in event.body
        suspended = Event.objects.get(verb="server.suspended")
        expected = f"The tools of 1.0.0 (revision 2) differ from those that {self.approval.ref} approved."
        assert (suspended.actor_kind, suspended.reason) == ("system", expected)
        relay.relay(now=LATER)
        asked = Alert.objects.filter(recipient=self.scene.people.bob, is_action=True, settled_at=None)
        assert [alert.title for alert in asked if "tools" in alert.title] == [
            "The tools of S-1 First changed after the approval: it is suspended until you decide"
        ]

    def test_an_approver_lets_it_be_used_again_which_settles_the_question(self) -> None:
        self.approve()
        server = self.capture("read", "wipe")
        relay.relay(now=LATER)
        approvals.resume_server(server, reason="Looked at them.", by=self.scene.people.bob, now=LATER)
        relay.relay(now=LATER)
        assert Server.objects.get(pk=server.pk).status == "approved"
        asked = Alert.objects.filter(recipient=self.scene.people.bob, title__contains="changed after the approval")
        assert [alert.settled_at is not None for alert in asked] == [True]
        assert self.capture("read", "wipe").status == "approved"
        assert len(self.events()) == 1

    def test_tools_that_suspended_it_once_do_so_again_when_others_were_approved_since(self) -> None:
        self.approve()
        alice, server = self.scene.people.alice, self.scene.server
        assert self.capture("read", "wipe").status == "suspended"
        registration.add_release(server, "1.1.0", by=alice, now=scenes.in_time(4))
        self.capture("list", at=scenes.in_time(4))
        again = self.scene.approved(at=scenes.in_time(5))
        registration.add_release(server, "1.2.0", by=alice, now=scenes.in_time(6))
        assert self.capture("read", "wipe", at=scenes.in_time(6)).status == "suspended"
        assert f'"approval":"{again.ref}"' in self.events()[0].body

    def test_at_tier_4_it_goes_on_stale_and_a_decision_is_asked_for(self) -> None:
        self.approve(**dict.fromkeys(FACTS, "low"))
        server = self.capture("read", "list")
        assert (server.inherent_tier, server.status) == (4, "approved")
        [event] = self.events()
        assert '"suspended":false' in event.body
        assert "tools" in {cap.subject for cap in ratings.current(server, now=LATER).caps if cap.id == "stale"}
        relay.relay(now=LATER)
        asked = Alert.objects.filter(recipient=self.scene.people.bob, title__contains="changed after the approval")
        assert [alert.title for alert in asked] == [
            "The tools of S-1 First changed after the approval: decide whether it may go on"
        ]

    def test_the_same_tools_again_ask_nothing(self) -> None:
        self.approve()
        assert self.capture("read").status == "approved"
        assert self.events() == []
