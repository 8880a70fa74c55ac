"""Contracts by page and by API: the clauses' form, what a vendor's tab and the page of the law say."""

from datetime import date
from decimal import Decimal
from typing import Any
from unittest import mock

from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import access
from accounts.models import Unit
from audit.models import Event
from contracts.agreements import agreeing, clauses, legal_profiles, lifecycle
from contracts.agreements.clauses import Reading
from contracts.lists import CONTRACTS
from contracts.models import Clause, Contract, LegalProfile, Service
from findings.models import Finding
from tests import cast
from tests.api.caller import Caller, frozen
from tests.cast import NOON, TODAY, Cast
from tests.vendor_contracts import scene
from tests.web.signed_in import as_
from vendors.models import Server, Vendor


class Doors(TestCase):
    """Example Ltd supplies a server of Payments; alice works with the contract."""

    people: Cast
    vendor: Vendor
    server: Server

    @classmethod
    def setUpTestData(cls) -> None:
        cls.people = cast.assemble()
        cls.vendor, cls.server = scene.supplied(cls.people, legal_entity="Example Ltd")

    def setUp(self) -> None:
        clock = frozen()
        clock.start()
        self.addCleanup(clock.stop)
        self.alice = as_(self.people.alice)

    def address(self, name: str, contract: Contract) -> str:
        return reverse(f"web:contract-{name}", args=[contract.pk])

    def posted(self, contract: Contract, **changes: str) -> dict[str, str]:
        """Return what a browser sends of the form of clauses, with some fields changed."""
        page = self.alice.get(self.address("clauses", contract))
        fields = [field for form in page.context["form"].forms.values() for field in form]
        sent = {field.html_name: "" if field.value() is None else str(field.value()) for field in fields}
        return sent | {name.replace("__", "-"): value for name, value in changes.items()}

    def test_the_list_reads_what_it_shows_once(self) -> None:
        facts: dict[str, Any] = {"ends_on": date(2027, 3, 1), "renewal": "automatic", "renewal_months": 12}
        for title in ("One", "Other"):
            scene.in_force(self.people, self.vendor, title, owner=self.people.alice, notice_days=30, **facts)
        with self.assertNumQueries(1):
            lines = [
                [str(column.written(row, today=TODAY)) for column in CONTRACTS.in_file]
                for row in CONTRACTS.rows(self.people.alice)
            ]
        assert {line[1] for line in lines} == {"One", "Other"}

    def test_a_title_is_enough_and_leads_to_the_clauses(self) -> None:
        address = reverse("web:contract-draft", args=[self.vendor.pk])
        self.assertContains(self.alice.get(address), "Example Ltd")
        sent = {"title": "Services", "kind": "master", "renewal": "none"}
        answer = self.alice.post(address, sent)
        contract = Contract.objects.get()
        self.assertRedirects(answer, self.address("clauses", contract))
        assert (contract.critical_function, contract.ends_on, contract.status) == (None, None, "drafting")

    def test_days_that_do_not_fit_come_back_beside_the_field(self) -> None:
        sent = {
            "title": "Services", "kind": "master", "renewal": "none",
            "starts_on": "2026-03-02", "ends_on": "2026-03-01",
        }  # fmt: skip
        page = self.alice.post(reverse("web:contract-draft", args=[self.vendor.pk]), sent)
        self.assertContains(page, "It ends before it starts, on 2 March 2026. Give a later day.", status_code=422)
        assert not Contract.objects.exists()

    def test_clauses_are_recorded_and_those_that_nobody_touched_stay_unread(self) -> None:
        contract = scene.drafted(self.people, self.vendor)
        sent = self.posted(
            contract, incident_notice__present="yes", incident_notice__value="48", incident_notice__page="12",
            places__present="yes", places__countries="ie de",
        )  # fmt: skip
        self.assertRedirects(self.alice.post(self.address("clauses", contract), sent), self.address("detail", contract))
        read = {row.key: row for row in Clause.objects.all()}
        assert read.keys() == {"incident_notice", "places"}
        notice = read["incident_notice"]
        assert (notice.value, notice.unit, notice.page) == (Decimal(48), "hours", 12)
        page = self.alice.get(self.address("detail", contract))
        self.assertContains(page, "48 hours")
        self.assertContains(page, "DE, IE")

    def test_the_same_form_sent_again_changes_nothing(self) -> None:
        contract = scene.drafted(self.people, self.vendor)
        scene.read(self.people, contract, Reading("incident_notice", "yes", value=Decimal("0.5"), unit="days"))
        before = Clause.objects.values().get()
        self.alice.post(self.address("clauses", contract), self.posted(contract))
        assert Clause.objects.values().get() == before

    def test_days_for_hours_are_asked_back_with_everything_that_was_typed(self) -> None:
        contract = scene.drafted(self.people, self.vendor)
        sent = self.posted(
            contract, incident_notice__present="yes", incident_notice__value="72", incident_notice__unit="days",
            audit_right__present="no",
        )  # fmt: skip
        page = self.alice.post(self.address("clauses", contract), sent)
        self.assertContains(page, "Is 72 hours meant?", status_code=422)
        self.assertContains(page, 'href="#clause-incident_notice"', status_code=422)
        assert not Clause.objects.exists()

    def test_a_clause_that_another_read_meanwhile_is_not_written_over(self) -> None:
        contract = scene.drafted(self.people, self.vendor)
        sent = self.posted(contract, audit_right__present="no")
        clauses.record(contract, readings=[Reading("audit_right", "yes")], by=self.people.bob, now=NOON)
        page = self.alice.post(self.address("clauses", contract), sent)
        self.assertContains(page, "Somebody else has recorded", status_code=422)
        assert Clause.objects.get().present == "yes"

    def test_the_list_says_how_far_off_a_notice_is_until_somebody_has_decided(self) -> None:
        renews: dict[str, Any] = {
            "renewal": "automatic",
            "renewal_months": 12,
            "ends_on": date(2026, 6, 1),
            "notice_days": 90,
        }
        contract = scene.in_force(self.people, self.vendor, **renews)
        pages = (reverse("web:contract-list"), self.address("detail", contract))
        for page in pages:
            self.assertContains(self.alice.get(page), "1 day left")
        lifecycle.keep(contract, reason="We need it.", by=self.people.alice, now=NOON)
        for page in pages:
            self.assertNotContains(self.alice.get(page), "1 day left")

    def test_the_page_of_the_vendor_says_what_is_in_force_and_by_when_to_decide(self) -> None:
        address = reverse("web:vendor-detail", args=[self.vendor.pk])
        self.assertContains(self.alice.get(address), "None on record", count=2)
        scene.drafted(self.people, self.vendor, "Licence")
        self.assertContains(self.alice.get(address), "None of 1 in force")
        renews: dict[str, Any] = {
            "renewal": "automatic",
            "renewal_months": 12,
            "ends_on": date(2026, 6, 1),
            "notice_days": 90,
        }
        contract = scene.in_force(self.people, self.vendor, **renews)
        reliance = self.alice.get(address).context["reliance"]
        assert (reliance.contracts, reliance.in_force, reliance.notice_by) == (2, 1, date(2026, 3, 3))
        assert (reliance.diligence, reliance.certificates) == ("never", 0)
        self.assertContains(self.alice.get(address), "1 in force")
        lifecycle.keep(contract, reason="We need it.", by=self.people.alice, now=NOON)
        assert self.alice.get(address).context["reliance"].notice_by is None

    def test_the_page_of_the_vendor_counts_in_force_what_the_tab_of_its_contracts_does(self) -> None:
        master = scene.in_force(self.people, self.vendor)
        scene.in_force(self.people, self.vendor, "First amendment", kind="amendment", parent=master)
        lifecycle.end(master, ended_on=TODAY, reason="We moved.", by=self.people.alice, now=NOON)
        tab = self.alice.get(reverse("web:vendor-contracts", args=[self.vendor.pk])).context["view"]
        reliance = self.alice.get(reverse("web:vendor-detail", args=[self.vendor.pk])).context["reliance"]
        assert (reliance.in_force, tab.situation.holds) == (0, ())

    def test_the_list_is_narrowed_by_the_day_of_notice(self) -> None:
        renews: dict[str, Any] = {
            "renewal": "automatic",
            "renewal_months": 12,
            "ends_on": date(2026, 6, 1),
            "notice_days": 90,
        }
        contract = scene.in_force(self.people, self.vendor, **renews)
        scene.in_force(self.people, self.vendor, "Licence")
        page = self.alice.get(reverse("web:contract-list"), {"notice_before": "2026-03-31"})
        assert list(page.context["list"].rows) == [contract]
        self.assertContains(page, 'name="notice_before"')

    def test_the_tab_of_the_vendor_says_what_is_missing_and_why(self) -> None:
        address = reverse("web:vendor-contracts", args=[self.vendor.pk])
        self.assertContains(self.alice.get(address), "Your policy for tier 2.")
        contract = scene.in_force(self.people, self.vendor)
        scene.read(self.people, contract, Reading("incident_notice", "yes", value=Decimal(72), unit="hours", page=3))
        page = self.alice.get(address)
        self.assertContains(page, f"{contract.ref}, page 3: yes, 72 hours.")
        self.assertContains(page, "At most 48 hours")
        verdicts = dict(page.context["verdicts"])
        assert verdicts["weak"] == 1
        assert sum(verdicts.values()) == len(page.context["view"].judged)
        self.assertContains(page, '<span class="nowrap"><span class="badge-word tone-high"')
        self.assertContains(page, "This is no legal advice.")
        self.assertNotContains(page, "No contract is in force")

    def test_the_tab_takes_as_many_statements_for_many_contracts(self) -> None:
        address = reverse("web:vendor-contracts", args=[self.vendor.pk])
        scene.in_force(self.people, self.vendor)

        def statements() -> int:
            with CaptureQueriesContext(connection) as asked:
                self.alice.get(address)
            return len(asked)

        self.alice.get(address)
        few = statements()
        for number in range(4):
            scene.in_force(self.people, self.vendor, f"Contract {number}")
        assert statements() == few

    def test_a_server_of_another_unit_is_not_named_among_what_a_contract_covers(self) -> None:
        contract = scene.drafted(self.people, self.vendor)
        hidden = agreeing.cover(contract, server=self.server, by=self.people.alice, now=NOON)
        page = as_(self.people.eve).get(self.address("detail", contract))
        self.assertContains(page, "Servers of other units alone.")
        self.assertNotContains(page, "All that the vendor supplies.")
        agreeing.cover(contract, service="Hosting", by=self.people.alice, now=NOON)
        page = as_(self.people.eve).get(self.address("detail", contract))
        self.assertContains(page, "Hosting")
        self.assertNotContains(page, "Weather")
        eve, at = Caller(self.people.eve), f"/contracts/{contract.pk}/"
        assert len(eve.read(at)["services"]) == 1
        assert eve.post(f"{at}uncover/", contract_service=str(hidden.pk)).status_code == 404
        assert as_(self.people.eve).get(reverse("web:contract-uncover", args=[hidden.pk])).status_code == 404
        assert len(Caller(self.people.alice).read(f"/contracts/{contract.pk}/")["services"]) == 2

    def test_a_contract_for_a_unit_says_to_others_that_there_is_one(self) -> None:
        contract = scene.drafted(self.people, self.vendor)
        agreeing.edit(contract, changes={"for_unit": self.people.payments}, by=self.people.alice, now=NOON)
        at, history = f"/contracts/{contract.pk}/", reverse("web:field-history", args=["contract", contract.pk])
        pages = (self.address("detail", contract), self.address("edit", contract), history)
        for person, names_it in ((self.people.alice, True), (self.people.eve, False)):
            shown = Caller(person).read(at)
            assert (shown["for_unit"], shown["is_for_unseen_unit"]) == (
                ({"id": str(self.people.payments.pk), "name": "Payments", "code": "payments"}, False)
                if names_it
                else (None, True)
            )
            first, second, third = (as_(person).get(page).content.decode() for page in pages)
            assert ("Payments" in first, "A unit that you do not see" in first) == (names_it, not names_it)
            assert ("Payments" in second, "A unit that you do not see" in second) == (names_it, not names_it)
            assert names_it or str(self.people.payments.pk) not in first + second
            assert "Payments" not in third
            assert "Payments" not in Caller(person).get(f"{at}history/").content.decode()

    def test_who_does_not_see_the_unit_of_a_contract_keeps_it_with_what_else_they_change(self) -> None:
        contract = scene.drafted(self.people, self.vendor)
        agreeing.edit(contract, changes={"for_unit": self.people.payments}, by=self.people.alice, now=NOON)
        eve, address = as_(self.people.eve), self.address("edit", contract)
        form = eve.get(address).context["form"]
        sent = {one.html_name: "" if one.value() is None else str(one.value()) for one in form}
        assert eve.post(address, sent | {"reference": "2026/9"}).status_code == 302
        contract.refresh_from_db()
        assert (contract.reference, contract.for_unit) == ("2026/9", self.people.payments)

    def test_who_does_not_see_the_unit_of_a_contract_does_not_take_it_from_there(self) -> None:
        contract = scene.drafted(self.people, self.vendor)
        agreeing.edit(contract, changes={"for_unit": self.people.payments}, by=self.people.alice, now=NOON)
        eve, at = Caller(self.people.eve), f"/contracts/{contract.pk}/"
        # What they read, sent back.
        refused = eve.patch(at, for_unit=eve.read(at)["for_unit"])
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "for_unit")
        assert eve.patch(at, reference="2026/9").status_code == 200
        page, address = as_(self.people.eve), self.address("edit", contract)
        form = page.get(address).context["form"]
        assert [label for _key, label in form.fields["for_unit"].choices] == ["A unit that you do not see"]
        sent = {one.html_name: "" if one.value() is None else str(one.value()) for one in form}
        for other in ("", str(self.people.research.pk)):
            assert page.post(address, sent | {"for_unit": other}).status_code == 422
        contract.refresh_from_db()
        assert (contract.reference, contract.for_unit) == ("2026/9", self.people.payments)
        assert Caller(self.people.alice).patch(at, for_unit=None).status_code == 200

    def test_what_happened_to_a_contract_names_no_server_of_another_unit(self) -> None:
        contract = scene.drafted(self.people, self.vendor)
        agreeing.uncover(self.cover(contract), by=self.people.alice, now=NOON)
        self.cover(contract)
        for verb in ("contract.service_added", "contract.service_removed"):
            event = Event.objects.filter(verb=verb)[0]
            assert Caller(self.people.eve).read(f"/events/{event.pk}/")["details"] == {"service": self.server.ref}
        at, page = f"/contracts/{contract.pk}/history/", reverse("web:field-history", args=["contract", contract.pk])
        assert "Weather" in Caller(self.people.alice).get(at).content.decode()
        self.assertContains(self.alice.get(page), "Weather")
        assert "Weather" not in Caller(self.people.eve).get(at).content.decode()
        self.assertNotContains(as_(self.people.eve).get(page), "Weather")

    def cover(self, contract: Contract) -> Service:
        return agreeing.cover(contract, server=self.server, by=self.people.alice, now=NOON)

    def test_what_another_unit_is_to_the_law_stays_there_though_it_demands_something(self) -> None:
        legal_profiles.write(unit=self.people.payments, financial="credit_institution", by=self.people.alice, now=NOON)
        scene.in_force(self.people, self.vendor)
        finding = Finding.objects.get(vendor=self.vendor, stable_key="contract:none")
        assert "30(1): a unit that the vendor serves; whoever sees the unit is told why." in finding.description
        at, page = f"/vendors/{self.vendor.pk}/agreed/", reverse("web:vendor-contracts", args=[self.vendor.pk])
        for person, named in ((self.people.alice, True), (self.people.eve, False)):
            [law] = [one for one in Caller(person).read(at)["contract_demanded_by"] if "DORA" in one]
            assert ("Payments: financial entity: credit institution." in law) is named
            shown = as_(person).get(page).content.decode()
            assert ("credit institution" in shown, "a unit that the vendor serves" in shown) == (named, not named)
        for text in Finding.objects.filter(vendor=self.vendor).values_list("description", flat=True):
            assert "Payments" not in text

    def test_the_page_of_the_law_says_what_applies_to_whom_and_what_moved(self) -> None:
        how: dict[str, Any] = {"by": self.people.alice, "now": NOON}
        legal_profiles.write(unit=self.people.payments, financial="payment_institution", nis2="none", **how)
        page = self.alice.get(reverse("web:law"))
        self.assertContains(page, "financial entity: payment institution.")
        self.assertContains(page, "Was: In force, from 2 Aug 2026. Now: Agreed, from 2 Dec 2027.")
        self.assertContains(page, "This is no legal advice.")
        self.assertNotContains(page, "Research")

    def test_without_a_unit_the_page_of_the_law_says_what_is_missing(self) -> None:
        with mock.patch.object(access, "visible_units", return_value=Unit.objects.none()):
            self.assertContains(self.alice.get(reverse("web:law")), "No unit is on record.")

    def test_whoever_reads_alone_sees_what_a_unit_is_and_cannot_say_it(self) -> None:
        address = reverse("web:legal-profile", args=[self.people.payments.pk])
        carol = as_(self.people.carol)
        self.assertContains(carol.get(address), "Not known")
        assert carol.post(address, {}).status_code == 403
        assert as_(self.people.eve).get(address).status_code == 404
        facts = dict.fromkeys(
            ("financial", "nis2", "nis2_digital", "personal_data", "eu", "us_listed", "us_bank", "digital_products"),
            "unknown",
        )
        self.alice.post(address, facts | {"high_risk_ai": "deployer", "entity_name": "Payments SE"})
        assert LegalProfile.objects.get().high_risk_ai == "deployer"

    def test_the_api_takes_the_same_steps(self) -> None:
        alice = Caller(self.people.alice)
        made = alice.made("/contracts/", vendor=str(self.vendor.pk), title="Services", ends_on="2027-03-01")
        at = f"/contracts/{made['id']}/"
        alice.done(f"{at}send-for-signing/")
        alice.done(f"{at}sign/", signed_on="2026-03-01", starts_on="2026-03-01")
        read = [{"key": "incident_notice", "present": "yes", "value": "72", "unit": "hours"}]
        changed = alice.done(f"{at}record-clauses/", clauses=read)
        assert (changed["status"], changed["clauses"][0]["value"]) == ("active", "72.0000")
        agreed = alice.read(f"/vendors/{self.vendor.pk}/agreed/")
        weak = [one for one in agreed["clauses"] if one["verdict"] == "weak"]
        assert [(one["clause"], one["wanted"]) for one in weak] == [("incident_notice", "At most 48 hours")]
        assert [row["ref"] for row in alice.read("/contracts/", status="live")["results"]] == [made["ref"]]
        assert alice.read("/contracts/", ends_before="2027-03-01")["results"] == []
        rules = {one["key"]: one for one in alice.read("/law/")["rules"]}
        assert (rules["cra-14"]["stands"], rules["cra-14"]["valid_from"]) == ("to come", date(2026, 9, 11).isoformat())
        assert len(alice.read("/clauses/")) == 33
