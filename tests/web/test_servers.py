"""The pages of servers, as the cast sees them."""

import csv
import io
from datetime import timedelta
from typing import Any
from unittest.mock import ANY, patch

import time_machine
from django.test import TestCase
from django.urls import resolve, reverse

from accounts.models import Membership
from audit import trail
from audit.models import Event
from decisions.models import Approval, Condition, RatingOverride
from decisions.ratings import overriding
from findings import acceptance, register
from scoring.scales import Severity
from tests import cast
from tests.assessments import scenes
from tests.assessments.scenes import A_DAY, Scene
from tests.cast import NOON, TODAY
from tests.web import forms
from tests.web.signed_in import SigningClient
from vendors import lifecycle
from vendors.models import Server, ServerSupplier
from vendors.registering import deployments, registration, relations
from web.page_parts import history
from web.servers import servers

TABS = ("detail", "tools", "releases", "deployments", "assessments", "findings", "reviews", "evidence", "history")


class ServerCase(TestCase):
    """A server of Payments, in the middle of the cast."""

    client_class = SigningClient
    people: cast.Cast
    server: Server
    scene: Scene

    @classmethod
    def setUpTestData(cls) -> None:
        cls.scene = scenes.set_up()
        cls.people = cls.scene.people
        cls.server = cls.scene.server

    def as_(self, name: str) -> None:
        self.client.force_login(self.people.everybody[name])

    def page(self, name: str) -> str:
        return reverse(f"web:{name}", args=[self.server.pk])

    def rows(self, query: str = "") -> list[str]:
        return [row.title for row in self.client.get(f"{reverse('web:server-list')}?{query}").context["list"].rows]

    def deployed(self, **facts: Any) -> None:
        arguments: dict[str, Any] = {
            "name": "Desk",
            "environment": "production",
            "agent": "Support",
            "in_use_since": TODAY,
            **cast.EXPOSURE,
        } | facts
        deployments.add_deployment(self.server, **arguments, by=self.people.alice, now=NOON)


