"""The register of information: what is handed in under each template, and what is missing before it can be."""

import csv
import io
import re
import zipfile
from datetime import date
from decimal import Decimal
from typing import Any
from unittest import mock

from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from contracts.agreements import agreeing, legal_profiles
from contracts.agreements.clauses import Reading
from contracts.models import Contract, LegalProfile
from contracts.register_of_information import filling, gathering, rows, templates
from contracts.register_of_information.filling import Row
from contracts.register_of_information.templates import Column, Template
from landscape import processes, replacing, use_cases
from landscape.models import BusinessProcess, UseCase
from tests import cast
from tests.api.caller import Caller, frozen
from tests.cast import NOON, TODAY, Cast
from tests.vendor_contracts import scene
from tests.web.signed_in import as_
from vendors.models import Server, Vendor
from vendors.registering import deployments, relations

OUR_LEI, THEIR_LEI = "5493001KJTIIGC8Y1R12", "529900T8BM49AURSDO55"


def test_there_are_fourteen_templates_with_each_column_once():
    found = templates.load()
    assert [one.code for one in found] == [
        "B_01.01", "B_01.02", "B_01.03", "B_02.01", "B_02.02", "B_02.03", "B_03.01", "B_03.02", "B_03.03", "B_04.01",
        "B_05.01", "B_05.02", "B_06.01", "B_07.01",
    ]  # fmt: skip
    assert [one.code for one in found if len({column.code for column in one.columns}) < len(one.columns)] == []


def test_a_cell_that_must_be_filled_and_is_not_is_missing_and_a_formula_stays_a_text():
    template = Template(
        "B_01.01", "One", (Column("c0010", "LEI", needed=True, todo="Give it."), Column("c0020", "Name"))
    )
    found = {"B_01.01": [Row("Payments", {"c0020": "=1+1"})]}

    (cell,) = filling.missing([template], found)
    assert (cell.column.code, cell.about) == ("c0010", "Payments")
    assert filling.as_csv(template, found["B_01.01"]) == "c0010,c0020\r\n,'=1+1\r\n"


def test_what_fills_several_cells_is_one_thing_to_do_and_what_is_by_hand_comes_last():
    code = Column("c0010", "Code", needed=True, at="contract", todo="Give its LEI.")
    kind = Column("c0020", "Type of code", needed=True, at="contract", todo="Give its LEI.")
    total = Column("c0030", "Total", needed=True, todo="Fill it in by hand.")
    template = Template("B_02.02", "Covered", (total, code, kind))
    rows_of = [Row(name, {}, {"contract": name[:2]}) for name in ("A1, Weather", "B2, Maps", "A1, Maps")]

    found = filling.todos(filling.missing([template], {"B_02.02": rows_of}))

    assert [(one.thing, one.words, len(one.cells)) for one in found] == [
        ("A1", "Give its LEI.", 4), ("B2", "Give its LEI.", 2), (None, "Fill it in by hand.", 3),
    ]  # fmt: skip
    assert found[0].columns == [(template, code), (template, kind)]


def test_what_is_not_filled_in_by_hand_is_given_of_something():
    todos = [column for one in templates.load() for column in one.columns if column.todo]
    assert {column.at for column in todos if "by hand." not in column.todo} == {
        "unit", "contract", "contracts", "vendor", "server", "replacing", "process",
    }  # fmt: skip
    assert {column.at for column in todos if column.todo.startswith("The register does not hold it")} == {""}


