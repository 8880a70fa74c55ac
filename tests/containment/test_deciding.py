"""May this be called now: what is approved passes, all else is denied, and the answer follows each decision at once."""

from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.test import TestCase

from accounts import access
from alerts import relay
from alerts.models import Alert
from containment import policies
from containment.calls import deciding, noting
from containment.calls.deciding import Asked
from containment.models import Asker, Denial, Policy
from decisions.approvals import approvals
from tests import append_only, cast
from tests.cast import NOON
from tests.containment import approved
from tests.containment.approved import LAST_DAY, NAME, REMOTE
from vendors import lifecycle
from vendors.models import Server
from vendors.registering import importing, registration

A_DAY = timedelta(days=1)


class Deciding(TestCase):
    """An approved server with two tools, asked for by alice."""

    set: approved.Approved

    @classmethod
    def setUpTestData(cls) -> None:
        cls.set = approved.set_up()

    def asked(self, server: str = NAME, method: str = "tools/call", *, at: Any = NOON, **more: str) -> deciding.Answer:
        request = {"tool": "look_up"} | more if method == "tools/call" else more
        return deciding.decide(Asked(server, method, **request), by=self.set.scene.people.alice, now=at)

    def reason(self, *args: Any, **more: Any) -> str:
        return self.asked(*args, **more).reason

    def test_what_is_approved_passes_by_any_of_its_names(self) -> None:
        for name in (NAME, NAME.upper(), REMOTE, self.set.server.ref, "com-example_weather"):
            answer = self.asked(name)
            assert (answer.may_pass, answer.reason, answer.approval) == (True, "", self.set.approval), name

    def test_methods_of_the_protocol_pass_and_others_do_not(self) -> None:
        assert self.reason(method="tools/list") == ""
        assert self.reason(method="server/discover") == ""
        assert self.reason(method="tools/destroy") == "unknown_method"
        assert self.reason("com.example/nobody", "notifications/progress") == ""

    def test_only_tools_as_they_were_approved_can_be_called(self) -> None:
        digest = self.set.release.tools.get(name="look_up").digest
        assert self.reason(digest=digest) == ""
        assert self.reason(digest="0" * 64) == "tool_changed"
        assert self.reason(tool="drop_tables") == "tool_not_approved"
        assert self.reason(tool="") == "tool_not_approved"

    def test_nobody_calls_what_is_not_registered_or_another_units(self) -> None:
        eve = self.set.scene.people.eve
        assert self.reason("com.example/nobody") == "unknown_server"
        assert self.reason("") == "unknown_server"
        assert deciding.decide(Asked(NAME, "tools/list"), by=eve, now=NOON).reason == "unknown_server"

    def test_an_approval_holds_through_its_last_day_and_no_longer(self) -> None:
        last = NOON.replace(year=LAST_DAY.year, month=LAST_DAY.month, day=LAST_DAY.day)
        assert self.reason(at=last) == ""
        assert self.reason(at=last + A_DAY) == "approval_ended"

    def test_a_server_in_review_is_not_approved(self) -> None:
        registration.register_server(
            unit=self.set.scene.people.payments, name="com.example/new", title="New",
            by=self.set.scene.people.alice, now=NOON,
        )  # fmt: skip
        assert self.reason("com.example/new") == "not_approved"

    def test_suspending_and_withdrawing_deny_from_the_next_question_on(self) -> None:
        bob = self.set.scene.people.bob
        lifecycle.suspend(self.set.server, reason="To be sure.", by=bob, now=NOON)
        assert self.reason() == "suspended"
        approvals.resume_server(Server.objects.get(pk=self.set.server.pk), reason="", by=bob, now=NOON)
        assert self.reason() == ""
        approvals.withdraw(self.set.approval, reason="It was breached.", by=bob, now=NOON)
        assert self.reason() == "suspended"

    def test_a_manifest_that_nobody_judged_is_denied(self) -> None:
        release = self.set.release
        with append_only.lifted(connection, type(release)):
            type(release).objects.filter(pk=release.pk).update(manifest_digest="f" * 64)
        assert self.reason() == "changed"

    def test_of_two_units_with_the_server_the_stricter_counts_unless_one_is_named(self) -> None:
        people = self.set.scene.people
        importing.import_server_json(cast.server_json(), unit=people.research, by=people.eve, now=NOON)
        both = people.ada
        assert deciding.decide(Asked(NAME, "tools/list"), by=both, now=NOON).reason == "ambiguous_server"
        named = Asked(NAME, "tools/list", unit="payments")
        assert deciding.decide(named, by=both, now=NOON).reason == ""

    def test_a_question_by_a_registry_name_takes_three_statements(self) -> None:
        alice = self.set.scene.people.alice
        access.of(alice)
        for name in (NAME, REMOTE, self.set.server.ref, "com-example_weather"):
            with self.assertNumQueries(3):
                assert not deciding.decide(Asked(name, "tools/call", "look_up"), by=alice, now=NOON).reason

    def test_what_is_out_of_use_steps_back_for_another_of_its_name(self) -> None:
        people = self.set.scene.people
        retired, _release = importing.import_server_json(
            cast.server_json(), unit=people.research, by=people.eve, now=NOON
        )
        Server.objects.filter(pk=retired.pk).update(status=Server.Status.RETIRED)
        assert deciding.decide(Asked(NAME, "tools/list"), by=people.ada, now=NOON).reason == ""
        assert deciding.decide(Asked(NAME, "tools/list"), by=people.eve, now=NOON).reason == "not_approved"