class TheList(ServerCase):
    def test_holds_the_servers_of_the_units_that_the_person_works_in(self) -> None:
        self.as_("alice")
        assert self.rows() == ["First"]
        self.as_("eve")
        assert self.rows() == []
        self.as_("ada")
        assert self.rows() == ["First"]

    def test_each_filter_holds_the_servers_that_fit_and_no_other(self) -> None:
        harmless: dict[str, Any] = dict.fromkeys(self.server.facts, "low")
        registration.register_server(
            unit=self.people.payments,
            name="com.example/safe",
            title="Safe",
            by=self.people.alice,
            now=NOON,
            **harmless,
        )
        with time_machine.travel(NOON):
            self.scene.approved()
            self.deployed()
            self.as_("alice")
            of_first = [
                "status=approved", "inherent_tier=2", "residual=high", "is_in_use=true", "approval=in_date",
                "q=example+ltd", f"vendor={self.scene.vendor.pk}", "q=com.example/first", f"q={self.server.ref}",
            ]  # fmt: skip
            of_safe = ["status=requested", "inherent_tier=4", "residual=not_assessed", "is_in_use=false",
                       "approval=missing", "approval=none", "q=safe"]  # fmt: skip
            for query, title in [(query, "First") for query in of_first] + [(query, "Safe") for query in of_safe]:
                with self.subTest(query):
                    assert self.rows(query) == [title]
            assert sorted(self.rows(f"unit={self.people.payments.pk}&status=current")) == ["First", "Safe"]

    def test_tags_lead_to_the_servers_that_have_them(self) -> None:
        self.scene.another_server()
        registration.edit_server(self.server, changes={"tags": ["R D", "pci"]}, by=self.people.alice, now=NOON)
        self.as_("alice")
        assert [self.rows(f"tag={word}") for word in ("r-d", "PCI", "r", "a,b")] == [["First"], ["First"], [], []]
        link = f'href="{reverse("web:server-list")}?tag=r-d"'
        for page in (reverse("web:server-list"), self.page("server-detail")):
            self.assertContains(self.client.get(page), link, count=1)
        answer: Any = self.client.get(reverse("web:server-list"), {"format": "csv"})
        rows = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
        assert {row["Server"]: row["Tags"] for row in rows} == {"First": "pci, r-d", "Second": ""}

    def test_an_approval_that_ran_out_is_expired_and_missing(self) -> None:
        self.scene.approved()
        with time_machine.travel(NOON + 366 * A_DAY):
            self.as_("alice")
            assert self.rows("approval=expired") == ["First"]
            assert self.rows("approval=missing") == ["First"]
            assert self.rows("approval=none") == []
            for address in (reverse("web:server-list"), self.page("server-detail")):
                page = self.client.get(address).content.decode()
                assert "Approval expired" in page, address
                assert ">Approved</span>" not in page, address
            assert "Expired</span>" in self.client.get(self.page("server-assessments")).content.decode()

    def test_a_rejected_server_was_never_approved(self) -> None:
        self.scene.approved(decision=Approval.Decision.REJECT)
        with time_machine.travel(NOON):
            self.as_("alice")
            assert self.rows("approval=none") == ["First"]
            assert self.rows("status=current") == []

    def test_what_is_not_assessed_comes_first(self) -> None:
        self.scene.final()
        self.scene.another_server()
        self.as_("alice")
        assert self.rows() == ["Second", "First"]
        assert self.rows("sort=-residual") == ["First", "Second"]

    def test_unknown_sorts_and_pages_fall_back(self) -> None:
        self.as_("alice")
        assert self.rows("sort=password&position=x") == ["First"]

    def test_a_filter_that_is_not_understood_lists_nothing(self) -> None:
        self.as_("alice")
        for query in ("inherent_tier=9", "residual=none", "unit=1", "is_in_use=maybe", "tier=2"):
            with self.subTest(query):
                assert self.rows(query) == []

    def test_the_csv_says_what_the_list_says(self) -> None:
        self.scene.final()
        self.as_("alice")
        answer: Any = self.client.get(reverse("web:server-list"), {"format": "csv"})
        head, row = csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig")))
        cells = dict(zip(head, row, strict=True))
        self.server.refresh_from_db()
        rating = self.server.rating
        assert (cells["Vendor"], cells["Residual risk"]) == ("Example Ltd", rating.residual.capitalize())
        assert (cells["Assurance"], cells["Coverage %"]) == (str(rating.score_percent), "100.00")

    def test_costs_as_many_statements_for_fifty_servers_as_for_one(self) -> None:
        for name, count in (("ada", 8), ("alice", 8)):
            self.as_(name)
            with self.subTest(name), self.assertNumQueries(count):
                self.client.get(reverse("web:server-list"))
        for number in range(20):
            scenes.register(self.people, f"com.example/n{number}", publisher=self.scene.vendor)
        for name, count in (("ada", 8), ("alice", 8)):
            self.as_(name)
            with self.subTest(f"{name}, more servers"), self.assertNumQueries(count):
                self.client.get(reverse("web:server-list"))


