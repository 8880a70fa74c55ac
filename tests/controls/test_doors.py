"""Controls behind the doors: stated a section at once, shown with where it comes from, and covered without flattery."""

import json
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import TestCase
from django.urls import reverse

from accounts.models import Role, User
from catalogue import publishing
from catalogue.models import Control, Framework, Question
from controls import coverage, statuses
from controls.lists import CONTROL_STATUSES
from controls.models import ControlStatus
from findings.models import Finding
from landscape import shared_services
from tests import cast
from tests.api.caller import Caller, frozen
from tests.assessments import scenes
from tests.cast import NOON, Cast
from tests.catalogue.oscal_documents import catalog, control
from tests.web.signed_in import as_
from vendors.models import Server
from vendors.registering import deployments

TODAY = NOON.date()
SECTION = "Secure MCP Communication Implementation"


class Doors(TestCase):
    """A server of Payments; alice works there, carol only reads, eve works elsewhere, olga in all units."""

    people: Cast
    scene: scenes.Scene
    server: Server
    mi_20: Framework
    olga: User

    @classmethod
    def setUpTestData(cls) -> None:
        cls.scene = scenes.set_up()
        cls.people, cls.server = cls.scene.people, cls.scene.server
        cls.mi_20 = Framework.objects.get(key="finos-mi-20", status="current")
        cls.olga = cast.person("olga", role=Role.ANALYST, unit=None)

    def setUp(self) -> None:
        clock = frozen()
        clock.start()
        self.addCleanup(clock.stop)

    def of(self, ref: str) -> Control:
        return Control.objects.select_related("framework", "same_as").get(framework=self.mi_20, ref=ref)

    def rows(self, **typed_in: dict[str, Any]) -> dict[str, Any]:
        """Return what a browser sends of the table, by the last number of a control's reference."""
        sent: dict[str, Any] = {"evidence": "", "owner": "", "as_of": ""}
        for row in self.mi_20.controls.filter(section=SECTION):
            typed = {"seen": "", "state": "", "note": "", "day": "", "effort_days": ""}
            typed |= typed_in.get(f"c{row.ref.rpartition('.')[2]}", {}) if row.ref.count(".") == 2 else {}
            sent |= {f"c{row.pk}-{name}": value for name, value in typed.items()}
        return sent

    def send(self, data: dict[str, Any]) -> Any:
        url = reverse("web:server-state-controls", args=[self.server.pk])
        return as_(self.people.alice).post(f"{url}?section={SECTION.replace(' ', '+')}", data)

    def test_a_section_is_stated_at_once(self) -> None:
        answer = self.send(
            self.rows(
                c1={"state": "in_place", "note": "At the gateway.", "day": "2027-01-31"},
                c2={"state": "planned", "day": "2026-12-24", "effort_days": "5"},
                c3={"state": "not_applicable", "note": "No certificates."},
            )
        )
        assert answer.status_code == 302
        stated = {row.control.ref: row for row in ControlStatus.objects.select_related("control")}
        assert {ref: row.state for ref, row in stated.items()} == {
            "MI-20.2.1": "in_place",
            "MI-20.2.2": "planned",
            "MI-20.2.3": "not_applicable",
        }
        assert stated["MI-20.2.1"].valid_until is not None
        assert (stated["MI-20.2.2"].due_on is not None, stated["MI-20.2.2"].effort_days) == (True, 5)
        assert (stated["MI-20.2.3"].reason, stated["MI-20.2.3"].note) == ("No certificates.", "")

    def test_a_note_beside_the_reason_is_kept_when_the_table_changes_the_reason(self) -> None:
        facts: dict[str, Any] = {"control": self.of("MI-20.2.3"), "by": self.people.alice, "now": NOON}
        row = statuses.state_for_server(
            self.server, state="not_applicable", reason="No certificates.", note="Asked Bob.", **facts
        )
        seen = statuses.restate.version(row)
        self.send(self.rows(c3={"seen": seen, "state": "not_applicable", "note": "No TLS at all."}))
        row.refresh_from_db()
        assert (row.reason, row.note) == ("No TLS at all.", "Asked Bob.")

    def test_of_a_section_all_is_stated_or_nothing_and_each_wrong_row_is_marked(self) -> None:
        answer = self.send(self.rows(c1={"state": "in_place"}, c2={"state": "planned"}, c3={"note": "No word."}))
        assert answer.status_code == 422
        self.assertContains(answer, "Choose a status", status_code=422)
        answer = self.send(self.rows(c1={"state": "in_place"}, c2={"state": "planned"}, c3={"state": "not_applicable"}))
        self.assertContains(answer, "Say by when it is to be in place.", status_code=422)
        self.assertContains(answer, "Say why it does not apply.", status_code=422)
        assert not ControlStatus.objects.exists()

    def test_a_row_that_somebody_else_changed_meanwhile_is_not_written_over(self) -> None:
        how: dict[str, Any] = {"by": self.people.alice, "now": NOON}
        row = statuses.state_for_server(self.server, control=self.of("MI-20.2.1"), state="missing", **how)
        seen = statuses.restate.version(row)
        statuses.restate(row, state="partly", note="Theirs.", **how)
        sent = {"seen": seen, "state": "in_place"}
        answer = self.send(self.rows(c1=sent))
        assert answer.status_code == 200
        row.refresh_from_db()
        assert (row.state, row.note) == ("partly", "Theirs.")

    def test_the_list_reads_what_it_shows_once_and_joins_no_more_than_is_soon_planned(self) -> None:
        how: dict[str, Any] = {"by": self.people.alice, "now": NOON}
        desk = deployments.add_deployment(self.server, name="Desk", environment="production", agent="Bot", **how)
        gateway = shared_services.write(unit=self.people.payments, name="Gateway", kind="gateway", **how)
        control, owner = self.of("MI-20.2.1"), self.people.bob
        statuses.state_for_organisation(control=control, state="missing", by=self.olga, now=NOON)
        statuses.state_for_server(self.server, control=control, state="partly", owner=owner, **how)
        statuses.state_for_deployment(desk, control=control, state="planned", due_on=TODAY, **how)
        statuses.state_for_service(gateway, control=control, state="in_place", **how)
        rows, columns = CONTROL_STATUSES.rows(self.people.alice), CONTROL_STATUSES.in_file
        # The statuses, their frameworks, and the services.
        with self.assertNumQueries(3) as asked:
            lines = [[str(column.written(row, today=TODAY)) for column in columns] for row in rows]
        places = {line[2] for line in lines}
        assert places == {"The whole organisation", str(self.server), str(desk), str(gateway)}
        assert asked.captured_queries[0]["sql"].count(" JOIN ") == 4

    def test_the_tab_says_what_holds_and_whence(self) -> None:
        how: dict[str, Any] = {"by": self.people.alice, "now": NOON}
        general = statuses.state_for_organisation(
            control=self.of("MI-20.2.1"), state="in_place", by=self.olga, now=NOON
        )
        own = statuses.state_for_server(self.server, control=self.of("MI-20.2.2"), state="missing", **how)
        page = as_(self.people.carol).get(reverse("web:server-controls", args=[self.server.pk]))
        self.assertContains(page, f"Stated for the organisation, {general.ref}")
        self.assertContains(page, f"Stated for the server, {own.ref}")
        self.assertContains(page, "1 of 71 controls count as fulfilled here; of 2 something is known.")
        self.assertNotContains(page, "State these")
        assert as_(self.people.eve).get(reverse("web:server-controls", args=[self.server.pk])).status_code == 404

    def test_coverage_counts_nothing_unknown_as_in_place(self) -> None:
        second = self.scene.another_server()
        how: dict[str, Any] = {"by": self.people.alice, "now": NOON}
        statuses.state_for_server(self.server, control=self.of("MI-20.2.1"), state="in_place", **how)
        statuses.state_for_organisation(
            control=self.of("MI-20.2.3"), state="not_applicable", reason="So.", by=self.olga, now=NOON
        )
        statuses.state_for_server(second, control=self.of("MI-20.2.3"), state="partly", **how)
        found = coverage.of(self.mi_20, self.people.alice, today=TODAY, section=SECTION)
        rows = {row.control.ref: row for row in found.rows}
        tls, mutual, certificates = (rows[f"MI-20.2.{number}"] for number in (1, 2, 3))
        assert (found.servers, found.active, found.known) == (2, 10, 2)
        assert (tls.counts["in_place"], tls.not_known, tls.stated, tls.evidenced) == (1, 1, 1, 0)
        assert (mutual.fulfilled, mutual.not_known) == (0, 2)
        assert (certificates.counts["not_applicable"], certificates.counts["partly"], certificates.not_known) == (
            1,
            1,
            0,
        )
        assert certificates.general.status == "not_applicable"
        strangers = coverage.of(self.mi_20, self.people.eve, today=TODAY, section=SECTION)
        assert (strangers.servers, strangers.rows[1].counts["in_place"]) == (0, 0)

    def test_coverage_shows_what_asks_what_was_found_and_what_is_open(self) -> None:
        self.scene.final(choices={scenes.SERVER_QUESTION: "closed"})
        found = coverage.of(self.mi_20, self.people.alice, today=TODAY)
        vetting = next(row for row in found.rows if row.control.ref == "MI-20.1")
        assert scenes.SERVER_QUESTION in [question.key for question in vetting.questions]
        assert (vetting.counts["partly"], vetting.open_findings) == (1, 1)
        page = as_(self.people.carol).get(reverse("web:framework-detail", args=[self.mi_20.pk]))
        self.assertContains(page, "What nobody knows counts as nothing else.")
        read = Caller(self.people.alice).read(f"/frameworks/{self.mi_20.pk}/coverage/")
        [row] = [row for row in read["rows"] if row["control"]["ref"] == "MI-20.1"]
        assert (row["partly"], row["not_known"], row["open_findings"]) == (1, 0, 1)

    def test_coverage_counts_what_vendors_are_asked_and_what_that_found(self) -> None:
        ref = "MI-20.1.8"
        asked_of_vendors = Question.objects.filter(question_set__key=publishing.VENDOR_SET_KEY, controls__ref=ref)
        question = asked_of_vendors.order_by("position")[0]
        Finding.objects.create(
            vendor=self.scene.vendor, title="Kept for ever", question_key=question.key, severity=2, status="open",
            dimension=question.dimension, source="assessment", stable_key=question.key, last_observed_at=NOON,
            created_at=NOON, opened_at=NOON, due_on=TODAY,
        )  # fmt: skip
        found = coverage.of(self.mi_20, self.people.alice, today=TODAY, section=self.of(ref).section)
        [row] = [row for row in found.rows if row.control.ref == ref]
        assert question in row.questions
        assert len(set(row.questions)) == len(row.questions)
        assert row.open_findings == 1

    def test_the_api_states_restates_and_says_what_holds(self) -> None:
        alice = Caller(self.people.alice)
        made = alice.made(
            "/control-statuses/", control=self.of("MI-20.2.1").pk, server=str(self.server.pk), state="missing"
        )
        assert (made["place"], made["state"], made["control"]["ref"]) == ("server", "missing", "MI-20.2.1")
        alice.done(f"/control-statuses/{made['id']}/restate/", state="in_place", note="Done.")
        [holds] = alice.read(f"/servers/{self.server.pk}/controls/")
        assert (holds["status"], holds["counts"], holds["basis"]["origin"]) == ("in_place", True, made["ref"])
        alice.done(f"/control-statuses/{made['id']}/withdraw/", reason="Another server.")
        assert alice.read(f"/servers/{self.server.pk}/controls/") == []

    def test_a_file_is_imported_by_page_and_its_faults_are_named(self) -> None:
        alice, url = as_(self.people.alice), reverse("web:framework-import")
        broken = SimpleUploadedFile("rules.json", json.dumps(catalog({"id": "a"})).encode())
        answer = alice.post(url, {"file": broken, "key": "", "below": ""})
        self.assertContains(answer, "catalog.controls[0].title", status_code=422)
        whole = SimpleUploadedFile("rules.json", json.dumps(catalog(control("a"))).encode())
        answer = alice.post(url, {"file": whole, "key": "", "below": ""})
        assert answer.status_code == 302
        assert Framework.objects.get(key="house-rules").controls.count() == 1

    def test_own_controls_are_added_by_page(self) -> None:
        own = Framework.objects.get(key="own")
        data = {"ref": "OWN-1", "title": "Two people release", "section": "", "requirement": "Two."}
        as_(self.people.alice).post(reverse("web:framework-add-control", args=[own.pk]), data)
        row = own.controls.get()
        assert (row.ref, row.requirement) == ("OWN-1", "Two.")
        url = reverse("web:framework-detail", args=[own.pk])
        self.assertContains(as_(self.olga).get(url), "Change OWN-1")
        self.assertNotContains(as_(self.people.alice).get(url), "Change OWN-1")
        others = reverse("web:framework-add-control", args=[self.mi_20.pk])
        assert as_(self.people.alice).get(others).status_code == 404