class Askers(TestCase):
    """Who asks, of whom at most so many are kept."""

    def asks(self, client: str, *, at: datetime = NOON) -> None:
        noting.asks(Asker.Kind.FEED, client=client, token=None, now=at)

    def full(self) -> None:
        rows = [Asker(kind="feed", client=f"c{n}", first_at=NOON, last_at=NOON) for n in range(noting.DISTINCT_A_DAY)]
        Asker.objects.bulk_create(rows)

    def test_one_is_noted_once_a_minute(self) -> None:
        for seconds in (0, 59, 61):
            self.asks("vscode", at=NOON + timedelta(seconds=seconds))
        row = Asker.objects.get()
        assert (row.first_at, row.last_at) == (NOON, NOON + timedelta(seconds=61))

    def test_beyond_the_limit_others_are_noted_together_and_go_on(self) -> None:
        self.full()
        for day in (0, 1):
            self.asks(f"new-{day}", at=NOON + day * A_DAY)
        others = Asker.objects.get(client=noting.OTHERS)
        assert (others.first_at, others.last_at) == (NOON, NOON + A_DAY)
        assert Asker.objects.count() == noting.DISTINCT_A_DAY + 1

    def test_those_that_have_not_asked_for_a_month_make_room(self) -> None:
        self.full()
        self.asks("c0", at=NOON + 20 * A_DAY)
        self.asks("new", at=NOON + 31 * A_DAY)
        assert sorted(Asker.objects.values_list("client", flat=True)) == ["c0", "new"]