class OneServer(ServerCase):
    def test_every_tab_opens_for_every_member_of_the_unit_and_for_no_other(self) -> None:
        self.scene.final(choices={scenes.SERVER_QUESTION: "closed"})
        self.deployed()
        for name in self.people.everybody:
            self.as_(name)
            for tab in TABS:
                with self.subTest(f"{name} {tab}"):
                    wanted = 404 if name == "eve" else 200
                    assert self.client.get(self.page(f"server-{tab}")).status_code == wanted

    def test_shows_score_band_caps_with_what_lifts_them_and_both_charts(self) -> None:
        critical = scenes.questions().filter(is_critical=True, applies_when__isnull=True).order_by("key")[0]
        self.scene.final(choices={critical.key: scenes.worst(critical)})
        self.as_("carol")
        page = self.client.get(self.page("server-detail"))
        rating = page.context["rating"]
        binding = [cap for cap in rating.caps if cap["binds"]]
        assert binding
        self.assertContains(page, f"{rating.score_percent}")
        for cap in binding:
            self.assertContains(page, cap["lifted_by"])
        self.assertContains(page, f"<p>{critical.text}</p>", html=True)
        self.assertContains(page, f"Cap <code>critical-question</code> for <code>{critical.key}</code>")
        assert len(page.context["dimensions"].rows) == 5
        self.assertContains(page, "Residual risk from inherent tier and assurance band")

    def test_a_server_never_assessed_leads_to_its_assessment(self) -> None:
        self.as_("alice")
        page = self.client.get(self.page("server-detail"))
        self.assertContains(page, "Nobody has judged this server")
        self.assertContains(page, reverse("web:assessment-start", args=[self.server.pk]))

    def test_a_new_server_says_what_leads_to_its_rating(self) -> None:
        self.as_("alice")
        self.server = cast.a_server(self.people, "com.example/bare")
        assert self.tasks() == [("release-import", "not_started"), ("server-tools", "not_started"),
                                ("deployment-add", "not_started"), ("", "not_started")]  # fmt: skip
        self.server = cast.a_release(self.people, "get_forecast").server
        self.deployed()
        assert self.tasks() == [("", "complete"), ("", "complete"), ("", "complete"),
                                ("assessment-start", "not_started")]  # fmt: skip
        draft = self.scene.draft(self.server)
        self.assertContains(
            self.client.get(self.page("server-detail")), reverse("web:assessment-detail", args=[draft.pk])
        )
        self.as_("carol")
        assert self.tasks() == []

    def tasks(self) -> list[tuple[str, str]]:
        shown = self.client.get(self.page("server-detail")).context["tasks"]
        return [(resolve(task.url).url_name or "" if task.url else "", task.status) for task in shown]

    def test_offers_only_what_the_person_may_do(self) -> None:
        self.scene.approved()
        offered = {
            "alice": {"server-edit", "deployment-add"},
            "bob": {"server-edit", "deployment-add", "server-suspend", "server-retire"},
            "mia": {"server-suspend", "server-retire", "override-request"},
            "carol": set(),
            "ada": set(),
        }
        every = (
            "server-edit",
            "deployment-add",
            "server-suspend",
            "server-resume",
            "server-retire",
            "override-request",
        )
        for name, wanted in offered.items():
            self.as_(name)
            text = self.client.get(self.page("server-detail")).content.decode()
            assert {page for page in every if f'href="{self.page(page)}"' in text} == wanted, name

    def test_its_menu_offers_the_moves_that_lead_on_from_its_status(self) -> None:
        moves: dict[str, dict[str, set[str]]] = {
            "requested": {"alice": set(), "bob": {"retire"}, "mia": {"retire"}},
            "in_review": {"alice": set(), "bob": set(), "mia": set()},
            "approved": {"alice": set(), "bob": {"suspend", "retire"}, "mia": {"suspend", "retire"}},
            "suspended": {"alice": set(), "bob": {"resume", "retire"}, "mia": {"retire"}},
            "rejected": {"alice": {"request-again"}, "bob": {"request-again"}, "mia": set()},
            "retired": {"alice": {"request-again"}, "bob": {"request-again"}, "mia": set()},
        }
        self.scene.approved()
        every = {
            move: f'href="{self.page(f"server-{move}")}"' for move in ("suspend", "resume", "retire", "request-again")
        }
        assert set(moves) == set(Server.Status.values)
        for status, wanted in moves.items():
            Server.objects.filter(pk=self.server.pk).update(status=status)
            for name, offered in wanted.items():
                self.as_(name)
                text = self.client.get(self.page("server-detail")).content.decode()
                assert {move for move, link in every.items() if link in text} == offered, (status, name)

    def test_a_server_whose_assessment_is_not_decided_leads_to_the_decision(self) -> None:
        self.as_("bob")
        final = self.scene.final()
        page = self.client.get(self.page("server-detail"))
        self.assertContains(page, f"Open {final.ref}, not decided yet")
        self.assertNotContains(page, "Start an assessment")

    def test_shows_who_asked_to_live_with_its_score(self) -> None:
        self.scene.final()
        until = TODAY + timedelta(days=30)
        how: dict[str, Any] = {"reason": "Pilot.", "compensating_control": "Sandbox.", "expires_on": until}
        asked = acceptance.request_for_server(self.server, **how, by=self.people.alice, now=NOON)
        self.as_("bob")
        with time_machine.travel(NOON):
            page = self.client.get(self.page("server-detail"))
        self.assertContains(page, reverse("web:acceptance-detail", args=[asked.pk]))
        assert page.context["acceptances"] == [(asked, "requested")]

    def test_offers_a_review_and_an_acceptance_to_who_may_ask_for_them(self) -> None:
        self.scene.approved()
        review, accept = self.page("review-request"), self.page("server-accept")
        for name, asks in {"alice": {review, accept}, "bob": {review, accept}, "mia": {review}, "carol": set()}.items():
            with self.subTest(name):
                self.as_(name)
                shown = self.client.get(self.page("server-detail")).content.decode()
                assert {url for url in (review, accept) if f'href="{url}"' in shown} == asks

    def test_the_reason_of_the_tier_names_the_facts_that_nobody_knows_as_reports_do(self) -> None:
        self.as_("alice")
        self.server = cast.a_server(self.people, "com.example/bare", data_reached="severe", tool_power="")
        shown = self.client.get(self.page("server-detail"))
        self.assertContains(shown, "Not known, so counted as severe: Most powerful tool.")
        self.assertContains(shown, "Between tier 1 and tier 2: the worst counts until the facts are known.")
        self.assertContains(shown, "Not known of S-2 Weather: Most powerful tool.")
        self.assertContains(shown, "At least two facts are severe: Data reached, Most powerful tool (unknown).")

    def test_a_fact_that_follows_from_others_says_so(self) -> None:
        self.as_("alice")

        def facts() -> str:
            return " ".join(self.client.get(self.page("server-detail")).content.decode().split())

        unknown = '<dd><span class="faint">Not known</span></dd>'
        assert f"<dt>Open source</dt>{unknown}" in facts()
        Server.objects.filter(pk=self.server.pk).update(licence="MIT", repository_url="https://example.com/source")
        assert '<dd>Yes<span class="soft">, by its licence and repository</span></dd>' in facts()
        Server.objects.filter(pk=self.server.pk).update(is_open_source=False, is_vendor_hosted=True)
        assert "<dt>Open source</dt><dd>No</dd>" in facts()
        assert "<dt>Run by the vendor</dt><dd>Yes</dd>" in facts()

    def test_the_findings_lead_to_raising_one_about_this_server(self) -> None:
        self.as_("alice")
        raising = f"{reverse('web:finding-raise')}?server={self.server.pk}"
        self.assertContains(self.client.get(self.page("server-findings")), raising)
        assert self.client.get(raising).context["subject"] == self.server
        self.as_("carol")
        self.assertNotContains(self.client.get(self.page("server-findings")), raising)

    def test_more_findings_than_are_shown_lead_to_the_register(self) -> None:
        for title in ("Late", "Later"):
            how: dict[str, Any] = {"title": title, "dimension": "data_handling", "severity": Severity.LOW}
            register.open_by_hand(self.server, **how, by=self.people.alice, now=NOON)
        self.as_("alice")
        there = f"{reverse('web:finding-list')}?server={self.server.pk}&amp;status=all"
        self.assertNotContains(self.client.get(self.page("server-findings")), there)
        with patch.object(servers, "FINDINGS_SHOWN", 1):
            page = self.client.get(self.page("server-findings"))
        self.assertContains(page, there)
        assert len(page.context["in_work"].rows) == 1

    def test_evidence_attached_many_times_on_a_day_is_one_line_of_the_history(self) -> None:
        at = NOON - 30 * A_DAY
        for _ in range(3):
            trail.record("evidence.attached", self.server, by=self.people.alice, at=at, question="q", evidence="E-1")
        trail.record("evidence.attached", self.server, by=self.people.bob, at=at, question="q", evidence="E-1")
        told = [line.sentence for line in history.of(self.people.alice, self.server)]
        assert "Evidence attached, 3 times" in told
        assert "Evidence attached" in told

    def test_html_in_a_purpose_stays_text(self) -> None:
        changes = {"purpose": "<script>alert(1)</script>"}
        registration.edit_server(self.server, changes=changes, by=self.people.alice, now=NOON)
        self.as_("alice")
        page = self.client.get(self.page("server-detail"))
        self.assertContains(page, "&lt;script&gt;alert(1)&lt;/script&gt;")


