"""Pages of certificates and due diligence: filled in by hand, refused beside the field, and *never* is never fine."""

from datetime import timedelta
from typing import Any

from django.db import connection
from django.test import Client, TestCase
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from alerts import relay
from alerts.models import Alert
from assurance import rounds
from assurance.models import CONDITIONS, Certificate, DueDiligence
from jobs import dated
from tests import cast
from tests.api.caller import Caller, frozen
from tests.assessments import documents
from tests.assurance.made import ISO, a_certificate, a_round, complete, told_by
from tests.cast import NOON, TODAY, Cast
from tests.web.signed_in import as_
from vendors.models import Vendor
from web.vendors.vendor_assurance import ROUNDS_SHOWN

FORM = {name: str(value) for name, value in ISO.items() if name != "kind"}


class Pages(TestCase):
    """alice fills in what she knows of a vendor whose owner is bob."""

    people: Cast
    vendor: Vendor

    @classmethod
    def setUpTestData(cls) -> None:
        cls.people = cast.assemble()
        owner = cls.people.bob
        cls.vendor = cast.a_vendor(cls.people, legal_entity="Example Ltd", relationship_owner=owner)

    def setUp(self) -> None:
        clock = frozen()
        clock.start()
        self.addCleanup(clock.stop)
        self.alice = as_(self.people.alice)

    def post(self, route: str, *args: Any, **data: Any) -> Any:
        return self.alice.post(reverse(f"web:{route}", args=args), data)

    def page(self, route: str, *args: Any) -> str:
        return str(self.alice.get(reverse(f"web:{route}", args=args)).content.decode())

    def test_a_certificate_is_recorded_with_its_document(self) -> None:
        sent = self.post("certificate-record", self.vendor.pk, "iso_27001", file=documents.upload(), **FORM)
        row = Certificate.objects.get()
        assert sent.headers["Location"] == reverse("web:certificate-detail", args=[row.pk])
        assert (row.evidence.kind, row.evidence.title) == ("file", "ISO 27001 certificate of Example Ltd")
        assert row.evidence.valid_until == ISO["ends_on"]
        assert "In force" in self.page("certificate-detail", row.pk)
        assert row.ref in self.page("evidence-detail", row.evidence_id)

    def test_what_is_wrong_comes_back_beside_its_field_and_keeps_no_document(self) -> None:
        sent = self.post("certificate-record", self.vendor.pk, "iso_27001", **FORM)
        assert "Choose a file, or evidence on record" in sent.content.decode()
        wrong = FORM | {"issued_on": str(TODAY + timedelta(days=1)), "file": documents.upload()}
        sent = self.post("certificate-record", self.vendor.pk, "iso_27001", **wrong)
        assert sent.status_code == 422
        assert "cannot be issued on a day that has not come" in sent.content.decode()
        assert not Certificate.objects.exists()

    def test_of_another_legal_entity_the_page_says_so(self) -> None:
        row = a_certificate(self.people, self.vendor, legal_entity="Example Inc")
        assert "another legal entity than the vendor" in self.page("certificate-detail", row.pk)

    def test_where_nobody_knows_the_vendors_legal_entity_the_page_says_so(self) -> None:
        words = "Nobody recorded the vendor’s legal entity."
        known, unknown = self.vendor, cast.a_vendor(self.people, "Nameless")
        pages = [self.page("certificate-detail", a_certificate(self.people, one).pk) for one in (known, unknown)]
        assert [words in page for page in pages] == [False, True]

    def test_the_conditions_are_yes_no_or_not_known(self) -> None:
        row = a_certificate(self.people, self.vendor)
        version = version_of(self.page("certificate-judge", row.pk))
        self.post("certificate-judge", row.pk, version=version, is_read="yes", own_audits="no")
        row.refresh_from_db()
        assert (row.is_read, row.own_audits, row.plan_fits) == (True, False, None)
        assert self.page("certificate-detail", row.pk).count("Not known") >= len(CONDITIONS) - 2

    def test_a_vendor_at_whom_nobody_looked_is_never_shown_as_fine(self) -> None:
        assert "Never" in self.page("vendor-list")
        assert "Nobody has ever looked" in self.page("vendor-assurance", self.vendor.pk)
        vendor = Caller(self.people.alice, now=NOON).read(f"/vendors/{self.vendor.pk}/")
        assert vendor["due_diligence"] == "never"

    def test_rounds_that_were_given_up_do_not_hide_the_one_that_counts(self) -> None:
        complete(self.people, self.vendor)
        for _ in range(ROUNDS_SHOWN):
            rounds.cancel(
                rounds.start(self.vendor, by=self.people.alice, now=NOON), reason="No.", by=self.people.alice, now=NOON
            )
        page = self.alice.get(reverse("web:vendor-assurance", args=[self.vendor.pk]))
        assert (page.context["state"], page.context["rounds"].total) == ("complete", ROUNDS_SHOWN + 1)
        assert f"{reverse('web:due-diligence-list')}?vendor={self.vendor.pk}" in page.content.decode()
        page = self.alice.get(reverse("web:vendor-detail", args=[self.vendor.pk]))
        assert page.context["reliance"].diligence == "complete"

    def test_pages_ask_the_database_no_more_often_for_more_rows(self) -> None:
        for scope in ("One", "Another"):
            a_certificate(self.people, self.vendor, scope=scope)
        made = complete(self.people, self.vendor)
        few = rounds.start(self.vendor, by=self.people.alice, now=NOON)
        addresses = [
            reverse("web:vendor-assurance", args=[self.vendor.pk]),
            *(reverse(f"web:{name}-list") for name in ("certificate", "due-diligence")),
            *(reverse("web:due-diligence-detail", args=[one.pk]) for one in (made, few)),
        ]
        asked = [statements(self.alice, one) for one in addresses]
        # A page of a round with many items that can be filled in asks no more than that of one with few.
        minor = cast.a_vendor(self.people, "Minor", criticality="low")
        short = rounds.start(minor, by=self.people.alice, now=NOON)
        assert short.items.count() < few.items.count()
        assert statements(self.alice, reverse("web:due-diligence-detail", args=[short.pk])) == asked[-1]
        rounds.cancel(short, reason="No.", by=self.people.alice, now=NOON)
        for vendor in (self.vendor, minor):
            a_certificate(self.people, vendor, scope="A third")
        complete(self.people, minor)
        assert [statements(self.alice, one) for one in addresses[:3]] == asked[:3]

    def test_a_round_is_begun_and_its_items_are_filled_in(self) -> None:
        begun = self.post("due-diligence-start", self.vendor.pk)
        made = DueDiligence.objects.get()
        self.assertRedirects(begun, reverse("web:due-diligence-detail", args=[made.pk]))
        item = made.items.earliest("position")
        page = self.page("due-diligence-item-record", item.pk)
        assert item.good in page
        seen = version_of(page)
        fields = {"outcome": "concerns", "looked_on": str(TODAY), "note": "", "version": seen}
        assert self.post("due-diligence-item-record", item.pk, **fields).status_code == 422
        self.post("due-diligence-item-record", item.pk, **fields | {"note": "The owner is new."})
        item.refresh_from_db()
        assert (item.outcome, item.looked_by, item.note) == ("concerns", self.people.alice, "The owner is new.")
        assert "The owner is new." in self.page("due-diligence-detail", made.pk)

    def test_whoever_looked_is_told_who_completes_it(self) -> None:
        made = a_round(self.people, self.vendor)
        assert "An approver" in self.page("due-diligence-detail", made.pk)
        zoe = cast.person("zoe", role="approver", unit=self.people.payments)
        Caller(zoe, now=NOON).done(f"/due-diligence/{made.pk}/complete/", conclusion="Fine.")
        assert "Complete" in self.page("vendor-assurance", self.vendor.pk)

    def test_the_owner_is_told_90_30_and_7_days_ahead_on_the_day_and_after_it(self) -> None:
        a_certificate(self.people, self.vendor)
        told = told_by("certificate")
        titles = []
        for left in (91, 90, 30, 7, 0, -1):
            now = NOON + timedelta(days=200 - left)
            dated.tell(told, now=now)
            relay.relay(now=now)
            titles += list(
                Alert.objects.filter(recipient=self.people.bob, created_at=now).values_list("title", flat=True)
            )
        name = "CE-1 ISO 27001 certificate of Example Ltd"
        ahead = [f"{name} ends in {days} days" for days in (90, 30, 7)]
        assert titles == [*ahead, f"{name} ends today", f"{name} counts no more"]


def version_of(page: str) -> str:
    """Return the version that a form carries."""
    _before, _, rest = page.partition('name="version" value="')
    return rest.partition('"')[0]


def statements(browser: Client, address: str) -> int:
    """Return how many statements a page takes, the second time it is opened."""
    browser.get(address)
    with CaptureQueriesContext(connection) as asked:
        assert browser.get(address).status_code == 200
    return len(asked)