class Policies(TestCase):
    """The policy of Payments says whether the answer is obeyed."""

    set: approved.Approved

    @classmethod
    def setUpTestData(cls) -> None:
        cls.set = approved.set_up()

    def asked(self, server: str = NAME, tool: str = "drop_tables") -> deciding.Answer:
        answer = deciding.decide(Asked(server, "tools/call", tool), by=self.set.scene.people.alice, now=NOON)
        noting.denied(answer, now=NOON)
        return answer

    def policy(self) -> Policy:
        people = self.set.scene.people
        return policies.write(unit=people.payments, name="Gateway", reason="A start.", by=people.bob, now=NOON)

    def test_without_one_it_is_blocked(self) -> None:
        assert not self.asked().may_pass
        assert not self.asked("com.example/nobody").may_pass

    def test_one_that_observes_lets_pass_and_keeps_what_it_would_have_blocked(self) -> None:
        assert self.policy().status == "observing"
        for _time in range(3):
            answer = self.asked()
            assert (answer.may_pass, answer.reason) == (True, "tool_not_approved")
        assert self.asked("com.example/nobody").may_pass
        row = Denial.objects.get(server=self.set.server)
        assert (row.times, row.was_blocked, row.named, row.tool) == (3, False, NAME, "drop_tables")
        assert Denial.objects.get(server=None).named == "com.example/nobody"

    def test_enforced_it_blocks_and_set_back_it_does_not(self) -> None:
        policy, bob = self.policy(), self.set.scene.people.bob
        policies.enforce(policy, reason="Nothing was blocked for a week.", by=bob, now=NOON)
        assert not self.asked().may_pass
        policies.observe(policy, reason="The gateway is moved.", by=bob, now=NOON)
        assert self.asked().may_pass
        policies.retire(policy, reason="The gateway is gone.", by=bob, now=NOON)
        assert not self.asked().may_pass

    def test_managers_and_approvers_are_told_that_nothing_is_blocked_any_more(self) -> None:
        people = self.set.scene.people
        relay.relay(now=NOON)
        policy = policies.write(unit=people.payments, name="Gateway", reason="A start.", by=people.bob, now=NOON)
        relay.relay(now=NOON)
        told = Alert.objects.filter(event__verb="policy.written")
        assert {(one.recipient.name, one.title) for one in told} == {
            ("Mia", f"{policy} is written: what is not approved passes and is counted")
        }

    def test_of_two_units_each_counts_its_own_server_of_one_name(self) -> None:
        people = self.set.scene.people
        name, mine = "com.example/new", ((people.alice, people.payments), (people.eve, people.research))
        for person, unit in mine:
            registration.register_server(unit=unit, name=name, title="New", by=person, now=NOON)
            asked = Asked(name, "tools/list", agent=f"agent of {unit}")
            noting.denied(deciding.decide(asked, by=person, now=NOON), now=NOON)
        seen = {
            person.name: [(row.agent, row.times) for row in Denial.objects.visible_to(person)] for person, _unit in mine
        }
        assert seen == {"Alice": [("agent of Payments", 1)], "Eve": [("agent of Research", 1)]}

    def test_a_server_that_gets_another_name_is_counted_on(self) -> None:
        self.asked()
        Server.objects.filter(pk=self.set.server.pk).update(name="com.example/renamed")
        self.asked("com.example/renamed")
        assert Denial.objects.get().times == 2

    def test_names_that_callers_make_up_do_not_fill_the_register(self) -> None:
        for number in range(noting.DISTINCT_A_DAY + 20):
            self.asked(f"com.example/made-up-{number}")
        assert Denial.objects.count() == noting.DISTINCT_A_DAY + 1
        assert Denial.objects.get(named=noting.OTHERS).times == 20

    def test_made_up_names_hide_nothing_that_is_denied_of_registered_servers(self) -> None:
        for number in range(noting.DISTINCT_A_DAY):
            self.asked(f"com.example/made-up-{number}")
        self.asked()
        row = Denial.objects.get(server=self.set.server)
        assert (row.named, row.method, row.tool) == (NAME, "tools/call", "drop_tables")

    def test_one_unit_hides_nothing_of_another(self) -> None:
        people = self.set.scene.people
        name = "com.example/new"
        registration.register_server(unit=people.research, name=name, title="New", by=people.eve, now=NOON)
        for number in range(noting.DISTINCT_A_DAY + 1):
            asked = Asked(name, "tools/call", f"made-up-{number}")
            noting.denied(deciding.decide(asked, by=people.eve, now=NOON), now=NOON)
        hers = Denial.objects.get(unit=people.research, tool=noting.OTHERS)
        assert (hers.named, hers.times) == (name, 1)
        self.asked()
        assert Denial.objects.get(unit=people.payments).tool == "drop_tables"

    def test_an_unknown_server_is_counted_in_the_unit_that_asks_for_it(self) -> None:
        people, name = self.set.scene.people, "com.example/nobody"
        asked = Asked(name, "tools/list")
        for person, request in (
            (people.alice, asked), (people.eve, asked), (people.eve, asked), (people.ada, asked),
            (people.ada, Asked(name, "tools/list", unit="research")),
        ):  # fmt: skip
            noting.denied(deciding.decide(request, by=person, now=NOON), now=NOON)
        rows = Denial.objects.filter(named=name).values_list("unit__code", "times")
        assert dict(rows) == {"payments": 1, "research": 3, None: 1}
        seen = [row.unit for row in Denial.objects.visible_to(people.eve)]
        assert people.payments not in seen

    def test_one_unit_that_makes_up_names_leaves_room_for_another(self) -> None:
        people = self.set.scene.people
        for number in range(noting.DISTINCT_A_DAY + 1):
            asked = Asked(f"com.example/made-up-{number}", "tools/list")
            noting.denied(deciding.decide(asked, by=people.eve, now=NOON), now=NOON)
        self.asked("com.example/nobody")
        assert Denial.objects.filter(unit=people.research, named=noting.OTHERS).count() == 1
        assert Denial.objects.get(unit=people.payments, server=None).named == "com.example/nobody"