class Registering(ServerCase):
    def posted(self, page: str = "server-register", **given: Any) -> Any:
        self.as_("alice")
        fields = {"unit": self.people.payments.pk, "document": cast.server_json()} | given
        return self.client.post(reverse(f"web:{page}"), fields)

    def test_a_server_json_makes_a_server_with_its_release_and_publisher(self) -> None:
        self.posted(publisher=self.scene.vendor.pk)
        server = Server.objects.get(name="com.example/weather")
        assert (server.title, server.unit) == ("Weather", self.people.payments)
        assert server.suppliers.get().vendor == self.scene.vendor
        assert server.releases.get().packages.get().identifier == "@example/weather"

    def test_a_chosen_file_does_the_same(self) -> None:
        self.posted(document="", file=io.BytesIO(cast.server_json().encode()))
        assert Server.objects.filter(name="com.example/weather").exists()

    def test_a_look_shows_what_it_says_and_keeps_the_text_and_registers_nothing(self) -> None:
        answer = self.posted(document="", file=io.BytesIO(cast.server_json().encode()), look="yes")
        self.assertContains(answer, "@example/weather")
        self.assertContains(answer, "&quot;com.example/weather&quot;")
        assert Server.objects.count() == 1

    def test_the_same_document_again_changes_nothing_and_says_so(self) -> None:
        self.posted()
        events = Event.objects.count()
        answer = self.posted()
        assert (Server.objects.count(), Event.objects.count()) == (2, events)
        self.assertContains(self.client.get(answer["Location"]), "on record already")

    def test_each_problem_of_a_document_names_its_place(self) -> None:
        answer = self.posted(document=cast.server_json(name="weather", version=7))
        self.assertContains(answer, "<code>name</code>", status_code=422)
        self.assertContains(answer, "<code>version</code>", status_code=422)
        assert Server.objects.count() == 1

    def test_refuses_nothing_at_all_both_at_once_and_what_is_no_json(self) -> None:
        both = {"document": "{}", "file": io.BytesIO(b"{}")}
        for given in (
            {"document": ""},
            both,
            {"document": "<html>"},
            {"document": "", "file": io.BytesIO(b"\xff\xfe")},
        ):
            with self.subTest(given):
                assert self.posted(**given).status_code == 422
        assert Server.objects.count() == 1

    def test_refuses_another_unit(self) -> None:
        assert self.posted(unit=self.people.research.pk).status_code == 422
        assert Server.objects.count() == 1

    def test_a_file_that_is_too_large_is_refused_before_it_is_read_whole(self) -> None:
        answer = self.posted(document="", file=io.BytesIO(b" " * 3_000_000))
        assert answer.status_code == 422
        self.assertContains(answer, "larger than 1024 KiB", status_code=422)

    def test_by_hand_it_needs_a_title_a_name_and_a_unit(self) -> None:
        self.as_("alice")
        url = reverse("web:server-register-by-hand")
        refused = self.client.post(url, {"title": "Own", "name": "own", "unit": self.people.payments.pk})
        self.assertContains(refused, "Write the name as in the registry", status_code=422)
        given = {"title": "Own", "name": "com.example/own", "unit": self.people.payments.pk}
        answer = self.client.post(url, given)
        self.assertRedirects(answer, reverse("web:server-detail", args=[Server.objects.get(title="Own").pk]))

    def test_readers_register_nothing(self) -> None:
        for name in ("carol", "mia", "ada"):
            self.as_(name)
            for page in ("server-register", "server-register-by-hand"):
                assert self.client.post(reverse(f"web:{page}"), {}).status_code == 403, f"{name} {page}"


