"""Statuses of controls: stated once a place, refused where they contradict themselves, and used everywhere."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.access import NotPermitted
from accounts.models import Role, User
from accounts.units.other_units import HoldsElsewhere
from alerts import relay
from alerts.models import Alert
from audit.models import Event
from catalogue.models import Control, Framework
from controls import following, statuses
from controls.in_place import reading, summing
from controls.models import ControlStatus, SourcedStatuses
from controls.sources import contradictions, sourcing
from controls.statuses import ControlGone, StatusInvalid
from evidence import records
from evidence.models import Evidence
from findings.models import Finding
from jobs import dated
from landscape import shared_services
from landscape.models import SharedService
from reports.builders import controls as paper
from riskregister.refusals import Conflict, Refused
from tests import cast
from tests.assessments import scenes
from tests.cast import NOON, Cast
from tests.controls import saying
from tests.web.signed_in import as_
from vendors.models import Deployment, Server
from vendors.registering import deployments

TODAY = NOON.date()
DAY = timedelta(days=1)


def control(ref: str, framework: str = "finos-mi-20") -> Control:
    return Control.objects.select_related("framework").get(
        ref=ref, framework__key=framework, framework__status="current"
    )


class Statuses(TestCase):
    """A server of Payments with a deployment; alice states, olga for the organisation, eve works elsewhere."""

    scene: scenes.Scene
    people: Cast
    server: Server
    deployment: Deployment
    tls: Control
    olga: User

    @classmethod
    def setUpTestData(cls) -> None:
        cls.scene = scenes.set_up()
        cls.people, cls.server = cls.scene.people, cls.scene.server
        cls.deployment = deployments.add_deployment(
            cls.server, name="Desk", environment="production", agent="Support", by=cls.people.alice, now=NOON
        )
        cls.tls = control("MI-20.2.1")
        cls.olga = cast.person("olga", role=Role.ANALYST, unit=None)

    def state(self, word: str, *, of: Any = "server", on: Control | None = None, **facts: Any) -> ControlStatus:
        """Return what alice, or olga for the organisation, states of a control: TLS unless another one is named."""
        by = self.olga if of is None else self.people.alice
        arguments: dict[str, Any] = {"control": on or self.tls, "state": word, "by": by, "now": NOON} | facts
        if of is None:
            return statuses.state_for_organisation(**arguments)
        if isinstance(of, Deployment):
            return statuses.state_for_deployment(of, **arguments)
        return statuses.state_for_server(self.server, **arguments)

    def evidence(self, *, until: date | None = None, unit: Any = None) -> Evidence:
        note = records.prepare_note(
            "Seen.", title="A scan", valid_until=until, issued_on=TODAY - 9 * DAY, unit=unit, by=self.people.alice,
            now=NOON,
        )  # fmt: skip
        return records.add(note, by=self.people.alice, now=NOON)

    def holds(self, *, of: Deployment | None = None, on: Control | None = None) -> Any:
        known = reading.load_servers(Server.objects.all(), today=TODAY)
        return known.effective(self.server.pk, (on or self.tls).pk, deployment=of.pk if of else None)

    def test_is_stated_with_who_says_so_and_since_when(self) -> None:
        row = self.state("in_place", owner=self.people.bob, note="By the gateway.")
        assert (row.place, row.server, row.unit, row.deployment) == ("server", self.server, self.people.payments, None)
        assert (row.as_of, row.stated_by, row.owner) == (TODAY, self.people.alice, self.people.bob)
        event = Event.objects.get(object_id=row.pk)
        assert (event.verb, event.data) == ("control_status.stated", {"control": "MI-20.2.1", "state": "in_place"})

    def test_the_more_specific_stands_above(self) -> None:
        self.state("in_place", of=None)
        assert self.holds().status == "in_place"
        self.state("missing")
        assert (self.holds().status, self.holds(of=self.deployment).status) == ("missing", "missing")
        self.state("planned", of=self.deployment, due_on=TODAY + DAY, effort_days=3)
        assert (self.holds().status, self.holds(of=self.deployment).status) == ("missing", "planned")

    def test_is_stated_once_a_place(self) -> None:
        self.state("missing")
        with pytest.raises(Conflict, match="Change that one"):
            self.state("in_place")
        assert ControlStatus.objects.count() == 1

    def test_what_contradicts_itself_is_refused(self) -> None:
        table: tuple[tuple[str, dict[str, Any], str], ...] = (
            ("not_known", {}, "Nothing to state"),
            ("not_applicable", {}, "Say why"),
            ("planned", {}, "by when"),
            ("missing", {"due_on": TODAY}, "Only what is planned"),
            ("in_place", {"effort_days": 3}, "Nothing is left to do"),
            ("missing", {"valid_until": TODAY}, "can run out"),
            ("in_place", {"as_of": TODAY + DAY}, "today at the latest"),
            ("in_place", {"valid_until": TODAY - DAY}, "cannot run out before"),
            ("missing", {"effort_days": 2001}, "from 0 to 2,000"),
            ("so", {}, "Choose one of"),
        )
        for word, facts, sentence in table:
            with self.subTest(word=word, facts=facts), pytest.raises(Refused, match=sentence):
                self.state(word, **facts)
        assert not ControlStatus.objects.exists()

    def test_evidence_ends_what_rests_on_it(self) -> None:
        row = self.state("in_place", evidence=self.evidence(until=TODAY + 9 * DAY), valid_until=TODAY + 99 * DAY)
        assert row.valid_until == TODAY + 9 * DAY
        with pytest.raises(StatusInvalid, match="had run out"):
            self.state("in_place", of=None, evidence=self.evidence(until=TODAY - DAY))
        with pytest.raises(Refused, match="another unit"):
            self.state("in_place", of=None, evidence=self.evidence(unit=self.people.payments))

    def test_of_what_was_withdrawn_or_superseded_nothing_is_stated(self) -> None:
        with pytest.raises(ControlGone, match="Use SR-3, SR-5"):
            self.state("in_place", on=control("SA-12", "nist-sp-800-53"))
        former = Control.objects.get(ref="MI-20.2.1", framework__status="superseded")
        with pytest.raises(ControlGone, match="current revision"):
            self.state("in_place", on=former)

    def test_what_an_overlay_names_again_is_stated_of_the_control_below(self) -> None:
        row = self.state("in_place", on=control("SR-3", "nist-sp-800-161"))
        assert row.control == control("SR-3", "nist-sp-800-53")

    def test_is_stated_anew_and_taken_back_to_not_known(self) -> None:
        row = self.state("missing", effort_days=4)
        statuses.restate(row, state="in_place", note="Done.", by=self.people.bob, now=NOON)
        row.refresh_from_db()
        assert (row.state, row.effort_days, row.stated_by) == ("in_place", None, self.people.bob)
        before = Event.objects.count()
        statuses.restate(row, state="in_place", note="Done.", by=self.people.bob, now=NOON)
        assert Event.objects.count() == before
        statuses.withdraw(row, reason="It was another server.", by=self.people.alice, now=NOON)
        assert (row.state, self.holds().status) == ("not_known", "not_known")
        with pytest.raises(StatusInvalid, match="already"):
            statuses.withdraw(row, reason="Again.", by=self.people.alice, now=NOON)

    def test_strangers_see_and_state_nothing_of_another_unit(self) -> None:
        row = self.state("missing")
        general = self.state("missing", of=None)
        assert set(ControlStatus.objects.visible_to(self.people.alice)) == {row, general}
        assert list(ControlStatus.objects.visible_to(self.people.eve)) == [general]
        with pytest.raises(NotPermitted):
            self.state("missing", of=self.deployment, by=self.people.eve)

    def test_for_the_organisation_only_somebody_of_all_units_states_restates_and_takes_back(self) -> None:
        general, alice = self.state("missing", of=None), self.people.alice
        steps: tuple[Any, ...] = (
            lambda by: statuses.restate(general, state="in_place", by=by, now=NOON),
            lambda by: statuses.withdraw(general, reason="A mistake.", by=by, now=NOON),
            lambda by: self.state("in_place", of=None, on=control("MI-20.2.2"), by=by),
        )
        for step in steps:
            with pytest.raises(HoldsElsewhere, match="an analyst or approver of all units does that"):
                step(alice)
        assert statuses.restate.offer(general, alice).barred
        url = reverse("web:framework-state", args=[self.tls.framework_id])
        assert [as_(who).get(url).status_code for who in (alice, self.olga)] == [403, 200]
        page = as_(alice).get(reverse("web:framework-detail", args=[self.tls.framework_id]))
        self.assertNotContains(page, "State for the organisation")
        for step in steps:
            step(self.olga)

    def test_of_a_service_of_all_units_only_somebody_of_each_that_runs_behind_it_states(self) -> None:
        how: dict[str, Any] = {"by": self.people.alice, "now": NOON}
        gateway = shared_services.write(unit=None, name="Gateway", kind="gateway", **how)
        shared_services.add(self.deployment, gateway, **how)
        known = statuses.state_for_service(gateway, control=self.tls, state="missing", **how)
        theirs = cast.a_server(self.people, "com.example/theirs", unit=self.people.research, by=self.people.eve)
        lab = deployments.add_deployment(
            theirs, name="Lab", environment="production", agent="Lab", by=self.people.eve, now=NOON
        )
        shared_services.add(lab, gateway, by=self.people.eve, now=NOON)
        url = reverse("web:shared-service-state-controls", args=[gateway.pk])
        assert [as_(who).get(url).status_code for who in (self.people.alice, self.olga)] == [403, 200]
        with pytest.raises(HoldsElsewhere, match="servers of other units too"):
            statuses.state_for_service(gateway, control=control("MI-20.2.2"), state="in_place", **how)
        with pytest.raises(HoldsElsewhere):
            statuses.restate(known, state="in_place", **how)
        with pytest.raises(HoldsElsewhere):
            statuses.withdraw(known, reason="A mistake.", **how)
        statuses.restate(known, state="in_place", by=self.olga, now=NOON)

    def test_answers_are_used_where_nobody_states_anything(self) -> None:
        assessment = self.scene.final(choices={scenes.SERVER_QUESTION: "closed"})
        holds = self.holds(on=control("MI-20.1"))
        assert holds.basis
        assert (holds.basis.source, holds.basis.origin) == ("assessment", assessment.ref)
        assert (holds.status, self.holds(on=control("MI-20.2")).status) == ("partly", "in_place")
        assert self.holds(on=self.tls).status == "not_known"
        SourcedStatuses.objects.all().delete()
        assert list(sourcing.unkept()) == [assessment]

    def test_what_is_stated_against_an_answer_is_a_finding_until_they_agree(self) -> None:
        self.scene.final()
        self._let_the_answers_miss(self.tls)
        row = self.state("in_place", of=None)
        assert self.holds().is_contradicted
        assert contradictions.due(now=NOON) == [self.server]
        [finding] = contradictions.look(self.server, now=NOON)
        assert finding.stable_key == "controls:contradicted:finos-mi-20:MI-20.2.1"
        assert row.ref in finding.description
        assert contradictions.due(now=NOON) == []
        statuses.restate(row, state="partly", by=self.olga, now=NOON)
        assert contradictions.due(now=NOON) == [self.server]
        contradictions.look(self.server, now=NOON)
        assert Finding.objects.get(pk=finding.pk).is_observed is False
        assert contradictions.due(now=NOON) == []

    def test_the_report_names_the_evidence_of_the_status_that_holds_wherever_it_is_stated(self) -> None:
        final = self.scene.final()
        scan, test, old = self.evidence(), self.evidence(), self.evidence(until=TODAY)
        general = self.state("in_place", of=None, evidence=scan)
        self.state("in_place", of=None, on=control("MI-20.2.2"), evidence=scan)
        own = self.state("partly", on=control("MI-20.2.2"), evidence=test)
        self.state("in_place", on=control("MI-20.2.3"), evidence=old)
        printed = {row.ref: row for row in paper.of(final, final.snapshot.data, (), today=TODAY + DAY)}
        rows = [printed[f"MI-20.2.{number}"] for number in (1, 2)]
        assert [(row.stands, row.whence, row.evidence) for row in rows] == [
            ("In place", general.ref, scan.ref),
            ("Partly in place", own.ref, test.ref),
        ]
        assert "MI-20.2.3" not in printed

    def test_what_is_out_of_use_has_no_finding_of_it_any_more(self) -> None:
        self.scene.final()
        self._let_the_answers_miss(self.tls)
        self.state("in_place", of=None)
        [finding] = contradictions.look(self.server, now=NOON)
        Server.objects.filter(pk=self.server.pk).update(status="retired")
        [retired] = contradictions.due(now=NOON)
        assert contradictions.look(retired, now=NOON) == []
        assert Finding.objects.get(pk=finding.pk).is_observed is False
        assert contradictions.due(now=NOON) == []

    def _let_the_answers_miss(self, missed: Control) -> None:
        for row in SourcedStatuses.objects.all():
            row.by_status = {"missing": [missed.pk]}
            row.save()

    def test_days_are_told_ahead_and_once_they_have_passed(self) -> None:
        ends = self.state("in_place", valid_until=TODAY + 7 * DAY, owner=self.people.bob)
        due = self.state("planned", of=None, due_on=TODAY + 7 * DAY, owner=self.people.bob)
        days = {one.word: one for one in dated.every() if one.word.startswith("control_")}
        for row, word, told in (
            (ends, "control_end", ("ending", "ended")),
            (due, "control_due", ("due_soon", "overdue")),
        ):
            assert [dated.tell(days[word], now=NOON + after * DAY) for after in (0, 0, 8, 8)] == [1, 0, 1, 0]
            verbs = Event.objects.filter(object_id=row.pk).values_list("verb", flat=True)
            assert sorted(verbs) == sorted(f"control_status.{verb}" for verb in ("stated", *told))
        relay.relay(now=NOON + 8 * DAY)
        titles = set(Alert.objects.filter(recipient=self.people.bob).values_list("title", flat=True))
        assert f"{ends} is not known any more: its status ran out" in titles
        assert f"The status of {ends} ends in 7 days" in titles

    def test_a_newer_revision_takes_statuses_over_and_orphans_what_vanished(self) -> None:
        kept, gone = self.state("in_place"), self.state("in_place", on=control("MI-20.2.2"))
        before = self.tls.framework
        Framework.objects.filter(pk=before.pk).update(status="superseded")
        now = Framework.objects.create(key=before.key, revision="Next", title="Next", status="current")
        new = Control.objects.create(framework=now, ref="MI-20.2.1", title="TLS", status="active")
        from_answers = SourcedStatuses.objects.create(
            server=self.server, source="assessment", origin="A-1", as_of=TODAY,
            by_status={"in_place": [self.tls.pk, gone.control_id]},
        )  # fmt: skip
        following.superseded(before, now, self.people.alice, NOON)
        for row in (kept, gone, from_answers):
            row.refresh_from_db()
        assert (kept.control, kept.is_orphaned) == (new, False)
        assert (gone.control.framework, gone.is_orphaned) == (before, True)
        assert list(ControlStatus.objects.orphaned()) == [gone]
        assert from_answers.by_status == {"in_place": [new.pk, gone.control_id]}

    def test_what_vanished_counts_again_with_the_revision_that_has_it_again(self) -> None:
        stated = [self.state("in_place"), self.state("missing", of=self.deployment)]
        from_answers = SourcedStatuses.objects.create(
            server=self.server, source="assessment", origin="A-1", as_of=TODAY, by_status={"missing": [self.tls.pk]}
        )
        without = self._revision("Without", self.tls.framework)
        assert self.holds().is_contradicted
        again = self._revision("Again", without, "MI-20.2.1").controls.get()
        for row in (*stated, from_answers):
            row.refresh_from_db()
        assert [row.control for row in stated] == [again, again]
        assert from_answers.by_status == {"missing": [again.pk]}
        assert self.holds(on=again).is_contradicted

    def test_what_vanished_does_not_stand_above_what_was_stated_since(self) -> None:
        first = self.state("in_place")
        without = self._revision("Without", self.tls.framework)
        added = Control.objects.create(framework=without, ref="MI-20.2.1", title="TLS", status="active")
        since = self.state("partly", on=added)
        self._revision("Next", without, "MI-20.2.1")
        for row in (first, since):
            row.refresh_from_db()
        assert (first.is_orphaned, since.is_orphaned) == (True, False)

    def _revision(self, name: str, before: Framework, *refs: str) -> Framework:
        """Return a new revision, with controls of these references, that takes the place of the one before."""
        Framework.objects.filter(pk=before.pk).update(status="superseded")
        now = Framework.objects.create(key=before.key, revision=name, title=name, status="current")
        Control.objects.bulk_create(
            Control(framework=now, ref=ref, title=ref, status="active", position=place)
            for place, ref in enumerate(refs, 1)
        )
        following.superseded(before, now, self.people.alice, NOON)
        return now

    def test_many_are_read_in_two_statements_and_with_sets_as_one_by_one(self) -> None:
        servers = [self.server, *(self.scene.another_server() for _ in range(3))]
        places: list[Deployment] = [
            deployments.add_deployment(
                server, name=name, environment="staging", agent=name, by=self.people.alice, now=NOON
            )
            for server in servers
            for name in ("One", "Two")
        ]
        keys = list(Control.objects.filter(framework=self.tls.framework).values_list("pk", flat=True)[:12])
        saying.say_anything([None, *servers, *places], keys)
        assert self._statements(places, keys) == 2
        saying.say_anything(self._services(places), keys, number=5000)
        assert self._statements(places, keys) == 4
        one_by_one = reading.load(Deployment.objects.all(), today=TODAY, controls=keys)
        words = [one_by_one.words(one.server_id, deployment=one.pk) for one in places]
        assert any(holds.inherited_from for one in words for holds in one.values())
        for server, deployment in [
            (None, None),
            *((one.pk, None) for one in servers),
            *((one.server_id, one.pk) for one in places),
        ]:
            each = {key: one_by_one.effective(server, key, deployment=deployment) for key in keys}
            assert one_by_one.counted(server, deployment=deployment) == {
                key for key, holds in each.items() if holds.counts
            }
            assert one_by_one.by_status(server, deployment=deployment) == {
                status: {key for key, holds in each.items() if holds.status == status}
                for status in {holds.status for holds in each.values() if holds.is_known}
            }
            assert one_by_one.contradicted(server, deployment=deployment) == {
                key for key, holds in each.items() if holds.is_contradicted
            }
            assert one_by_one.words(server, deployment=deployment) == {
                key: holds for key, holds in each.items() if holds.is_known or holds.lapsed
            }
        for summed in (
            summing.load(Deployment.objects.all(), today=TODAY, controls=keys),
            summing.load_servers(Server.objects.all(), today=TODAY),
        ):
            for server, deployment in [(one.server_id, one.pk) for one in places] + [(one.pk, None) for one in servers]:
                where: dict[str, Any] = {"deployment": deployment}
                assert summed.by_status(server, **where) == one_by_one.by_status(server, **where)
                assert summed.counted(server, **where) == one_by_one.counted(server, **where)
                assert summed.contradicted(server, **where) == one_by_one.contradicted(server, **where)

    def test_what_lies_between_two_revisions_of_a_framework_is_not_read(self) -> None:
        house = Framework.objects.create(key="house", revision="1", title="House rules", status="current")
        Control.objects.bulk_create(
            Control(framework=house, ref=f"H-{number}", title="Rule", status="active") for number in range(200)
        )
        later = self._revision("Later", self.tls.framework, "MI-20.2.1").controls.get()
        between = house.controls.get(ref="H-0")
        assert self.tls.pk < between.pk < later.pk
        for one in (between, later):
            self.state("missing", on=one)
        [summed] = summing.load(
            Deployment.objects.all(), today=TODAY, controls=[self.tls.pk, later.pk]
        ).servers.values()
        assert summed.stated == {later.pk}

    def test_of_thousands_of_controls_the_database_hands_over_a_row_a_place(self) -> None:
        for word, control in zip(("in_place", "partly", "missing"), self.tls.framework.controls.all(), strict=False):
            self.state(word, on=control)
        with CaptureQueriesContext(connection) as asked:
            found = summing.load_servers(Server.objects.all(), today=TODAY)
        assert len(asked) == 3
        [stated] = [one["sql"] for one in asked if "GROUP BY" in one["sql"]]
        with connection.cursor() as cursor:
            cursor.execute(stated)
            assert len(cursor.fetchall()) == 1
        assert {word: len(keys) for word, keys in found.by_status(self.server.pk).items()} == {
            "in_place": 1,
            "partly": 1,
            "missing": 1,
        }

    def _statements(self, places: list[Deployment], keys: list[int]) -> int:
        with CaptureQueriesContext(connection) as asked:
            known = reading.load(Deployment.objects.all(), today=TODAY, controls=keys)
            for one in places:
                known.counted(one.server_id, deployment=one.pk)
        return len(asked)

    def _services(self, places: list[Deployment]) -> list[SharedService]:
        """Return three services, one that can be bypassed; some deployments run behind one, others behind two."""
        how: dict[str, Any] = {"unit": self.people.payments, "kind": "gateway", "by": self.people.alice, "now": NOON}
        made = [shared_services.write(name=f"Gateway {one}", can_be_bypassed=one == 2, **how) for one in range(3)]
        for place, row in enumerate(places):
            for service in made[place % 3 :][:2]:
                shared_services.add(row, service, by=self.people.alice, now=NOON)
        return made
