"""The risk register and the page of a finding, as the cast sees them."""

import csv
import io
import re
from datetime import timedelta
from typing import Any

import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.db.models import Model
from django.test import TestCase
from django.urls import reverse

from audit.models import Event
from evidence.models import Evidence
from findings import acceptance, register, remediation
from findings.models import Finding, FixClaim, Milestone, RemediationPlan, RiskAcceptance
from tests import append_only
from tests.assessments import scenes
from tests.cast import NOON, TODAY, Cast
from tests.web import forms
from tests.web.signed_in import as_, signing_as
from vendors.models import Server, Vendor
from web.page_parts.listing import PER_PAGE

A_MONTH = TODAY + timedelta(days=30)


class Register(TestCase):
    """A server of Payments with one finding that a bad answer raised, and what is raised by hand."""

    scene: scenes.Scene
    people: Cast
    finding: Finding
    vendor_finding: Finding

    @classmethod
    def setUpTestData(cls) -> None:
        cls.scene = scenes.set_up()
        cls.people = cls.scene.people
        cls.finding = cls.scene.finding()
        cls.vendor_finding = register.open_by_hand(
            cls.scene.vendor,
            title="No contact for incidents",
            severity=1,
            dimension="security_posture",
            by=cls.people.alice,
            now=NOON,
        )

    def setUp(self) -> None:
        clock = time_machine.travel(NOON, tick=False)
        clock.start()
        self.addCleanup(clock.stop)

    def raised(self, title: str = "Logs hold secrets", **facts: object) -> Finding:
        arguments = {"severity": 2, "dimension": "data_handling", "by": self.people.alice, "now": NOON} | facts
        subject = arguments.pop("subject", self.scene.server)
        assert isinstance(subject, Server | Vendor)
        return register.open_by_hand(subject, title=title, **arguments)  # type: ignore[arg-type]

    def listed(self, query: str = "", *, who: str = "alice") -> list[str]:
        page = as_(self.people.everybody[who]).get(f"{reverse('web:finding-list')}?{query}")
        assert page.status_code == 200
        return [row.title for row in page.context["list"].rows]

    def url(self, step: str = "detail", finding: Finding | None = None, **args: object) -> str:
        return reverse(f"web:finding-{step}", kwargs={"pk": (finding or self.finding).pk} | args)

    def get(self, step: str = "detail", *, who: str = "alice", finding: Finding | None = None) -> Any:
        return as_(self.people.everybody[who]).get(self.url(step, finding))

    def post(self, step: str, fields: dict[str, Any], *, who: str = "alice", finding: Finding | None = None):
        client, at = signing_as(self.people.everybody[who]), self.url(step, finding)
        return client.post(at, forms.version(client, at) | fields)

    def assert_nothing_happens(self, response: Any, status: int, *, to: Finding | None = None) -> None:
        assert response.status_code == status
        assert Event.objects.count() == self.events
        fresh = Finding.objects.get(pk=(to or self.finding).pk)
        assert fresh.status == (to or self.finding).status

    @property
    def events(self) -> int:
        return self._events

    def count_events(self) -> None:
        self._events = Event.objects.count()