class Changing(ServerCase):
    def changed(self, page: str, fields: dict[str, Any]) -> Any:
        at = self.page(page)
        return self.client.post(at, forms.version(self.client, at) | fields)

    def test_an_edit_changes_only_what_differs(self) -> None:
        self.as_("alice")
        given = {"title": "First", "name": self.server.name, "owner": self.people.alice.pk, "licence": "MIT"}
        self.assertRedirects(self.changed("server-edit", given), self.page("server-detail"))
        self.server.refresh_from_db()
        assert self.server.licence == "MIT"
        assert '"fields":["licence"]' in Event.objects.get(verb="server.edited").body

    def test_tags_are_a_line_of_the_form(self) -> None:
        self.as_("alice")
        given = {"title": "First", "name": self.server.name, "owner": self.people.alice.pk, "tags": "PCI, card data,"}
        self.assertRedirects(self.changed("server-edit", given), self.page("server-detail"))
        assert [tag.word for tag in self.server.tags.all()] == ["card-data", "pci"]
        self.assertContains(self.client.get(self.page("server-edit")), 'value="card-data, pci"')
        again = self.changed("server-edit", given | {"tags": "a;b"})
        self.assertContains(again, "is no tag", status_code=422)

    def test_an_owner_who_left_is_named_before_an_edit_leaves_nobody(self) -> None:
        vendor = self.scene.vendor
        desk = deployments.add_deployment(
            self.server,
            name="Desk",
            environment="development",
            agent="Desk agent",
            owner=self.people.mia,
            by=self.people.alice,
            now=NOON,
        )
        registration.edit_server(self.server, changes={"owner": self.people.mia}, by=self.people.alice, now=NOON)
        relations.edit_vendor(vendor, changes={"relationship_owner": self.people.mia}, by=self.people.alice, now=NOON)
        self.as_("alice")
        pages = [
            self.page("server-edit"),
            reverse("web:deployment-edit", args=[desk.pk]),
            reverse("web:vendor-edit", args=[vendor.pk]),
        ]
        for page in pages:
            self.assertNotContains(self.client.get(page), "has no role here any more")
        Membership.objects.filter(user=self.people.mia).delete()
        for page in pages:
            self.assertContains(self.client.get(page), "Nobody: Mia has no role here any more")

    def test_exposure_facts_decide_the_tier(self) -> None:
        self.as_("alice")
        self.changed("server-exposure", dict.fromkeys(self.server.facts, "low"))
        self.server.refresh_from_db()
        assert self.server.inherent_tier == 4
        assert self.client.post(self.page("server-exposure"), {"egress": "wide"}).status_code == 422

    def test_suppliers_come_and_go(self) -> None:
        host = cast.a_vendor(self.people, "Hosting Ltd", kinds=["host"])
        self.as_("alice")
        self.client.post(self.page("server-supplier-add"), {"vendor": host.pk, "role": "host"})
        row = ServerSupplier.objects.get(vendor=host)
        twice = self.client.post(self.page("server-supplier-add"), {"vendor": host.pk, "role": "host"})
        self.assertContains(twice, "Hosting Ltd is its host already.", status_code=422)
        self.client.post(reverse("web:server-supplier-remove", args=[row.pk]))
        assert not ServerSupplier.objects.filter(vendor=host).exists()

    def test_nobody_of_another_unit_reaches_a_step(self) -> None:
        self.scene.approved()
        supplier = self.server.suppliers.get()
        self.as_("eve")
        pages = [self.page(f"server-{step}") for step in ("edit", "suspend", "retire", "exposure", "supplier-add")]
        pages += [reverse("web:server-supplier-remove", args=[supplier.pk]), self.page("deployment-add")]
        pages += [reverse("web:approval-withdraw", args=[Approval.objects.get().pk]), self.page("override-request")]
        for url in pages:
            with self.subTest(url):
                wanted = 403 if "override" in url else 404
                assert self.client.post(url, {"reason": "Mine."}).status_code == wanted
        self.server.refresh_from_db()
        assert self.server.status == "approved"
        assert ServerSupplier.objects.filter(pk=supplier.pk).exists()


