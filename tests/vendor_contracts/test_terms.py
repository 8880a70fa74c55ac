"""Terms that are read alone say of every day what the contract says; the page of a vendor asks the same of many."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import product
from typing import Any

from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from contracts.coverage import agreed, in_force
from contracts.coverage.agreed import Statement
from contracts.models import Clause, Contract
from tests import cast
from tests.vendor_contracts import scene
from tests.vendor_contracts.scene import LAST_YEAR, NOON, TODAY
from tests.web.signed_in import as_
from vendors.models import Vendor
from vendors.registering import relations

DAYS = [TODAY + timedelta(days=days) for days in (-400, -1, 0, 1, 45, 400, 900)]


class TermsAlone(TestCase):
    """A vendor of the cast with contracts in each state, with each kind of end."""

    people: cast.Cast
    vendor: Vendor

    @classmethod
    def setUpTestData(cls) -> None:
        cls.people = cast.assemble()
        cls.vendor, _server = scene.supplied(cls.people)

    def test_they_say_of_each_day_what_the_contract_says(self) -> None:
        renewals = (("none", None, None), ("automatic", 12, 30), ("automatic", 1, None), ("agreement", None, 5))
        ends: list[date | None] = [None, TODAY, TODAY + timedelta(days=40)]
        number = 0
        for status, (renewal, months, notice), end in product(Contract.Status.values, renewals, ends):
            if renewal == "automatic" and end is None:
                continue
            number += 1
            decided: dict[str, Any] = {"kept_until": end} if number % 3 == 0 else {}
            given: dict[str, Any] = {"notice_given_on": TODAY} if number % 4 == 0 else {}
            Contract.objects.create(
                number=number, vendor=self.vendor, title=f"No. {number}", status=status, starts_on=LAST_YEAR,
                signed_on=LAST_YEAR, ends_on=end, renewal=renewal, renewal_months=months, notice_days=notice,
                ended_on=TODAY if status == "ended" else None, kind="amendment" if number % 5 == 0 else "master",
                parent=Contract.objects.order_by("number").first() if number % 5 == 0 else None, created_at=NOON,
                **decided, **given,
            )  # fmt: skip
        rows, alone = list(Contract.objects.order_by("number")), Contract.objects.order_by("number").terms()
        assert [one.ref for one in alone] == [row.ref for row in rows]
        for today in DAYS:
            assert [self.state(one, today) for one in alone] == [self.state(row, today) for row in rows]
            assert [one.pk for one in in_force.on(alone, today=today)] == [
                row.pk for row in in_force.on(rows, today=today)
            ]
        assert len({self.state(one, TODAY) for one in alone}) > 8

    def test_the_page_of_a_vendor_takes_as_many_statements_for_many_contracts(self) -> None:
        other = cast.a_vendor(self.people, name="Hosting Ltd")
        for user, used in ((self.vendor, other), (cast.a_vendor(self.people, name="Agency Ltd"), self.vendor)):
            relations.add_sub_processor(user, used, purpose="hosting", by=self.people.alice, now=NOON)
        address, alice = reverse("web:vendor-detail", args=[self.vendor.pk]), as_(self.people.alice)
        alice.get(address)
        for number in (1, 5):
            scene.in_force(self.people, self.vendor, f"Contract {number}")
            with CaptureQueriesContext(connection) as asked:
                page = alice.get(address)
            assert len(asked) == 17
        self.assertContains(page, "Hosting Ltd</a> <span")
        self.assertContains(page, "Agency Ltd</a> <span")
        assert [(row.vendor.name, row.used.name) for row in page.context["sub_processors"]] == [
            (self.vendor.name, "Hosting Ltd")
        ]
        assert [row.vendor.name for row in page.context["used_by"]] == ["Agency Ltd"]

    def test_what_contracts_say_alike_is_found_again_of_each_with_its_page(self) -> None:
        rows = [scene.in_force(self.people, self.vendor, f"Contract {number}") for number in range(4)]
        for page, row in zip((3, None, 0, 7), rows, strict=True):
            for key, value in (("incident_notice", Decimal(24)), ("audit_right", None), ("termination_right", None)):
                unit = "hours" if value else ""
                Clause.objects.create(contract=row, key=key, present="yes", value=value, unit=unit, page=page)
        Clause.objects.filter(contract=rows[3], key="incident_notice").update(value=Decimal(2), unit="days")
        Clause.objects.filter(contract=rows[2], key="audit_right").update(present="unknown")
        papers = in_force.papers(Contract.objects.order_by("number").terms())
        assert len({id(paper.statements["termination_right"]) for paper in papers}) == 1
        found = agreed.by_contract(papers)
        assert {number: {*statements.values()} for number, statements in found.items()} == {
            row.number: {
                Statement(row.ref, one.present, one.value, one.unit, one.currency, one.countries, one.page, one.reason)
                for one in row.clauses.exclude(present="unknown")
            }
            for row in rows
        }

    def test_what_contracts_say_that_are_not_asked_for_is_passed_over(self) -> None:
        for number in range(3):
            row = scene.in_force(self.people, self.vendor, f"Contract {number}")
            Clause.objects.create(contract=row, key="audit_right", present="yes", page=number)
        [first, _second, third] = Contract.objects.order_by("number").terms()
        papers = in_force.papers([first, third])
        placed = [paper.place(paper.statements["audit_right"]) for paper in papers]
        assert [(one.contract, one.page) for one in placed] == [(first.ref, 0), (third.ref, 2)]

    def state(self, row: Any, today: date) -> tuple[Any, ...]:
        return (
            row.goes_on,
            row.term_end(today=today),
            row.notice_day(today=today),
            row.is_undecided(today=today),
            row.holds(today=today),
        )