class TheList(Register):
    def test_lists_the_worst_first_and_leaves_settled_ones_out(self) -> None:
        gone = self.raised("Gone", severity=3)
        register.close(gone, reason="Retired.", by=self.people.bob, now=NOON)
        assert self.listed() == [self.vendor_finding.title, self.finding.title]
        assert len(self.listed("status=all")) == 3
        assert self.listed("status=settled") == ["Gone"]

    def test_another_unit_sees_findings_about_vendors_only(self) -> None:
        assert self.listed(who="eve") == [self.vendor_finding.title]
        assert self.get(who="eve").status_code == 404
        assert self.get(who="eve", finding=self.vendor_finding).status_code == 200

    def test_filters_narrow_the_list(self) -> None:
        mine = self.raised(owner=self.people.bob)
        for query in (
            "severity=high&dimension=data_handling",
            f"q={mine.ref}",
            "q=secrets",
            f"owner={self.people.bob.pk}",
            "source=manual&about=first",
            f"server={self.scene.server.pk}&source=manual",
        ):
            with self.subTest(query):
                assert self.listed(query) == ["Logs hold secrets"]
        assert self.listed("owner=me", who="bob") == ["Logs hold secrets"]
        # What is about a vendor of the unit's servers belongs to the unit.
        in_the_unit = self.listed(f"unit={self.people.payments.pk}&source=manual")
        assert in_the_unit == [self.vendor_finding.title, "Logs hold secrets"]
        assert self.listed("owner=none") == []
        Finding.objects.filter(pk=self.vendor_finding.pk).update(owner=None)
        assert self.listed("owner=none") == [self.vendor_finding.title]
        assert len(self.listed(f"supplier={self.scene.vendor.pk}")) == 3

    def test_several_severities_can_be_chosen_and_taken_back_one_by_one(self) -> None:
        self.raised()
        page = as_(self.people.alice).get(reverse("web:finding-list") + "?severity=critical&severity=high")
        assert {row.severity for row in page.context["list"].rows} == {1, 2}
        chips = {chip.label: chip.url for chip in page.context["list"].chips}
        assert chips == {"Severity: Critical": "?severity=high", "Severity: High": "?severity=critical"}

    def test_overdue_are_those_being_fixed_whose_day_has_passed(self) -> None:
        assert self.listed("is_overdue=true") == []
        with time_machine.travel(NOON + timedelta(days=8), tick=False):
            assert self.listed("is_overdue=true") == [self.vendor_finding.title]
            page = as_(self.people.alice).get(reverse("web:finding-list"))
        self.assertContains(page, "1 day overdue")

    def test_an_address_of_nonsense_shows_the_list(self) -> None:
        for query in ("sort=nothing", "position=-1", "position=x", "q=", "severity="):
            with self.subTest(query):
                assert len(self.listed(query)) == 2

    def test_a_filter_that_is_not_understood_lists_nothing_and_can_be_taken_back(self) -> None:
        for query in ("severity=worst", "owner=x", "server=x", "unit=x", "status=x", "q=%00", "severty=high"):
            with self.subTest(query):
                address = f"{reverse('web:finding-list')}?dimension=provenance&{query}"
                page = as_(self.people.alice).get(address)
                assert page.context["list"].rows == []
                assert [chip.url for chip in page.context["list"].refused] == ["?dimension=provenance"]
                self.assertContains(page, "A filter is not understood")
                self.assertContains(page, "Not understood: ", count=1)
                assert as_(self.people.alice).get(f"{address}&format=csv").status_code == 400

    def test_every_order_can_be_turned_round(self) -> None:
        self.raised(owner=self.people.alice)
        for sort in ("severity", "due_on", "age", "number"):
            with self.subTest(sort):
                there, back = self.listed(f"sort={sort}"), self.listed(f"sort=-{sort}")
                assert len(there) == 3
                assert there == back[::-1]
        for query in ("", "sort=nothing"):
            page = as_(self.people.alice).get(f"{reverse('web:finding-list')}?{query}").content.decode()
            assert re.findall(r'aria-sort="(?:a|de)scending">\s*<a href="[^"]*">(\w+)', page) == ["Severity"]

    def test_a_page_whose_rows_are_gone_leads_to_the_first(self) -> None:
        for n in range(PER_PAGE):
            self.raised(f"More {n}", owner=self.people.bob)
        first = as_(self.people.alice).get(f"{reverse('web:finding-list')}?status=fixing").context["list"]
        behind = Finding.objects.exclude(pk__in=[row.pk for row in first.rows])
        behind.update(status=Finding.Status.DISMISSED, dismissed_at=NOON)
        page = as_(self.people.alice).get(f"{reverse('web:finding-list')}{first.next_url}")
        self.assertContains(page, "There is nothing on this page")
        self.assertContains(page, 'href="?status=fixing"')
        self.assertNotContains(page, "Nothing to do")

    def test_the_csv_holds_exactly_this_view_with_formulas_defused(self) -> None:
        self.raised("=1+1")
        answer = as_(self.people.alice).get(reverse("web:finding-list") + "?source=manual&sort=-number&format=csv")
        text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
        rows = list(csv.DictReader(io.StringIO(text)))
        assert [row["Finding"] for row in rows] == ["'=1+1", "No contact for incidents"]
        assert rows[1]["Vendor"] == "Example Ltd"
        assert rows[0]["Due"] == str(A_MONTH)

    def test_statements_do_not_grow_with_the_rows(self) -> None:
        for n in range(8):
            self.raised(f"More {n}", owner=self.people.bob)
        for who, statements in (("ada", 8), ("alice", 8)):
            client = as_(self.people.everybody[who])
            client.get(reverse("web:finding-list"))
            with self.subTest(who), self.assertNumQueries(statements):
                client.get(reverse("web:finding-list"))

    def test_an_empty_register_leads_on(self) -> None:
        Finding.objects.update(status=Finding.Status.DISMISSED, dismissed_at=NOON)
        self.assertContains(as_(self.people.alice).get(reverse("web:finding-list")), "Raise a finding")