class Moving(ServerCase):
    def test_a_manager_suspends_with_a_reason_and_an_approver_resumes(self) -> None:
        with time_machine.travel(NOON, tick=False):
            self.scene.approved()
            self.as_("mia")
            assert self.client.post(self.page("server-suspend"), {"reason": " "}).status_code == 422
            self.client.post(self.page("server-suspend"), {"reason": "It leaks."})
            self.server.refresh_from_db()
            assert self.server.status == "suspended"
            assert self.client.post(self.page("server-resume"), {"reason": "Fixed."}).status_code == 403
            self.as_("bob")
            self.client.post(self.page("server-resume"), {"reason": "Fixed."})
        self.server.refresh_from_db()
        assert self.server.status == "approved"

    def test_an_analyst_cannot_suspend(self) -> None:
        self.scene.approved()
        self.as_("alice")
        assert self.client.get(self.page("server-suspend")).status_code == 403
        assert self.client.post(self.page("server-suspend"), {"reason": "No."}).status_code == 403
        self.server.refresh_from_db()
        assert self.server.status == "approved"

    def test_a_server_with_a_deployment_is_not_retired(self) -> None:
        self.deployed()
        self.as_("bob")
        answer = self.client.post(self.page("server-retire"), {"reason": "Old."})
        self.assertContains(answer, "current deployment. End them first.", status_code=422)
        self.server.refresh_from_db()
        assert self.server.status == "requested"

    def test_a_retired_server_is_requested_again(self) -> None:
        lifecycle.retire(self.server, reason="Old.", by=self.people.bob, now=NOON)
        self.as_("alice")
        self.client.post(self.page("server-request-again"), {})
        self.server.refresh_from_db()
        assert self.server.status == "requested"

    def test_a_withdrawn_approval_suspends_the_server(self) -> None:
        self.scene.approved()
        approval = Approval.objects.get()
        self.as_("bob")
        self.client.post(reverse("web:approval-withdraw", args=[approval.pk]), {"reason": "New facts."})
        self.server.refresh_from_db()
        approval.refresh_from_db()
        assert (self.server.status, approval.status) == ("suspended", "withdrawn")

    def test_a_condition_is_met_once_with_what_shows_it(self) -> None:
        conditional = Approval.Decision.APPROVE_WITH_CONDITIONS
        self.scene.approved(decision=conditional, conditions=[("Pin it.", TODAY + timedelta(days=30))])
        condition = Condition.objects.get()
        url = reverse("web:condition-meet", args=[condition.pk])
        with time_machine.travel(NOON):
            self.as_("bob")
            self.assertContains(self.client.get(self.page("server-detail")), "Mark as met")
            self.client.post(url, {"note": "Pinned in the lock file."})
            again = self.client.post(url, {"note": "Again."})
        condition.refresh_from_db()
        assert (condition.met_note, condition.met_by) == ("Pinned in the lock file.", self.people.bob)
        self.assertContains(again, "met already", status_code=422)


