"""Lists that show their first rows only say so, and lead to the rest."""

from datetime import timedelta
from typing import Any, ClassVar
from unittest.mock import patch

from django.test import TestCase
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from assessments.answers import answering, scored_lines
from assessments.models import Answer, Assessment
from audit import context
from audit.models import Event
from evidence import records
from findings import acceptance, register
from scoring.scales import Severity
from tests import cast
from tests.assessments import scenes
from tests.cast import NOON
from tests.web.signed_in import sign_in
from vendors.registering import registration
from web.assessments import answer_evidence
from web.findings import findingframe
from web.page_parts import listing, lists
from web.proof import evidence, trail
from web.servers import evidenceframe, servers
from web.vendors import vendors


class CutLists(TestCase):
    """A draft of a server of Payments; two notes lie behind one answer about the server, one is about the vendor."""

    scene: ClassVar[scenes.Scene]
    draft: ClassVar[Assessment]

    @classmethod
    def setUpTestData(cls) -> None:
        cls.scene = scenes.set_up()
        cls.draft = cls.scene.draft(at=timezone.now())
        about_server, about_vendor = (cls.first_row(subject) for subject in ("release", "vendor"))
        for row, title in ((about_server, "Old log"), (about_server, "New log"), (about_vendor, "Certificate")):
            cls.attach(row, title)

    @classmethod
    def first_row(cls, subject: str) -> Answer:
        return next(row for row in scored_lines.answers_of(cls.draft) if row.question.subject == subject)

    @classmethod
    def attach(cls, row: Answer, title: str) -> None:
        how: dict[str, Any] = {"by": cls.scene.people.alice, "now": timezone.now()}
        answering.attach(row, records.add_note("Seen.", title=title, unit=cls.draft.unit, **how), **how)

    def setUp(self) -> None:
        sign_in(self.client, self.scene.people.alice)

    def get(self, name: str, *args: object, **query: str) -> Any:
        return self.client.get(reverse(f"web:{name}", args=args), query)

    def titles(self, **query: str) -> list[str]:
        return [row.title for row in self.get("evidence-list", **query).context["list"].rows]

    def test_evidence_of_a_server_leads_to_all_of_it(self) -> None:
        server = self.scene.server
        self.assertNotContains(self.get("server-evidence", server.pk), "pieces of evidence.")
        with patch.object(evidenceframe, "SHOWN", 2):
            page = self.get("server-evidence", server.pk)
        self.assertContains(page, "The latest 2 of 3 pieces of evidence.")
        self.assertContains(page, f'href="{reverse("web:evidence-list")}?server={server.pk}"')
        assert self.titles(server=str(server.pk)) == ["Certificate", "New log", "Old log"]

    def test_evidence_of_a_vendor_leads_to_all_of_it(self) -> None:
        vendor = self.scene.vendor
        with patch.object(evidenceframe, "SHOWN", 0):
            page = self.get("vendor-evidence", vendor.pk)
        assert page.context["all_url"] == f"{reverse('web:evidence-list')}?vendor={vendor.pk}"
        assert page.context["total"] == 1
        assert self.titles(vendor=str(vendor.pk)) == ["Certificate"]
        sign_in(self.client, self.scene.people.eve)
        assert self.titles(server=str(self.scene.server.pk)) == []

    def test_servers_of_a_vendor_lead_to_the_list_of_servers(self) -> None:
        vendor = self.scene.vendor
        registration.add_supplier(self.scene.server, vendor, role="host", by=self.scene.people.alice, now=NOON)
        with patch.object(vendors, "SERVERS_SHOWN", 1):
            page = self.get("vendor-servers", vendor.pk)
        self.assertContains(page, "The first 1 of 2 servers.")
        self.assertContains(page, f'href="{reverse("web:server-list")}?vendor={vendor.pk}"')

    def test_what_is_on_record_is_found_by_words(self) -> None:
        at = (self.draft.pk, self.first_row("deployment").pk)
        with patch.object(answer_evidence, "RECENT", 1):
            page = self.get("answer-evidence", *at, kind="record")
            found = self.get("answer-evidence", *at, kind="record", q="old")
        self.assertContains(page, "The latest 1 of 3 pieces of evidence. Type words to find others.")
        self.assertNotContains(page, "Old log")
        self.assertContains(found, "Old log")
        self.assertNotContains(found, "The latest")
        self.assertContains(self.get("answer-evidence", *at, kind="record", q="zzz"), "has these words")
        old = self.first_row("release").evidence.get(title="Old log")
        url = f"{reverse('web:answer-evidence', args=at)}?kind=record&q=old"
        assert self.client.post(url, {"evidence": old.pk}).status_code == 302
        assert self.first_row("deployment").evidence.get() == old

    def test_answers_that_rest_on_evidence(self) -> None:
        row = self.first_row("release").evidence.get(title="Old log")
        answering.attach(self.first_row("deployment"), row, by=self.scene.people.alice, now=timezone.now())
        with patch.object(evidence, "USES_SHOWN", 1):
            self.assertContains(self.get("evidence-detail", row.pk), "The latest 1 of 2 answers.")

    def test_choices_say_how_to_find_others(self) -> None:
        self.scene.another_server()
        cast.a_vendor(self.scene.people, "Zeta Ltd")
        for name, times in (("assessment-choose", 1), ("finding-raise", 2)):
            self.assertNotContains(self.get(name), "Type words")
            with patch.object(lists, "OFFERED", 1):
                page = self.get(name)
            self.assertContains(page, "The first 1 of 2", count=times)
            self.assertContains(page, "Type words to find others.", count=times)

    def test_changes_of_a_rating(self) -> None:
        server = self.scene.another_server()
        self.scene.final(server)
        how: dict[str, Any] = {"dimension": "data_handling", "severity": Severity.CRITICAL, "now": NOON}
        register.open_by_hand(server, title="Leak", **how, by=self.scene.people.alice)
        total = server.rating_history.count()
        assert total > 1
        with patch.object(servers, "CHANGES_SHOWN", 1):
            self.assertContains(self.get("server-detail", server.pk), f"The latest 1 of {total} changes.")

    def test_events_and_fields_of_one_occasion(self) -> None:
        alice, unit = self.scene.people.alice, self.draft.judged_server.unit
        with context.acting(context.Actor("person", str(alice.pk), "Alice", str(alice.pk))):
            for name in ("one", "two", "three"):
                server = registration.register_server(
                    unit=unit, name=f"io.example/{name}", title=name, by=alice, now=NOON
                )
            for title in ("Three", "Third"):
                registration.edit_server(server, changes={"title": title}, by=alice, now=NOON)
        event = Event.objects.filter(verb="server.registered").latest("id")
        with patch.multiple(trail, OTHERS_SHOWN=1, DIFFS_SHOWN=1):
            page = self.get("event", event.pk)
        shown = {
            name: (len(page.context[name]), page.context[f"{name}_total"]) for name in ("others", "diffs", "beside")
        }
        assert shown == {"others": (1, 4), "diffs": (1, 3), "beside": (1, 2)}
        for words in ("The latest 1 of 4 events.", "The first 1 of 3 changes.", "The first 1 of 2 changes."):
            self.assertContains(page, words)

    def test_people_who_can_decide_are_counted_beyond_the_first(self) -> None:
        how: dict[str, Any] = {"by": self.scene.people.alice, "now": NOON}
        what: dict[str, Any] = {"title": "Leak", "dimension": "data_handling", "severity": Severity.LOW}
        finding = register.open_by_hand(self.scene.server, **what, **how)
        for name in ("ann", "ben", "zoe"):
            cast.person(name, role=Role.APPROVER, unit=self.draft.unit)
        until = NOON.date() + timedelta(days=30)
        acceptance.request(finding, reason="So.", compensating_control="Logs.", expires_on=until, **how)
        with patch.object(findingframe, "NAMED", 2):
            self.assertContains(self.get("finding-detail", finding.pk), "Ann, Ben and 2 more.")

    def test_a_file_that_does_not_hold_every_row_is_called_so(self) -> None:
        day = f"{timezone.localdate():%Y-%m-%d}"
        whole = self.get("evidence-list", format="csv")
        with patch.object(listing, "CSV_LIMIT", 2):
            part = self.get("evidence-list", format="csv")
            rows = part.getvalue().decode().strip().splitlines()
        assert whole["Content-Disposition"] == f'attachment; filename="evidence-{day}.csv"'
        assert part["Content-Disposition"] == f'attachment; filename="evidence-first-2-{day}.csv"'
        assert len(rows) == 3