class RaisingByHand(Register):
    fields = {"title": "No rate limit", "severity": "3", "dimension": "permission_scope", "description": "<b>x</b>"}

    def raise_url(self, subject: Model) -> str:
        return f"{reverse('web:finding-raise')}?{type(subject).__name__.lower()}={subject.pk}"

    def test_raises_one_about_a_server(self) -> None:
        response = as_(self.people.alice).post(self.raise_url(self.scene.server), self.fields)
        raised = Finding.objects.get(title="No rate limit")
        self.assertRedirects(response, self.url(finding=raised))
        assert (raised.severity, raised.status, raised.server) == (3, "open", self.scene.server)
        self.assertContains(self.get(finding=raised), "&lt;b&gt;x&lt;/b&gt;")

    def test_offers_the_servers_and_vendors_to_choose_from(self) -> None:
        page = as_(self.people.alice).get(reverse("web:finding-raise") + "?q=fir")
        self.assertContains(page, f"server={self.scene.server.pk}")

    def test_bad_input_comes_back_as_it_was_typed(self) -> None:
        self.count_events()
        response = as_(self.people.alice).post(self.raise_url(self.scene.server), self.fields | {"severity": "9"})
        self.assert_nothing_happens(response, 422)
        self.assertContains(response, "No rate limit", status_code=422)
        hidden = as_(self.people.alice).post(self.raise_url(self.scene.server), self.fields | {"title": "a\u202eb"})
        self.assert_nothing_happens(hidden, 422)

    def test_other_roles_and_other_units_are_refused(self) -> None:
        self.count_events()
        for who, status in (("carol", 403), ("mia", 403), ("ada", 403), ("eve", 404)):
            with self.subTest(who):
                response = as_(self.people.everybody[who]).post(self.raise_url(self.scene.server), self.fields)
                self.assert_nothing_happens(response, status)
        nonsense = as_(self.people.alice).get(reverse("web:finding-raise") + "?server=1")
        assert nonsense.status_code == 404