class OfPayments(TestCase):
    """Example Ltd supplies Weather to Payments under a contract that knows all; Deep Ltd works for Example Ltd."""

    people: Cast
    vendor: Vendor
    server: Server
    contract: Contract
    process: BusinessProcess

    @classmethod
    def setUpTestData(cls) -> None:
        cls.people = people = cast.assemble()
        how: Any = {"by": people.alice, "now": NOON}
        cls.vendor, cls.server = scene.supplied(people, legal_entity="Example Limited", country="IE")
        deep = cast.a_vendor(people, "Deep Ltd")
        relations.add_sub_processor(cls.vendor, deep, purpose="hosting", **how)
        cls.contract = scene.in_force(
            people, cls.vendor, for_unit=people.payments, their_lei=THEIR_LEI, currency="EUR",
            yearly_value=Decimal("1200.50"), notice_days=90, governing_law="IE", ends_on=date(2027, 3, 1),
        )  # fmt: skip
        agreeing.cover(cls.contract, server=cls.server, ict_service="S19", **how)
        legal_profiles.write(
            unit=people.payments, entity_name="Payments SE", lei=OUR_LEI, country="DE",
            financial="payment_institution", **how,
        )  # fmt: skip
        deployment = deployments.add_deployment(
            cls.server, name="Bot", environment="production", agent="Bot", data_reached="high", **how
        )
        cls.process = processes.write(
            unit=people.payments,
            name="Refunds",
            recovery_hours=4,
            is_critical=True,
            when_it_stops="Nobody is paid.",
            **how,
        )
        use_case = use_cases.write(unit=people.payments, name="Bot", **how)
        use_cases.add_deployment(use_case, deployment, **how)
        use_cases.add_process(use_case, cls.process, **how)
        replacing.judge(cls.server, level="hard", reason="Few offer it.", alternatives="Storm Ltd", **how)

    def rows(self, code: str) -> list[dict[str, str]]:
        found = rows.rows(gathering.gather(self.people.alice, maintainer=self.people.payments, today=TODAY))
        return [dict(row.values) for row in found[code]]

    def test_what_the_contract_covers_is_a_row_of_its_function(self):
        assert self.rows("B_02.02") == [
            {
                "c0010": "CO-1", "c0020": OUR_LEI, "c0030": THEIR_LEI, "c0040": "LEI", "c0050": "F1", "c0060": "S19",
                "c0070": "2025-03-02", "c0080": "2027-03-01", "c0100": "90", "c0110": "", "c0120": "IE", "c0130": "",
                "c0160": "", "c0170": "High", "c0180": "",
            }
        ]  # fmt: skip

    def test_entities_contracts_functions_and_judgements_are_what_is_on_record(self):
        assert self.rows("B_01.01") == [
            {
                "c0010": OUR_LEI,
                "c0020": "Payments SE",
                "c0030": "DE",
                "c0040": "Payment institution",
                "c0060": "2026-03-02",
            }
        ]
        assert self.rows("B_02.01") == [
            {"c0010": "CO-1", "c0020": "Standalone arrangement", "c0030": "", "c0040": "EUR", "c0050": "1200.50"}
        ]
        assert self.rows("B_06.01") == [
            {
                "c0010": "F1",
                "c0030": "Refunds",
                "c0040": OUR_LEI,
                "c0050": "Yes",
                "c0080": "4",
                "c0100": "Nobody is paid.",
            }
        ]
        (judged,) = self.rows("B_07.01")
        assert (judged["c0050"], judged["c0080"], judged["c0110"], judged["c0120"]) == (
            "Highly complex substitutability", "No", "Yes", "Storm Ltd",
        )  # fmt: skip

    def test_who_stands_behind_the_provider_has_a_rank_and_no_code_that_nobody_gave(self):
        chain = [(row["c0050"], row["c0030"], row.get("c0060", "")) for row in self.rows("B_05.02")]
        assert chain == [("1", THEIR_LEI, ""), ("2", "", THEIR_LEI)]
        assert [(row["c0010"], row["c0050"]) for row in self.rows("B_05.01")] == [
            (THEIR_LEI, "Example Limited"),
            ("", ""),
        ]

    def test_a_fact_that_is_not_known_of_one_deployment_is_not_known(self):
        deployments.add_deployment(
            self.server, name="Other", environment="staging", agent="Other", by=self.people.alice, now=NOON
        )
        assert [row["c0170"] for row in self.rows("B_02.02")] == [""]

    def test_who_works_elsewhere_sees_nothing_of_it(self):
        found = rows.rows(gathering.gather(self.people.eve, maintainer=None, today=TODAY))
        about = {code: [row.about for row in lines] for code, lines in found.items() if lines}
        assert about == {"B_01.02": ["Research"]}

    def test_a_unit_of_which_nobody_has_said_what_it_is_may_be_an_entity_in_scope(self):
        def named() -> list[str]:
            found = rows.rows(gathering.gather(self.people.ada, maintainer=None, today=TODAY))
            return [row.about for row in found["B_01.02"]]

        assert named() == ["Payments", "Research"]
        legal_profiles.write(unit=self.people.research, financial="none", by=self.people.eve, now=NOON)
        assert named() == ["Payments"]

    def test_of_a_unit_that_somebody_does_not_see_no_door_has_it(self):
        asked = {"unit": str(self.people.payments.pk)}
        for door in ("register-of-information", "register-of-information-archive"):
            assert as_(self.people.eve).get(reverse(f"web:{door}"), asked).status_code == 404
            assert as_(self.people.eve).get(reverse(f"web:{door}")).status_code == 200
        at = f"/units/{self.people.payments.pk}/register-of-information/"
        assert Caller(self.people.eve).get(at).status_code == 404

    def test_without_a_contract_in_force_nothing_is_said_to_be_complete(self):
        page = reverse("web:register-of-information")
        self.assertContains(as_(self.people.eve).get(page), "No contract in force is on record")
        self.assertNotContains(as_(self.people.alice).get(page), "No contract in force is on record")
        with mock.patch.object(filling, "missing", return_value=[]):
            self.assertNotContains(as_(self.people.eve).get(page), "Nothing that the register asks for")
            self.assertContains(as_(self.people.alice).get(page), "Nothing that the register asks for")

    def test_the_page_the_file_and_the_api_say_the_same(self):
        unit = self.people.payments
        with frozen():
            page = as_(self.people.alice).get(reverse("web:register-of-information")).content.decode()
            answer = as_(self.people.alice).get(reverse("web:register-of-information-archive"), {"unit": str(unit.pk)})
            by_api = Caller(self.people.alice).get(f"/units/{unit.pk}/register-of-information/").json()
        archive = zipfile.ZipFile(io.BytesIO(answer.getvalue()))

        assert len(archive.namelist()) == 15
        lines = list(csv.DictReader(io.StringIO(archive.read("missing.csv").decode())))
        assert [(one["template"], one["column"], one["of"]) for one in lines] == [
            (one["template"], one["column"], one["about"]) for one in by_api["missing"]
        ]
        assert f"{len(lines)} cells" in page
        assert archive.read("b_02.01.csv").decode().splitlines()[1] == "CO-1,Standalone arrangement,,EUR,1200.50"

    def test_an_order_has_what_the_contract_above_it_says_and_notice_is_counted_in_days(self):
        readings = (Reading("places", "yes", countries="IE DE"),)
        scene.read(
            self.people, self.contract, *readings,
            Reading("vendor_termination_notice", "yes", value=Decimal(3), unit="months"),
        )  # fmt: skip
        order = scene.in_force(self.people, self.vendor, "Order", kind="order", parent=self.contract)
        agreeing.cover(order, server=self.server, by=self.people.alice, now=NOON)
        found = [(row["c0010"], row["c0110"], row["c0130"]) for row in self.rows("B_02.02")]
        assert found == [(ref, "90", country) for ref in ("CO-1", order.ref) for country in ("DE", "IE")]

    def test_each_function_in_each_country_is_a_row_of_its_own(self):
        scene.read(self.people, self.contract, Reading("places", "yes", countries="IE DE"))
        second = processes.write(
            unit=self.people.payments, name="Chargebacks", recovery_hours=4, is_critical=True,
            when_it_stops="Nobody is paid back.", by=self.people.alice, now=NOON,
        )  # fmt: skip
        use_cases.add_process(UseCase.objects.get(), second, by=self.people.alice, now=NOON)
        found = self.rows("B_02.02")
        assert [(row["c0050"], row["c0130"], row["c0160"]) for row in found] == [
            (function, country, country) for function in ("F1", "F2") for country in ("DE", "IE")
        ]
        assert len({tuple(row.values()) for row in found}) == 4

    def test_a_contract_that_names_nothing_covers_all_that_the_vendor_supplies(self):
        contract = scene.in_force(self.people, self.vendor, "All", for_unit=self.people.payments)
        found = [(row["c0020"], row["c0050"]) for row in self.rows("B_02.02") if row["c0010"] == contract.ref]
        assert found == [(OUR_LEI, "F1")]
        for template in ("B_05.02", "B_07.01"):
            assert contract.ref in {row["c0010"] for row in self.rows(template)}

    def test_a_service_in_words_has_no_exit_plan_that_could_be_missing(self):
        agreeing.cover(self.contract, service="Hosting", by=self.people.alice, now=NOON)
        replacing.judge(self.vendor, level="easy", reason="Many host.", by=self.people.alice, now=NOON)
        assert [(row["c0080"], row["c0110"]) for row in self.rows("B_07.01")] == [("No", "Yes"), ("", "")]

    def test_a_use_case_that_has_ended_serves_no_function(self):
        use_case = UseCase.objects.get()
        use_cases.end(use_case, reason="Over.", by=self.people.alice, now=NOON)
        assert [row["c0050"] for row in self.rows("B_02.02")] == [""]

    def test_the_page_leads_to_where_each_missing_thing_is_given(self):
        LegalProfile.objects.update(lei="")
        Contract.objects.update(their_lei="")
        with frozen():
            page = as_(self.people.alice).get(reverse("web:register-of-information")).content.decode()
        links = re.findall(r'class="title-cell"><a href="([^"]+)">([^<]+)</a>', page)
        unit, contract = f"/units/{self.people.payments.pk}/law/", f"/contracts/{self.contract.pk}/"
        assert links.count((unit, "Give the unit&#x27;s LEI on the page Law.")) == 1
        assert links.count((contract, "Give the vendor&#x27;s LEI in the contract.")) == 1
        assert (f"/vendors/{self.vendor.pk}/contracts/", "Give the vendor&#x27;s LEI in a contract.") in links
        for address in {address for address, _words in links}:
            assert as_(self.people.alice).get(address).status_code == 200

    def test_more_contracts_cost_no_more_statements(self):
        def counted() -> int:
            with CaptureQueriesContext(
                connection,
            ) as asked:
                rows.rows(gathering.gather(self.people.alice, maintainer=None, today=TODAY))
            return len(asked)

        before = counted()
        other = scene.in_force(self.people, self.vendor, "More", for_unit=self.people.payments)
        agreeing.cover(other, server=self.server, by=self.people.alice, now=NOON)
        assert counted() == before
