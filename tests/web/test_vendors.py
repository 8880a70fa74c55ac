"""The pages of vendors, as the cast sees them."""

import csv
import io
from dataclasses import astuple

from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.models import Event
from tests import cast
from tests.assessments import scenes
from tests.assessments.scenes import Scene
from tests.cast import NOON
from tests.web.signed_in import sign_in
from vendors import lifecycle
from vendors.models import Contact, SubProcessor, Vendor
from vendors.registering import registration, relations
from work.lists import worst_of

HIDDEN_FORMULAS = {
    " =cmd()": " '=cmd()",
    "\t+1": "\t'+1",
    "\r@SUM(1)": "[U+000D]@SUM(1)",
    "\u00a0=1": "\u00a0'=1",
    "＝cmd()": "'＝cmd()",
    "－1+1": "'－1+1",
    "a;=cmd()": "a;'=cmd()",
    "a\n-1+cmd()": "a\n'-1+cmd()",
    "A-B; 2 - 1\n- a point": "A-B; 2 - 1\n- a point",
}


class VendorPages(TestCase):
    people: cast.Cast

    vendor: Vendor
    scene: Scene

    @classmethod
    def setUpTestData(cls) -> None:
        cls.scene = scenes.set_up()
        cls.people = cls.scene.people
        cls.vendor = cls.scene.vendor

    def as_(self, name: str) -> None:
        sign_in(self.client, self.people.everybody[name])

    def page(self, name: str, **kwargs: object) -> str:
        return reverse(f"web:{name}", kwargs={"pk": self.vendor.pk} | kwargs)

    def test_the_list_counts_only_servers_that_the_person_sees(self) -> None:
        self.as_("alice")
        mine = self.client.get(reverse("web:vendor-list")).context["list"].rows[0]
        self.as_("eve")
        theirs = self.client.get(reverse("web:vendor-list")).context["list"].rows[0]
        assert (mine.servers_count, worst_of(mine)) == (1, "not_assessed")
        assert (theirs.servers_count, worst_of(theirs), theirs.findings_open) == (0, "", 0)

    def test_the_list_says_with_the_next_review_whether_the_vendor_was_ever_assessed(self) -> None:
        self.as_("alice")
        page = self.client.get(reverse("web:vendor-list")).content.decode()
        assert '<span class="sub">never assessed</span>' in page
        assert "Last assessed" not in page
        file = self.client.get(reverse("web:vendor-list"), {"format": "csv"}).getvalue().decode("utf-8-sig")
        assert "Last assessed" in file.splitlines()[0]

    def test_a_server_that_is_retired_counts_no_more_and_stays_on_the_page_of_the_vendor(self) -> None:
        self.as_("alice")
        lifecycle.retire(self.scene.server, reason="No.", by=self.people.bob, now=NOON)
        row = self.client.get(reverse("web:vendor-list")).context["list"].rows[0]
        page = self.client.get(self.page("vendor-servers")).context
        [tab] = [tab for tab in page["tabs"] if tab.word == "Servers"]
        assert (row.servers_count, worst_of(row), tab.count, len(page["supplies"].rows)) == (0, "", 1, 1)

    def test_the_list_shows_the_worst_risk_and_the_findings_of_its_servers(self) -> None:
        self.scene.final(choices={scenes.SERVER_QUESTION: "closed"})
        self.as_("alice")
        row = self.client.get(reverse("web:vendor-list")).context["list"].rows[0]
        assert worst_of(row) == self.scene.server.rating.residual
        found = self.client.get(self.page("vendor-findings")).context["in_work"].rows
        assert (row.findings_open, len(found)) == (1, 1)

    def test_a_vendor_in_two_roles_behind_a_server_has_its_findings_counted_once(self) -> None:
        self.scene.final(choices={scenes.SERVER_QUESTION: "closed"})
        registration.add_supplier(self.scene.server, self.vendor, role="host", by=self.people.alice, now=NOON)
        self.as_("alice")
        row = self.client.get(reverse("web:vendor-list")).context["list"].rows[0]
        assert (row.servers_count, row.findings_open) == (1, 1)

    def test_filters_narrow_the_list(self) -> None:
        host = cast.a_vendor(self.people, "Hosting Ltd", kinds=["host"], country="GB", criticality="high")
        self.as_("alice")
        for query in ("kind=host", "country=GB", "criticality=high", "q=hosting", f"q={host.ref}"):
            with self.subTest(query):
                rows = self.client.get(f"{reverse('web:vendor-list')}?{query}").context["list"].rows
                assert [row.name for row in rows] == ["Hosting Ltd"]

    def test_the_csv_holds_the_same_rows_with_formulas_defused(self) -> None:
        cast.a_vendor(self.people, "=cmd()", kinds=["host"])
        self.as_("alice")
        answer = self.client.get(reverse("web:vendor-list"), {"kind": "host", "format": "csv"})
        rows = list(csv.reader(io.StringIO(answer.getvalue().decode("utf-8-sig"))))
        assert [row[1] for row in rows] == ["Vendor", "'=cmd()"]

    def test_the_csv_defuses_formulas_behind_blanks_semicolons_and_wide_signs(self) -> None:
        for number, value in enumerate(HIDDEN_FORMULAS):
            Vendor.objects.filter(pk=cast.a_vendor(self.people, f"V{number}", kinds=["host"]).pk).update(name=value)
        self.as_("alice")
        answer = self.client.get(reverse("web:vendor-list"), {"kind": "host", "format": "csv"})
        rows = list(csv.reader(io.StringIO(answer.getvalue().decode("utf-8-sig"), newline="")))
        assert {row[1] for row in rows[1:]} == set(HIDDEN_FORMULAS.values())

    def test_an_analyst_registers_a_vendor(self) -> None:
        self.as_("alice")
        given = {"name": "New Ltd", "kinds": ["host", "cloud"], "country": "de"}
        answer = self.client.post(reverse("web:vendor-register"), given, follow=True)
        vendor = Vendor.objects.get(name="New Ltd")
        self.assertContains(answer, f"New Ltd is on the register as {vendor.ref}.")
        self.assertRedirects(answer, reverse("web:vendor-detail", args=[vendor.pk]))
        assert (vendor.country, sorted(kind.kind for kind in vendor.kinds.all())) == ("DE", ["cloud", "host"])

    def test_a_vendor_without_a_server_leads_to_registering_one_with_its_name_filled_in(self) -> None:
        self.as_("alice")
        vendor = cast.a_vendor(self.people, "Fresh Ltd")
        page = self.client.get(reverse("web:vendor-detail", args=[vendor.pk]))
        self.assertContains(page, f"{reverse('web:server-register')}?publisher={vendor.pk}")
        for name in ("server-register", "server-register-by-hand"):
            with self.subTest(name):
                form = self.client.get(reverse(f"web:{name}"), {"publisher": str(vendor.pk)}).context["form"]
                assert f'value="{vendor.pk}" selected' in str(form["publisher"])
        self.as_("carol")
        self.assertNotContains(self.client.get(reverse("web:vendor-detail", args=[vendor.pk])), "Register a server")

    def test_a_website_as_people_type_it_is_no_reason_for_the_browser_to_refuse_it(self) -> None:
        self.as_("alice")
        self.assertContains(self.client.get(reverse("web:vendor-register")), '<input type="text" name="website"')
        given = {"name": "FreshCo", "kinds": ["host"], "website": "freshco.example"}
        self.client.post(reverse("web:vendor-register"), given)
        assert Vendor.objects.get(name="FreshCo").website == "https://freshco.example"

    def test_refused_input_comes_back_with_its_reason(self) -> None:
        self.as_("alice")
        given = {"name": "New Ltd", "kinds": ["host"], "website": "ftp://example.com"}
        answer = self.client.post(reverse("web:vendor-register"), given)
        self.assertContains(answer, "Start the address with https:// or http://.", status_code=422)
        self.assertContains(answer, 'value="New Ltd"', status_code=422)
        assert not Vendor.objects.filter(name="New Ltd").exists()

    def test_the_name_of_a_country_is_refused_and_not_cut_to_the_code_of_another(self) -> None:
        self.as_("alice")
        self.assertNotContains(self.client.get(reverse("web:vendor-register")), 'maxlength="2"')
        answer = self.client.post(
            reverse("web:vendor-register"), {"name": "New Ltd", "kinds": ["host"], "country": "Germany"}
        )
        assert answer.status_code == 422
        assert "code of two letters" in str(answer.context["form"].errors["country"])

    def test_a_name_that_is_taken_is_refused_at_its_field(self) -> None:
        self.as_("alice")
        answer = self.client.post(reverse("web:vendor-register"), {"name": "EXAMPLE ltd", "kinds": ["host"]})
        assert answer.status_code == 422
        assert "registered already" in str(answer.context["form"].errors["name"])
        assert Vendor.objects.count() == 1

    def test_readers_cannot_change_a_vendor(self) -> None:
        for name in ("carol", "mia", "ada"):
            self.as_(name)
            for page in ("vendor-edit", "contact-add", "sub-processor-add"):
                with self.subTest(f"{name} {page}"):
                    assert self.client.post(self.page(page), {"name": "Other"}).status_code == 403
            self.assertNotContains(self.client.get(self.page("vendor-detail")), "Change status")
        self.vendor.refresh_from_db()
        assert self.vendor.name == "Example Ltd"

    def test_an_edit_keeps_what_it_does_not_name(self) -> None:
        self.as_("alice")
        form = self.client.get(self.page("vendor-edit")).context["form"]
        given = {name: value or "" for name, value in form.initial.items()} | {"country": "GB"}
        self.assertRedirects(self.client.post(self.page("vendor-edit"), given), self.page("vendor-detail"))
        self.vendor.refresh_from_db()
        assert (self.vendor.name, self.vendor.country) == ("Example Ltd", "GB")
        assert '"fields":["country"]' in Event.objects.get(verb="vendor.edited").body

    def test_a_status_moves_with_a_reason(self) -> None:
        self.as_("alice")
        self.client.post(self.page("vendor-move", to="active"))
        refused = self.client.post(self.page("vendor-move", to="offboarding"), {"reason": ""})
        assert refused.status_code == 422
        self.client.post(self.page("vendor-move", to="offboarding"), {"reason": "Too dear."})
        self.vendor.refresh_from_db()
        assert self.vendor.status == "offboarding"
        assert Event.objects.get(verb="vendor.offboarding").reason == "Too dear."

    def test_a_move_that_is_not_allowed_changes_nothing(self) -> None:
        self.as_("alice")
        answer = self.client.post(self.page("vendor-move", to="offboarding"), {"reason": "Now."})
        self.assertContains(answer, "moved on", status_code=422)
        assert self.client.get(self.page("vendor-move", to="gone")).status_code == 404
        self.vendor.refresh_from_db()
        assert self.vendor.status == "prospective"

    def test_contacts_come_and_go(self) -> None:
        self.as_("alice")
        self.client.post(self.page("contact-add"), {"name": "Sam", "email": "security@example.com"})
        contact = Contact.objects.get()
        self.assertContains(self.client.get(self.page("vendor-detail")), "security@example.com")
        self.client.post(reverse("web:contact-remove", args=[contact.pk]))
        assert not Contact.objects.exists()

    def test_a_get_removes_nothing(self) -> None:
        contact = relations.add_contact(self.vendor, name="Sam", by=self.people.alice, now=NOON)
        self.as_("alice")
        self.assertContains(self.client.get(reverse("web:contact-remove", args=[contact.pk])), "Remove")
        assert Contact.objects.exists()

    def test_a_circle_of_sub_processors_is_refused_with_the_reason(self) -> None:
        cloud = cast.a_vendor(self.people, "Cloud Ltd", kinds=["cloud"])
        relations.add_sub_processor(cloud, self.vendor, purpose="mail", by=self.people.alice, now=NOON)
        self.as_("alice")
        answer = self.client.post(self.page("sub-processor-add"), {"used": cloud.pk, "purpose": "hosting"})
        self.assertContains(answer, "Cloud Ltd itself uses Example Ltd. Remove that first.", status_code=422)
        assert SubProcessor.objects.count() == 1

    def test_every_tab_opens_for_every_member(self) -> None:
        self.scene.final(choices={scenes.SERVER_QUESTION: "closed"})
        for name in self.people.everybody:
            self.as_(name)
            for page in ("detail", "servers", "findings", "evidence", "history"):
                with self.subTest(f"{name} {page}"):
                    assert self.client.get(self.page(f"vendor-{page}")).status_code == 200

    def test_a_page_of_a_vendor_asks_for_its_figures_beside_the_vendor_and_not_for_those_of_the_list(self) -> None:
        self.as_("alice")
        with CaptureQueriesContext(connection) as asked:
            self.client.get(self.page("vendor-servers"))
        [vendor] = [one["sql"] for one in asked if 'FROM "vendors_vendor"' in one["sql"]]
        assert "SELECT" not in vendor.removeprefix("SELECT")
        assert not any("assurance_duediligence" in one["sql"] for one in asked)

    def test_a_page_of_a_vendor_begins_with_the_figures_of_the_list(self) -> None:
        self.scene.final(choices={scenes.SERVER_QUESTION: "closed"})
        registration.add_supplier(self.scene.server, self.vendor, role="host", by=self.people.alice, now=NOON)
        for name, servers in (("alice", 1), ("eve", 0), ("ada", 1)):
            with self.subTest(name):
                self.as_(name)
                row = self.client.get(reverse("web:vendor-list")).context["list"].rows[0]
                head = self.client.get(self.page("vendor-detail")).context["head"]
                listed = (worst_of(row), row.next_review_on, row.servers_count, row.findings_open)
                assert astuple(head) == listed
                assert head.servers == servers

    def test_a_page_of_a_vendor_does_not_judge_it_by_what_is_retired(self) -> None:
        lifecycle.retire(self.scene.server, reason="No.", by=self.people.bob, now=NOON)
        self.as_("alice")
        head = self.client.get(self.page("vendor-detail")).context["head"]
        assert (head.worst, head.next_review_on, head.servers) == ("", None, 1)

    def test_servers_of_another_unit_stay_out_of_sight(self) -> None:
        self.as_("eve")
        assert list(self.client.get(self.page("vendor-servers")).context["supplies"].rows) == []

    def test_strangers_sign_in_first(self) -> None:
        answer = self.client.get(self.page("vendor-detail"))
        assert (answer.status_code, answer["Location"].split("?")[0]) == (302, reverse("web:sign-in"))