class TheFinding(Register):
    def test_offers_only_the_steps_of_its_state_and_role(self) -> None:
        page = self.get().context
        assert page["main"].key == "plan"
        assert [step.key for step in page["more"]] == ["accept", "assign", "severity", "due-date"]
        assert {step.key: step.who for step in page["others"]}["close"] == "An approver of Payments"
        seen = self.get(who="carol").context
        assert seen["main"] is None
        assert seen["more"] == []

    def test_stands_in_the_navigation_while_a_request_waits(self) -> None:
        acceptance.request(
            self.finding,
            reason="No.",
            compensating_control="A proxy.",
            expires_on=A_MONTH,
            by=self.people.alice,
            now=NOON,
        )
        self.assertContains(self.get(), 'data-go="f" aria-current="true"')
        self.assertContains(self.get(), "asks to accept this risk")

    def test_its_owner_is_told_that_others_settle_it(self) -> None:
        register.assign(self.finding, owner=self.people.bob, by=self.people.alice, now=NOON)
        others = {step.key: step.who for step in self.get(who="bob").context["others"]}
        assert others["close"] == "An approver of Payments other than you: you own this finding"

    def test_shows_the_question_and_the_answer_that_raised_it(self) -> None:
        page = self.get()
        self.assertContains(page, self.finding.question_key)
        self.assertContains(page, self.finding.answer_text)
        self.assertContains(page, reverse("web:assessment-detail", args=[self.finding.assessment_id]))

    def test_links_no_assessment_that_the_person_cannot_see(self) -> None:
        question = scenes.question("vendor")
        assessment = self.scene.final(
            self.scene.another_server(publisher=self.scene.vendor), at=NOON, choices={question.key: ""}
        )
        raised = Finding.objects.get(stable_key=question.key, vendor=self.scene.vendor)
        link = reverse("web:assessment-detail", args=[assessment.pk])
        self.assertContains(self.get(finding=raised), link)
        self.assertNotContains(self.get(finding=raised, who="eve"), link)

    def test_every_state_has_a_page(self) -> None:
        for status in Finding.Status:
            with append_only.lifted(connection, Finding):
                Finding.objects.filter(pk=self.finding.pk).update(status=status, closed_at=NOON, dismissed_at=NOON)
            for who in ("alice", "bob", "carol", "mia", "ada"):
                with self.subTest(status=status, who=who):
                    assert self.get(who=who).status_code == 200

    def test_the_page_needs_few_statements(self) -> None:
        self.scene.claimed(self.finding)
        client = signing_as(self.people.bob)
        client.get(self.url())
        with self.assertNumQueries(15):
            client.get(self.url())


