"""The list of evidence and what is put on record before an answer rests on it, as the cast sees them."""

import csv
import io
from datetime import timedelta
from typing import Any

import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import TestCase
from django.urls import reverse

from assessments.answers import answering
from evidence import records
from evidence.models import Evidence
from tests import cast
from tests.assessments import documents, scenes
from tests.cast import NOON, TODAY
from tests.web.signed_in import sign_in

LIST, ADD = "web:evidence-list", "web:evidence-add"


class EvidenceList(TestCase):
    """Three pieces of Payments: one that is verified for an answer, one that has run out, and a note."""

    people: cast.Cast
    soc: Evidence

    @classmethod
    def setUpTestData(cls) -> None:
        scene = scenes.set_up()
        cls.people = scene.people
        how: dict[str, Any] = {"by": cls.people.alice, "now": NOON, "unit": cls.people.payments}
        cls.soc = records.add_file(documents.upload(), title="SOC 2", issuer="independent", **how)
        verified = scene.draft().answers.select_related("question").order_by("pk")[:3]
        for row in verified:
            answering.attach(row, cls.soc, by=cls.people.alice, now=NOON)
        for row in verified[:2]:
            documents.verify(row, cls.soc, by=cls.people.alice)
        yesterday = TODAY - timedelta(days=1)
        records.add_link("https://example.com/pentest", title="Pentest", issuer="vendor", valid_until=yesterday, **how)
        records.add_note("Seen on the page.", title="Look at the page", **how)

    def as_(self, name: str) -> None:
        sign_in(self.client, self.people.everybody[name])

    def titles(self, **query: str) -> list[str]:
        with time_machine.travel(NOON):
            return [row.title for row in self.client.get(reverse(LIST), query).context["list"].rows]

    def test_people_of_other_units_do_not_see_it(self) -> None:
        self.as_("carol")
        assert self.titles() == ["Look at the page", "Pentest", "SOC 2"]
        self.as_("eve")
        assert self.titles() == []

    def test_each_filter_holds_what_fits(self) -> None:
        self.as_("alice")
        expected = {
            ("state", "verified"): ["SOC 2"],
            ("state", "unverified"): ["Look at the page"],
            ("state", "expired"): ["Pentest"],
            ("kind", "note"): ["Look at the page"],
            ("issuer", "independent"): ["SOC 2"],
            ("q", "pentest"): ["Pentest"],
            ("q", self.soc.ref): ["SOC 2"],
            ("unit", str(self.people.payments.pk)): ["Look at the page", "Pentest", "SOC 2"],
        }
        for (name, value), titles in expected.items():
            with self.subTest(name=name, value=value):
                assert self.titles(**{name: value}) == titles

    def test_the_csv_says_what_the_list_says(self) -> None:
        self.as_("alice")
        with time_machine.travel(NOON):
            answer = self.client.get(reverse(LIST), {"state": "verified", "format": "csv"})
            rows = list(csv.DictReader(io.StringIO(answer.getvalue().decode("utf-8-sig"))))
        columns = ("Evidence", "State", "Answers", "Verified for", "Unit")
        assert [[row[name] for name in columns] for row in rows] == [
            ["SOC 2", "Verified for an answer", "3", "2", "Payments"]
        ]

    def test_a_file_goes_on_record_for_a_unit_or_for_all(self) -> None:
        self.as_("alice")
        for unit in (str(self.people.payments.pk), ""):
            with self.subTest(unit=unit):
                file = SimpleUploadedFile("terms.txt", b"Terms of " + unit.encode())
                given = {"file": file, "title": "Terms", "issuer": "vendor", "unit": unit}
                answer = self.client.post(reverse(ADD), given, follow=True)
                made = Evidence.objects.latest("number")
                assert (made.kind, made.file_name, str(made.unit_id or "")) == ("file", "terms.txt", unit)
                self.assertContains(answer, f"{made.ref} is on record.")

    def test_refuses_at_the_field_and_keeps_nothing(self) -> None:
        self.as_("alice")
        fake = SimpleUploadedFile("a.pdf", b"MZ\x90\x00 an executable")
        wrong = {
            "file": ({"file": fake, "title": "A", "issuer": "vendor"}, "file"),
            "link": ({"url": "javascript:alert(1)", "title": "A", "issuer": "vendor"}, "url"),
            "note": ({"note": "", "title": "A"}, "note"),
        }
        before = Evidence.objects.count()
        for kind, (given, field) in wrong.items():
            with self.subTest(kind):
                answer = self.client.post(f"{reverse(ADD)}?kind={kind}", given)
                assert answer.status_code == 422
                assert list(answer.context["form"].errors) == [field]
        assert Evidence.objects.count() == before

    def test_nobody_adds_for_another_unit_and_readers_add_nothing(self) -> None:
        given = {"note": "Mine.", "title": "A", "unit": str(self.people.research.pk)}
        before = Evidence.objects.count()
        for name, status in {"alice": 422, "carol": 403, "mia": 403}.items():
            with self.subTest(name):
                self.as_(name)
                assert self.client.post(f"{reverse(ADD)}?kind=note", given).status_code == status
        assert Evidence.objects.count() == before
