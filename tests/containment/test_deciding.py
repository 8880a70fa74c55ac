"""May this be called now: what is approved passes, all else is denied, and the answer follows each decision at once."""

from datetime import timedelta
from typing import Any

from django.db import connection
from django.test import TestCase

from containment import deciding, noting, policies
from containment.deciding import Asked
from containment.models import Denial, Policy
from decisions import approvals
from tests import append_only, cast
from tests.cast import NOON
from tests.containment import approved
from tests.containment.approved import LAST_DAY, NAME, REMOTE
from vendors import importing, lifecycle, registration
from vendors.models import Server

A_DAY = timedelta(days=1)


class Deciding(TestCase):
    """An approved server with two tools, asked for by alice."""

    set: approved.Approved

    @classmethod
    def setUpTestData(cls) -> None:
        cls.set = approved.set_up()

    def asked(self, server: str = NAME, method: str = "tools/call", *, at: Any = NOON, **more: str) -> deciding.Answer:
        said = {"tool": "look_up"} | more if method == "tools/call" else more
        return deciding.decide(Asked(server, method, **said), by=self.set.scene.people.alice, now=at)

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

    def test_names_that_callers_make_up_do_not_fill_the_register(self) -> None:
        for number in range(noting.DISTINCT_A_DAY + 20):
            self.asked(f"com.example/made-up-{number}")
        assert Denial.objects.count() == noting.DISTINCT_A_DAY + 1
        assert Denial.objects.get(named=noting.OTHERS).times == 20