class Steps(Register):
    def test_plans_a_fix_with_milestones_and_completes_one(self) -> None:
        fields: dict[str, Any] = {
            "description": "Ask for tags",
            "target_on": A_MONTH,
            "title_0": "Asked",
            "due_on_0": TODAY + timedelta(days=2),
        }
        self.assertRedirects(self.post("plan", fields), self.url())
        milestone = Milestone.objects.get(plan__finding=self.finding)
        done = reverse("web:milestone-done", args=[self.finding.pk, milestone.pk])
        self.assertContains(as_(self.people.alice).get(done), "recorded as done today by you")
        milestone.refresh_from_db()
        assert milestone.done_at is None
        self.assertRedirects(as_(self.people.alice).post(done), self.url())
        milestone.refresh_from_db()
        assert (milestone.title, milestone.done_by) == ("Asked", self.people.alice)
        assert as_(self.people.eve).post(done).status_code == 404

    def test_a_plan_that_does_not_fit_comes_back(self) -> None:
        self.count_events()
        good: dict[str, object] = {"description": "Ask for tags", "target_on": A_MONTH}
        for bad in (
            {"target_on": TODAY - timedelta(days=1)},
            {"title_0": "No day"},
            {"due_on_1": TODAY},
            {"title_0": "Late", "due_on_0": A_MONTH + timedelta(days=1)},
        ):
            with self.subTest(bad):
                response = self.post("plan", good | bad)
                self.assert_nothing_happens(response, 422)
                self.assertContains(response, "Ask for tags", status_code=422)
        assert not RemediationPlan.objects.exists()

    def test_a_new_plan_starts_from_the_former(self) -> None:
        remediation.plan(
            self.finding,
            description="Ask for tags",
            target_on=A_MONTH,
            milestones=[(f"Step {n}", A_MONTH) for n in range(5)],
            by=self.people.alice,
            now=NOON,
        )
        page = self.get("plan")
        self.assertContains(page, "Step 4")
        self.assertContains(page, "Ask for tags")

    def test_milestones_that_were_typed_stay_when_somebody_else_planned_with_fewer(self) -> None:
        who: dict[str, Any] = {"target_on": A_MONTH, "by": self.people.alice, "now": NOON}
        many = [(f"Step {n}", A_MONTH) for n in range(5)]
        remediation.plan(self.finding, description="Ask for tags", milestones=many, **who)
        client = signing_as(self.people.alice)
        opened = forms.version(client, self.url("plan"))
        remediation.plan(self.finding, description="Ask for a tag", milestones=[], **who)

        typed = {f"title_{n}": f"Step {n}" for n in range(6)} | {f"due_on_{n}": A_MONTH for n in range(6)}
        answer = client.post(self.url("plan"), opened | {"description": "Mine", "target_on": A_MONTH} | typed)

        assert answer.status_code == 409
        form = answer.context["form"]
        assert [title.value() for title, _day in form.rows()] == [f"Step {n}" for n in range(6)]

    def test_claims_a_fix_with_the_new_answer_and_a_file(self) -> None:
        remediation.plan(self.finding, description="Do.", target_on=A_MONTH, by=self.people.alice, now=NOON)
        fields = {
            "note": "Tagged.",
            "option": "public_commit",
            "file": SimpleUploadedFile("tag.txt", b"v1.0.0 is tagged"),
            "title": "The tag",
            "issuer": "vendor",
        }
        self.assertRedirects(self.post("fix", fields), self.url())
        claim = FixClaim.objects.get(finding=self.finding)
        assert claim.evidence
        assert (claim.new_option_key, claim.evidence.title) == ("public_commit", "The tag")

    def test_a_file_that_came_without_its_name_is_asked_for_again(self) -> None:
        remediation.plan(self.finding, description="Do.", target_on=A_MONTH, by=self.people.alice, now=NOON)
        fields = {"note": "Tagged.", "option": "public_commit", "file": SimpleUploadedFile("tag.txt", b"v1.0.0")}
        back = self.post("fix", fields)
        self.assertContains(back, "Choose the file again: it was not kept.", status_code=422)
        without = self.post("fix", {"note": "Tagged.", "option": "public_commit", "title": "The tag"})
        self.assertContains(without, "without evidence leave its name empty", status_code=422)
        assert not FixClaim.objects.filter(finding=self.finding).exists()

    def test_a_claim_needs_an_answer_that_is_good_enough_and_keeps_no_half(self) -> None:
        remediation.plan(self.finding, description="Do.", target_on=A_MONTH, by=self.people.alice, now=NOON)
        self.finding.refresh_from_db()
        self.count_events()
        good = {"note": "Tagged.", "option": "public_commit"}
        for bad in (
            {"option": "closed"},
            {"note": " "},
            {"url": "https://example.com/tag"},
            {"title": "The tag"},
            {"url": "javascript:alert(1)", "title": "The tag", "issuer": "vendor"},
            {"file": SimpleUploadedFile("a.pdf", b"MZ\x90\x00 an executable"), "title": "A", "issuer": "vendor"},
        ):
            with self.subTest(bad):
                self.assert_nothing_happens(self.post("fix", good | bad), 422)
        assert not Evidence.objects.exists()

    def test_another_person_verifies_the_fix_and_it_closes(self) -> None:
        self.scene.claimed(self.finding)
        assert self.get().context["main"] is None
        assert self.get(who="bob").context["main"].key == "verify"
        self.assertContains(self.get(who="bob"), "Who can do that: Bob.")
        form = self.get("verify", who="bob")
        self.assertContains(form, "Tagged now.")
        self.assertContains(form, 'autocomplete="current-password"')
        self.assertRedirects(self.post("verify", {"verdict": "passed", "note": "Seen."}, who="bob"), self.url())
        self.finding.refresh_from_db()
        assert self.finding.status == Finding.Status.CLOSED

    def test_a_failed_verification_leads_back(self) -> None:
        self.scene.claimed(self.finding)
        self.post("verify", {"verdict": "failed", "note": "No tag there."}, who="bob")
        self.finding.refresh_from_db()
        assert self.finding.status == Finding.Status.REMEDIATING
        self.assertContains(self.get(), "No tag there.")

    def test_nobody_verifies_their_own_fix(self) -> None:
        self.scene.claimed(self.finding, by=self.people.bob)
        self.finding.refresh_from_db()
        self.count_events()
        response = self.post("verify", {"verdict": "passed", "note": "Fine."}, who="bob")
        self.assert_nothing_happens(response, 422)
        self.assertContains(response, "You claimed this fix.", status_code=422)

    def test_assigns_judges_dates_closes_and_reopens(self) -> None:
        sooner = TODAY + timedelta(days=3)
        for step, fields, who in (
            ("assign", {"owner": self.people.alice.pk}, "mia"),
            ("severity", {"severity": 4, "reason": "It is small."}, "bob"),
            ("due-date", {"due_on": sooner, "reason": "Sooner."}, "alice"),
            ("close", {"reason": "Gone."}, "bob"),
            ("reopen", {"reason": "Back."}, "alice"),
            ("dismiss", {"reason": "None."}, "bob"),
        ):
            with self.subTest(step):
                assert self.get(step, who=who).status_code == 200
                self.assertRedirects(self.post(step, fields, who=who), self.url())
        self.finding.refresh_from_db()
        assert (self.finding.owner, self.finding.severity) == (self.people.alice, 4)
        assert self.finding.status == Finding.Status.DISMISSED

    def test_wrong_roles_and_other_units_are_refused_everywhere(self) -> None:
        self.count_events()
        for step in ("assign", "severity", "due-date", "plan", "fix", "accept", "reopen", "dismiss", "confirm"):
            for who, status in (("carol", 403), ("ada", 403), ("eve", 404)):
                with self.subTest(step=step, who=who):
                    self.assert_nothing_happens(self.post(step, {"reason": "x"}, who=who), status)
        for step in ("verify", "close", "dismiss"):
            with self.subTest(step=step, who="alice"):
                self.assert_nothing_happens(self.post(step, {"reason": "x"}), 403)

    def test_a_step_that_its_state_does_not_allow_changes_nothing(self) -> None:
        self.count_events()
        self.assert_nothing_happens(self.post("reopen", {"reason": "x"}), 422)
        self.assert_nothing_happens(self.post("fix", {"note": "x", "option": "public_commit"}), 422)

    def test_more_time_is_refused_to_its_owner(self) -> None:
        self.count_events()
        later = TODAY + timedelta(days=300)
        self.assert_nothing_happens(self.post("due-date", {"due_on": later, "reason": "Busy."}), 422)