class Overriding(ServerCase):
    def asked(self, **given: Any) -> Any:
        fields = {"residual": "low", "reason": "Only test data.", "expires_on": TODAY + timedelta(days=30)} | given
        return self.client.post(self.page("override-request"), fields)

    def test_one_person_asks_and_another_grants(self) -> None:
        with time_machine.travel(NOON):
            self.scene.final()
            self.as_("mia")
            self.assertRedirects(self.asked(), self.page("server-detail"))
            override = RatingOverride.objects.get()
            decide = reverse("web:override-decide", args=[override.pk])
            assert self.client.post(decide, {"decision": "grant", "note": "Yes."}).status_code == 403
            self.as_("bob")
            self.assertContains(self.client.get(decide), "Only test data.")
            self.client.post(decide, {"decision": "grant", "note": "It is so."})
            page = self.client.get(self.page("server-detail"))
        rating = page.context["rating"]
        assert (rating.residual, rating.residual_computed) == ("low", ANY)
        assert rating.residual_computed != "low"
        self.assertContains(page, "Computed:")

    def test_a_request_beyond_a_year_is_refused_at_its_field(self) -> None:
        with time_machine.travel(NOON):
            self.scene.final()
            self.as_("mia")
            answer = self.asked(expires_on=TODAY + timedelta(days=400))
        self.assertContains(answer, "An override ends within a year", status_code=422)
        assert not RatingOverride.objects.exists()

    def test_a_second_request_is_refused(self) -> None:
        with time_machine.travel(NOON):
            self.scene.final()
            self.as_("mia")
            self.asked()
            assert self.asked(residual="medium").status_code == 422
        assert RatingOverride.objects.get().residual == "low"

    def test_an_override_that_ran_out_makes_way_for_the_next(self) -> None:
        with time_machine.travel(NOON):
            self.scene.final()
            former = overriding.request(
                self.server, residual="low", reason="So.", expires_on=TODAY + A_DAY, by=self.people.mia, now=NOON
            )
            overriding.grant(former, note="Yes.", by=self.people.bob, now=NOON)
        with time_machine.travel(NOON + 3 * A_DAY):
            self.as_("mia")
            self.assertRedirects(self.asked(expires_on=TODAY + 30 * A_DAY), self.page("server-detail"))
        former.refresh_from_db()
        assert (former.status, RatingOverride.objects.filter(status="requested").count()) == ("expired", 1)

    def test_what_would_have_ended_by_now_is_not_granted(self) -> None:
        with time_machine.travel(NOON):
            self.scene.final()
            self.as_("mia")
            self.asked(expires_on=TODAY + A_DAY)
        override = RatingOverride.objects.get()
        with time_machine.travel(NOON + 3 * A_DAY):
            self.as_("bob")
            answered = self.client.post(
                reverse("web:override-decide", args=[override.pk]), {"decision": "grant", "note": "Late."}
            )
        override.refresh_from_db()
        assert (answered.status_code, override.status) == (422, "requested")
        self.assertContains(answered, "The day it would end on has passed.", status_code=422)

    def test_an_approver_revokes_it(self) -> None:
        with time_machine.travel(NOON):
            self.scene.final()
            override = overriding.request(
                self.server, residual="low", reason="So.", expires_on=TODAY + A_DAY, by=self.people.mia, now=NOON
            )
            overriding.grant(override, note="Yes.", by=self.people.bob, now=NOON)
            self.as_("bob")
            self.client.post(reverse("web:override-revoke", args=[override.pk]), {"reason": "No longer true."})
        self.server.rating.refresh_from_db()
        assert self.server.rating.residual == self.server.rating.residual_computed
