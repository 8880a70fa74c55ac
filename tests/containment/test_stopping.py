"""The kill switch: one step stops a server everywhere, and all who use it are told how to go on."""

from typing import Any

import pytest
from django.test import TestCase

from accounts.access import NotPermitted
from alerts import relay
from alerts.models import Alert
from audit.models import Event
from containment import policies, stopping
from containment.calls import deciding
from containment.calls.deciding import Asked
from containment.clients import clients, feed
from exits import plans
from riskregister.transitions import IllegalTransition
from tests import cast
from tests.api.caller import Caller, frozen
from tests.cast import NOON
from tests.containment import approved
from tests.containment.approved import NAME
from tests.web.signed_in import as_
from vendors.models import Server
from vendors.registering import deployments, importing


class Stopping(TestCase):
    """Payments and Research have approved the same server; bob stops it, who approves in Payments."""

    set: approved.Approved
    theirs: Server

    @classmethod
    def setUpTestData(cls) -> None:
        cls.set = approved.set_up()
        people = cls.set.scene.people
        cls.theirs, release = importing.import_server_json(
            cast.server_json(), unit=people.research, by=people.eve, now=NOON
        )
        # What an approval needs is shown elsewhere: here only counts that there is one.
        Server.objects.filter(pk=cls.theirs.pk).update(status=Server.Status.APPROVED, pinned_release=release)

    def stop(self, by: Any = None) -> stopping.Stopped:
        mine = Server.objects.get(pk=self.set.server.pk)
        return stopping.stop(mine, reason="It leaks.", by=by or self.set.scene.people.bob, now=NOON)

    def status_of_theirs(self) -> str:
        return str(Server.objects.values_list("status", flat=True).get(pk=self.theirs.pk))

    def told(self, verb: str) -> dict[str, str]:
        relay.relay(now=NOON)
        return dict(Alert.objects.filter(event__verb=verb).values_list("recipient__name", "title"))

    def answer(self, *, unit: str = "payments") -> deciding.Answer:
        asked = Asked(NAME, "tools/call", "look_up", unit=unit)
        return deciding.decide(asked, by=self.set.scene.people.ada, now=NOON)

    def test_decisions_feed_and_policy_files_stop_it_at_once(self) -> None:
        mine = Server.objects.filter(pk=self.set.server.pk)
        in_feed = feed.listed(deciding.approved_now(mine, now=NOON))
        launches = clients.record(mine, now=NOON).allowed
        assert (self.answer().may_pass, [one.name for one in in_feed]) == (True, [NAME])
        self.stop()
        after = clients.record(mine, now=NOON)
        assert (self.answer().reason, self.answer().may_pass) == ("suspended", False)
        assert feed.listed(deciding.approved_now(mine, now=NOON)) == []
        assert (after.allowed, {one.url for one in after.denied}) == ((), {one.url for one in launches})

    def test_a_policy_that_only_observes_does_not_let_it_pass(self) -> None:
        people = self.set.scene.people
        policies.write(unit=people.payments, name="Gateway", reason="A start.", by=people.bob, now=NOON)
        self.stop()
        assert not self.answer().may_pass

    def test_whoever_may_in_both_units_stops_it_in_both(self) -> None:
        stopped = self.stop(by=cast.person("max", role="manager", unit=None))
        assert {row.pk for row in stopped.suspended} == {self.set.server.pk, self.theirs.pk}
        assert self.status_of_theirs() == "suspended"
        assert not self.answer(unit="research").may_pass

    def test_where_others_decide_they_are_told_without_the_reason(self) -> None:
        boss = cast.person("rita", role="manager", unit=self.set.scene.people.research)
        stopped = self.stop()
        assert ([row.pk for row in stopped.left_to_others], self.status_of_theirs()) == ([self.theirs.pk], "approved")
        assert self.told("server.suspended_elsewhere") == {
            boss.name: f"{self.theirs} was suspended in another unit: decide whether agents of yours go on"
        }
        assert Event.objects.get(verb="server.suspended_elsewhere").reason == ""

    def test_whoever_uses_it_is_told_what_to_use_instead(self) -> None:
        people = self.set.scene.people
        dora = cast.person("dora", role="analyst", unit=people.payments)
        deployments.add_deployment(
            self.set.server, name="Support", environment="production", agent="Support agent", owner=dora,
            by=people.alice, now=NOON,
        )  # fmt: skip
        plan: dict[str, Any] = {"plan": "Read the files.", "replacement": "The weather files", "days": 2}
        plans.write(self.set.server, **plan, by=people.alice, now=NOON)
        self.stop()
        title = (
            f"{self.set.server} is suspended: agents must not use it. "
            "Instead: The weather files (2 days, not shown to work)"
        )
        assert self.told("server.suspended") == {"Mia": title, "Dora": title}

    def test_the_server_s_page_says_how_to_go_on(self) -> None:
        people = self.set.scene.people
        self.stop()
        page = as_(people.alice).get(f"/servers/{self.set.server.pk}/").content.decode()
        assert f"/denials/?server={self.set.server.pk}" in page
        assert "Nobody wrote down how agents go on without it." in page
        plans.write(self.set.server, plan="Files.", replacement="Weather files", days=2, by=people.alice, now=NOON)
        page = as_(people.alice).get(f"/servers/{self.set.server.pk}/").content.decode()
        assert "Instead: Weather files, within 2 days." in page

    def test_the_page_that_asks_names_what_stops_and_two_clicks_stop_it(self) -> None:
        boss = as_(cast.person("max", role="manager", unit=None))
        address = f"/servers/{self.set.server.pk}/suspend/"
        assert f"The same server in other units of yours stops too: {self.theirs.ref} of Research." in (
            boss.get(address).content.decode()
        )
        boss.post(address, {"reason": "It leaks."})
        assert self.status_of_theirs() == "suspended"

    def test_a_program_stops_it_by_one_call(self) -> None:
        caller = Caller(self.set.scene.people.bob, ["read", "decide"])
        with frozen():
            answer = caller.post(f"/servers/{self.set.server.pk}/suspend/", reason="It leaks.")
        assert (answer.status_code, answer.json()["status"]) == (200, "suspended")

    def test_nobody_stops_it_without_the_right_or_twice(self) -> None:
        with pytest.raises(NotPermitted):
            self.stop(by=self.set.scene.people.alice)
        self.stop()
        with pytest.raises(IllegalTransition):
            self.stop()
        assert Event.objects.filter(verb="server.suspended").count() == 1
