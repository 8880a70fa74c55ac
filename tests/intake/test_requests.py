"""Asking for a server: anybody may, what may be used is said at once, and an approval grants what waits for it."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.test import TestCase, TransactionTestCase
from django.urls import reverse

from accounts import access
from accounts import people as accounts
from accounts.models import User
from accounts.rules import Rule
from alerts import relay
from alerts.models import Alert
from audit.context import SYSTEM
from audit.models import Event
from decisions.approvals import approvals
from intake import asking, triage
from intake.models import ServerRequest
from riskregister.refusals import Conflict, Refused
from tests import cast
from tests.api.caller import Caller, frozen
from tests.assessments import scenes
from tests.cast import NOON, Cast
from tests.containment import approved
from tests.containment.approved import NAME, REMOTE
from tests.interleaving import overtaken
from tests.web.signed_in import as_
from vendors import lifecycle
from vendors.belonging import ServerOfAnotherUnit
from vendors.models import Server
from vendors.registering import importing, registration

FACTS: dict[str, Any] = {"purpose": "To book rooms.", "data_reached": "moderate", "agent": "Desk agent"}
A_DAY = timedelta(days=1)


def nobody() -> User:
    """Return somebody with an account and no role."""
    return accounts.add(email="dan@example.org", name="Dan", by=SYSTEM, now=NOON)


class AskingInPayments(TestCase):
    """The cast, and dan, who has an account and no role."""

    people: Cast
    dan: User

    @classmethod
    def setUpTestData(cls) -> None:
        cls.people = cast.assemble()
        cls.dan = nobody()

    def setUp(self) -> None:
        clock = frozen()
        clock.start()
        self.addCleanup(clock.stop)

    def asked(self, what: str = "com.example/rooms", *, by: User | None = None, **more: Any) -> ServerRequest:
        facts: dict[str, Any] = {"unit": self.people.payments, "what": what} | FACTS | more
        return asking.ask(**facts, by=by or self.dan, now=NOON)

    def told(self, person: User) -> list[str]:
        while relay.relay(now=NOON):
            pass
        return list(Alert.objects.visible_to(person).order_by("created_at", "id").values_list("title", flat=True))

    def test_somebody_without_a_role_asks_and_analysts_of_the_unit_are_told(self) -> None:
        made = self.asked()
        assert (made.ref, made.status, made.server, made.asked_by) == ("RQ-1", "asked", None, self.dan)
        assert self.told(self.people.alice) == ["Dan asks for a server: com.example/rooms"]
        assert self.told(self.people.eve) == []

    def test_the_asker_and_the_unit_see_it_and_strangers_do_not(self) -> None:
        made, here = self.asked(), self.people
        for person, sees in ((self.dan, True), (here.alice, True), (here.carol, True), (here.ada, True),
                             (here.eve, False)):  # fmt: skip
            assert ServerRequest.objects.visible_to(person).filter(pk=made.pk).exists() is sees, person
            status = as_(person).get(reverse("web:request-detail", args=[made.pk])).status_code
            assert status == (200 if sees else 404), person

    def test_whoever_works_in_units_asks_in_these_alone(self) -> None:
        with pytest.raises(asking.NotAskedThere):
            self.asked(by=self.people.eve)
        assert list(asking.units(self.people.eve)) == [self.people.research]
        assert list(asking.units(self.dan)) == [self.people.payments, self.people.research]
        assert ServerRequest.objects.count() == 0

    def test_the_same_is_asked_once_until_it_is_answered(self) -> None:
        made = self.asked()
        with pytest.raises(asking.AskedAlready):
            self.asked("COM.example/rooms")
        self.asked(by=self.people.mia)
        asking.withdraw(made, by=self.dan, now=NOON)
        assert self.asked().ref == "RQ-3"

    def test_a_registered_server_is_recognised_by_its_names(self) -> None:
        release = cast.a_release(self.people, text=cast.server_json(
            remotes=[{"type": "streamable-http", "url": REMOTE}],
        ))  # fmt: skip
        names = ("com.example/weather", "Weather", "weather", REMOTE, "@example/weather", "@example/weather@1.2.3",
                 "com-example_weather", release.server.ref)  # fmt: skip
        for name in names:
            made = self.asked(name)
            assert made.server == release.server, name
            asking.withdraw(made, by=self.dan, now=NOON)
        assert self.asked("@example/weathercock").server is None
        assert self.asked("com.example/weather", unit=self.people.research).server is None

    def test_each_move_is_told_to_the_asker_with_its_reason(self) -> None:
        made = self.asked()
        triage.take_up(made, by=self.people.alice, now=NOON)
        triage.decline(made, reason="We have one for that.", by=self.people.alice, now=NOON)
        assert self.told(self.dan) == [
            "Alice looks at your request RQ-1 com.example/rooms",
            "Your request RQ-1 com.example/rooms is declined",
        ]
        assert (made.status, made.taken_by, made.decided_by) == ("declined", self.people.alice, self.people.alice)
        self.assertContains(as_(self.dan).get(reverse("web:request-detail", args=[made.pk])), "We have one for that.")

    def test_what_waited_for_analysts_waits_no_more_once_one_took_it_up(self) -> None:
        made = self.asked()
        self.told(self.people.alice)
        triage.take_up(made, by=self.people.alice, now=NOON)
        self.told(self.people.alice)
        assert Alert.objects.get(event__verb="request.asked").settled_by == "Alice"

    def test_only_the_asker_withdraws_and_only_who_registers_servers_declines(self) -> None:
        made = self.asked()
        with pytest.raises(asking.NotTheirRequest):
            asking.withdraw(made, by=self.people.alice, now=NOON)
        with pytest.raises(access.NotPermitted):
            triage.take_up(made, by=self.dan, now=NOON)
        with pytest.raises(access.NotPermitted):
            triage.decline(made, reason="No.", by=self.dan, now=NOON)
        made.refresh_from_db()
        assert (made.status, Event.objects.filter(object_id=made.pk).count()) == ("asked", 1)

    def test_a_server_is_registered_with_what_was_asked(self) -> None:
        made = self.asked()
        triage.register(made, name="com.example/rooms", title="Rooms", by=self.people.alice, now=NOON)
        server = Server.objects.get()
        assert (made.server, made.status) == (server, "in_review")
        assert (server.unit, server.purpose, server.data_reached) == (made.unit, "To book rooms.", "moderate")

    def test_a_server_of_another_unit_is_not_what_was_asked_for(self) -> None:
        made = self.asked()
        elsewhere = registration.register_server(
            unit=self.people.research, name="com.example/lab", title="Lab", by=self.people.eve, now=NOON
        )
        with pytest.raises(ServerOfAnotherUnit, match=r"another unit\. Choose one of Payments\."):
            triage.link(made, server=elsewhere, by=self.people.alice, now=NOON)
        made.refresh_from_db()
        assert (made.status, made.server) == ("asked", None)

    def test_the_servers_of_the_unit_in_use_can_be_chosen_and_the_one_that_is_known_is(self) -> None:
        known, other, retired = (
            cast.a_server(self.people, name=f"com.example/{name}", title=name) for name in ("rooms", "halls", "yards")
        )
        Server.objects.filter(pk=retired.pk).update(status=Server.Status.RETIRED)
        made = self.asked("com.example/rooms")
        page = as_(self.people.alice).get(reverse("web:request-link", args=[made.pk])).content.decode()
        assert f'value="{known.pk}" selected' in page
        assert (str(other.pk) in page, str(retired.pk) in page) == (True, False)

    def test_two_requests_of_one_person_do_not_wait_for_one_server(self) -> None:
        first, second = self.asked(), self.asked("The thing for rooms")
        server = cast.a_server(self.people)
        triage.link(first, server=server, by=self.people.alice, now=NOON)
        with pytest.raises(Conflict, match="another request already"):
            triage.link(second, server=server, by=self.people.alice, now=NOON)
        second.refresh_from_db()
        assert (second.status, second.server) == ("asked", None)

    def test_empty_and_deceptive_words_are_refused(self) -> None:
        wrong: tuple[dict[str, Any], ...] = (
            {"what": " "},
            {"purpose": ""},
            {"agent": ""},
            {"data_reached": "secret"},
            {"what": "a\u202eb"},
        )
        for more in wrong:
            with pytest.raises(Refused):
                self.asked(**more)
        assert ServerRequest.objects.count() == 0

    def test_home_of_somebody_without_a_role_leads_to_the_form_and_to_nothing_they_may_not_open(self) -> None:
        client = as_(self.dan)
        page = client.get(reverse("web:home"))
        self.assertContains(page, reverse("web:request-ask"))
        self.assertNotContains(page, reverse("web:server-list"))
        client.post(reverse("web:request-ask"), {"unit": self.people.payments.pk, "what": "com.example/rooms", **FACTS})
        self.assertContains(client.get(reverse("web:home")), "RQ-1 com.example/rooms")
        self.assertContains(as_(self.people.alice).get(reverse("web:home")), "Servers that somebody asks for")

    def test_the_queue_is_a_file_of_what_is_shown(self) -> None:
        self.asked()
        triage.decline(self.asked("=cmd"), reason="No.", by=self.people.alice, now=NOON)
        body = (
            as_(self.people.alice).get(f"{reverse('web:request-list')}?status=waiting&format=csv").getvalue().decode()
        )
        assert [line.split(",")[:3] for line in body.splitlines()[1:]] == [["RQ-1", "com.example/rooms", "Asked"]]

    def test_the_api_takes_the_same_steps(self) -> None:
        dan, alice = Caller(self.dan), Caller(self.people.alice)
        made = dan.made("/requests/", unit=str(self.people.payments.pk), what="com.example/rooms", **FACTS)
        assert [row["ref"] for row in dan.read("/requests/", asked_by="me")["results"]] == [made["ref"]]
        alice.done(f"/requests/{made['id']}/take-up/")
        done = alice.done(f"/requests/{made['id']}/register/", name="com.example/rooms", title="Rooms")
        assert (done["status"], done["server"]["title"]) == ("in_review", "Rooms")
        assert [one["need"] for one in alice.read(f"/requests/{made['id']}/missing/")] == [
            "tools",
            "deployment",
            "facts",
        ]
        assert dan.get(f"/requests/{made['id']}/missing/").status_code == 403
        assert dan.read(f"/requests/{made['id']}/connection/")["entries"] == {}
        assert dan.done(f"/requests/{made['id']}/withdraw/", reason="Not needed.")["status"] == "withdrawn"


class AskingForAnApprovedServer(TestCase):
    """A server of Payments that bob approved, and mia, the manager, who wants it."""

    set: approved.Approved
    dan: User

    @classmethod
    def setUpTestData(cls) -> None:
        cls.set = approved.set_up(remotes=[])
        cls.dan = nobody()

    def setUp(self) -> None:
        clock = frozen()
        clock.start()
        self.addCleanup(clock.stop)
        self.people = self.set.scene.people

    def asked(self, what: str = NAME, *, by: User | None = None, at: Any = NOON) -> ServerRequest:
        return asking.ask(unit=self.people.payments, what=what, **FACTS, by=by or self.people.mia, now=at)

    def test_what_may_be_used_is_not_queued_and_is_told_how_to_connect(self) -> None:
        with pytest.raises(asking.UsableAlready) as refusal:
            self.asked()
        assert refusal.value.members["server"]["ref"] == self.set.server.ref
        fields = {"unit": self.people.payments.pk, "what": NAME} | FACTS
        page = as_(self.dan).post(reverse("web:request-ask"), fields)
        self.assertContains(page, "com-example_weather", status_code=422)
        self.assertContains(page, "WEATHER_KEY", status_code=422)
        page = as_(self.people.mia).get(f"{reverse('web:request-ask')}?server={self.set.server.pk}")
        self.assertContains(page, "@example/weather@1.2.3")
        self.assertNotContains(page, "<textarea")
        assert ServerRequest.objects.count() == 0

    def test_a_suspended_server_says_why_to_its_unit_and_whom_to_talk_to_to_everybody(self) -> None:
        lifecycle.suspend(self.set.server, reason="It leaked a key.", by=self.people.bob, now=NOON)
        since = "Weather is suspended since 2 Mar 2026."
        for person, words in (
            (self.people.mia, f"{since} It leaked a key. Talk to Bob."), (self.dan, f"{since} Talk to Bob."),
        ):  # fmt: skip
            with pytest.raises(asking.ServerStopped) as refusal:
                self.asked(by=person)
            assert refusal.value.message == words
        assert ServerRequest.objects.count() == 0

    def test_a_request_is_granted_when_the_server_may_be_used_again(self) -> None:
        bob = self.people.bob
        asked = self.asked("The forecasts", by=self.dan)
        lifecycle.suspend(self.set.server, reason="To be sure.", by=bob, now=NOON)
        triage.link(asked, server=self.set.server, by=self.people.alice, now=NOON)
        assert asked.status == "in_review"
        self.set.server.refresh_from_db()
        approvals.resume_server(self.set.server, by=bob, now=NOON)
        asked.refresh_from_db()
        assert (asked.status, asked.decided_by, asked.decided_at) == ("granted", bob, NOON)
        page = as_(self.dan).get(reverse("web:request-detail", args=[asked.pk]))
        self.assertContains(page, "com-example_weather")
        assert Caller(self.dan).read(f"/requests/{asked.pk}/connection/")["variables"] == ["WEATHER_KEY"]

    def test_linked_to_what_may_be_used_it_is_granted_at_once(self) -> None:
        asked = self.asked("The forecasts")
        triage.link(asked, server=self.set.server, by=self.people.alice, now=NOON)
        asked.refresh_from_db()
        assert asked.status == "granted"
        verbs = Event.objects.filter(object_id=asked.pk).order_by("pk").values_list("verb", flat=True)
        assert list(verbs) == ["request.asked", "request.linked", "request.granted"]

    def test_after_the_last_day_of_the_approval_it_is_queued_again(self) -> None:
        later = NOON + 30 * A_DAY
        assert self.asked(at=later).status == "asked"


class GrantedByTheApproval(TestCase):
    """A server of Payments that is assessed, and that mia waits for."""

    def test_the_approval_grants_what_waits_for_it_and_tells_how(self) -> None:
        scene = scenes.set_up()
        alice, mia = scene.people.alice, scene.people.mia
        text = cast.server_json(remotes=[{"type": "streamable-http", "url": REMOTE}])
        server, release = importing.import_server_json(text, unit=scene.people.payments, by=alice, now=NOON)
        importing.import_tools(release, cast.tools("look_up"), captured_at=NOON, command="npx it", by=alice, now=NOON)
        approved.known(server, scene)
        asked = asking.ask(unit=scene.people.payments, what=NAME, **FACTS, by=mia, now=NOON)
        other = asking.ask(unit=scene.people.payments, what="com.example/rooms", **FACTS, by=mia, now=NOON)
        approved.accept_plain_address(scene.final(scene.ready(server)), scene)
        asked.refresh_from_db()
        assert asked.status == "asked"

        approved.approve(server, scene)

        asked.refresh_from_db()
        other.refresh_from_db()
        assert (asked.status, asked.decided_by, other.status) == ("granted", scene.people.bob, "asked")
        while relay.relay(now=NOON):
            pass
        title = f"You may use {server}, which you asked for"
        assert Alert.objects.filter(recipient=mia, title=title).count() == 1


class AtOnce(TransactionTestCase):
    """Dan waits for one server of Payments, mia for another."""

    @pytest.mark.postgres
    def test_two_requests_that_change_their_servers_crosswise_do_not_lock_each_other_out(self) -> None:
        people, dan = cast.assemble(), nobody()
        one, other = cast.a_server(people), cast.a_server(people, name="com.example/other", title="Other")
        for server, person in ((one, dan), (other, people.mia)):
            asking.ask(unit=people.payments, what="", server=server, **FACTS, by=person, now=NOON)
        his, hers = ServerRequest.objects.order_by("number")
        link = partial(triage.link, by=people.alice, now=NOON)
        # The first holds its request, and goes on when the second holds the other one or waits.
        came = overtaken(partial(link, his, server=other), partial(link, hers, server=one), at=(Rule, "refuse_state"))
        assert came == [his, hers]
        assert [row.server for row in ServerRequest.objects.order_by("number")] == [other, one]