class Acceptances(Register):
    fields = {"reason": "No other server does it.", "compensating_control": "Read only token.", "expires_on": A_MONTH}

    def requested(self) -> RiskAcceptance:
        self.post("accept", dict(self.fields))
        return RiskAcceptance.objects.get(finding=self.finding)

    def at(self, name: str, row: RiskAcceptance) -> str:
        return reverse(f"web:acceptance-{name}", args=[row.pk])

    def test_another_person_grants_what_was_asked_for(self) -> None:
        row = self.requested()
        self.assertContains(self.get(), "Who can decide: Bob.")
        self.assertContains(as_(self.people.alice).get(self.at("detail", row)), "other than you decides")
        response = signing_as(self.people.bob).post(self.at("decide", row), {"decision": "grant", "note": ""})
        self.assertRedirects(response, self.at("detail", row))
        self.finding.refresh_from_db()
        assert self.finding.status == Finding.Status.ACCEPTED

    def test_a_refusal_needs_a_reason(self) -> None:
        row = self.requested()
        refused = signing_as(self.people.bob).post(self.at("decide", row), {"decision": "refuse", "note": ""})
        self.assertContains(refused, "Give a reason.", status_code=422)
        signing_as(self.people.bob).post(self.at("decide", row), {"decision": "refuse", "note": "Fix it."})
        row.refresh_from_db()
        assert (row.status, row.decision_note) == ("refused", "Fix it.")

    def test_a_longer_time_and_a_missing_control_are_refused(self) -> None:
        self.count_events()
        for bad in ({"expires_on": TODAY + timedelta(days=366)}, {"compensating_control": ""}, {"expires_on": "soon"}):
            with self.subTest(bad):
                self.assert_nothing_happens(self.post("accept", dict(self.fields) | bad), 422)
        assert not RiskAcceptance.objects.exists()

    def test_nobody_decides_their_own_request(self) -> None:
        asked = acceptance.request(self.finding, **self.fields, by=self.people.bob, now=NOON)  # type: ignore[arg-type]
        self.count_events()
        response = signing_as(self.people.bob).post(self.at("decide", asked), {"decision": "grant", "note": ""})
        self.assert_nothing_happens(response, 422)

    def test_others_cannot_decide_or_see_it(self) -> None:
        row = self.requested()
        self.count_events()
        self.finding.refresh_from_db()
        for step, fields in (("decide", {"decision": "grant", "note": ""}), ("revoke", {"reason": "x"})):
            for who, status in (("alice", 403), ("carol", 403), ("mia", 403), ("ada", 403), ("eve", 404)):
                with self.subTest(step=step, who=who):
                    response = signing_as(self.people.everybody[who]).post(self.at(step, row), fields)
                    self.assert_nothing_happens(response, status)

    def test_revoking_opens_the_finding_again(self) -> None:
        row = acceptance.grant(self.requested(), by=self.people.bob, now=NOON)
        self.assertRedirects(
            signing_as(self.people.bob).post(self.at("revoke", row), {"reason": "No."}), self.at("detail", row)
        )
        self.finding.refresh_from_db()
        assert self.finding.status == Finding.Status.OPEN

    def test_the_list_knows_the_state_by_the_clock(self) -> None:
        acceptance.grant(self.requested(), by=self.people.bob, now=NOON)

        def states(query: str) -> list[str]:
            page = as_(self.people.alice).get(f"{reverse('web:acceptance-list')}?{query}")
            return [row.state(today=page.context["list"].today) for row in page.context["list"].rows]

        assert states("state=expiring") == ["in_force"]
        assert states("state=in_force&q=source") == ["in_force"]
        assert states("state=waiting") == []
        with time_machine.travel(NOON + timedelta(days=31), tick=False):
            assert states("state=expired") == ["expired"]
            assert states("state=in_force") == []

    def test_the_list_is_scoped_and_its_statements_are_few(self) -> None:
        self.requested()
        eve = as_(self.people.eve).get(reverse("web:acceptance-list"))
        assert eve.context["list"].rows == []
        for who in ("ada", "alice"):
            client = as_(self.people.everybody[who])
            client.get(reverse("web:acceptance-list"))
            with self.subTest(who), self.assertNumQueries(7):
                client.get(reverse("web:acceptance-list"))

    def test_the_csv_holds_the_same_rows(self) -> None:
        self.requested()
        answer = as_(self.people.alice).get(reverse("web:acceptance-list") + "?format=csv")
        text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
        row = next(csv.DictReader(io.StringIO(text)))
        assert (row["State"], row["Compensating control"]) == ("Requested", "Read only token.")

    def test_the_low_score_of_a_server_can_be_accepted_too(self) -> None:
        url = reverse("web:server-accept", args=[self.scene.server.pk])
        as_(self.people.alice).post(url, self.fields)
        row = RiskAcceptance.objects.get(server=self.scene.server)
        self.assertContains(as_(self.people.bob).get(self.at("detail", row)), "Low score of First")
        assert as_(self.people.carol).post(url, self.fields).status_code == 403
        assert as_(self.people.eve).post(url, self.fields).status_code == 404
