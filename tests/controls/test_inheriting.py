"""What a shared service gives holds for what runs behind it, and what it lacks is missing there."""

from typing import Any

import pytest
from django.test import TestCase
from django.urls import reverse

from accounts.access import NotPermitted
from accounts.models import Role
from catalogue.models import Control
from controls import coverage, statuses
from controls.in_place import reading
from controls.in_place.effective import Effective
from controls.models import ControlStatus, SourcedStatuses
from controls.sources import contradictions
from controls.statuses import ServiceEnded
from controls.tiers import detail, missing
from landscape import shared_services
from landscape.models import SharedService
from riskregister.refusals import Conflict
from tests import cast
from tests.api.caller import Caller, frozen
from tests.assessments import scenes
from tests.cast import NOON, Cast
from tests.web.signed_in import as_
from vendors.models import Deployment, Server
from vendors.registering import deployments

TODAY = NOON.date()


class Inheriting(TestCase):
    """A server of Payments with two deployments, one of them behind a gateway of Payments; eve works elsewhere."""

    people: Cast
    server: Server
    behind: Deployment
    beside: Deployment
    gateway: SharedService
    tls: Control

    @classmethod
    def setUpTestData(cls) -> None:
        scene = scenes.set_up()
        cls.people, cls.server = scene.people, scene.server
        how: dict[str, Any] = {"environment": "production", "by": cls.people.alice, "now": NOON}
        cls.behind = deployments.add_deployment(cls.server, name="Desk", agent="Support", **how)
        cls.beside = deployments.add_deployment(cls.server, name="Batch", agent="Batch", **how)
        cls.gateway = cls.service("Tool gateway", behind=cls.behind)
        cls.tls = Control.objects.get(ref="MI-20.2.1", framework__key="finos-mi-20", framework__status="current")

    @classmethod
    def service(cls, name: str, *, behind: Deployment) -> SharedService:
        how: dict[str, Any] = {"by": cls.people.alice, "now": NOON}
        made = shared_services.write(unit=cls.people.payments, name=name, kind="gateway", **how)
        shared_services.add(behind, made, **how)
        return made

    def setUp(self) -> None:
        clock = frozen()
        clock.start()
        self.addCleanup(clock.stop)

    def state(self, word: str, *, of: SharedService | None = None, **facts: Any) -> ControlStatus:
        arguments: dict[str, Any] = {"control": self.tls, "state": word, "by": self.people.alice, "now": NOON} | facts
        return statuses.state_for_service(of or self.gateway, **arguments)

    def holds(self, deployment: Deployment | None) -> Effective:
        known = reading.load_servers(Server.objects.all(), today=TODAY)
        return known.effective(self.server.pk, self.tls.pk, deployment=deployment.pk if deployment else None)

    def test_holds_for_the_deployment_behind_it_and_says_whence(self) -> None:
        row = self.state("in_place")
        assert (row.place, row.unit, row.server, row.about) == ("service", self.people.payments, None, self.gateway)
        holds = self.holds(self.behind)
        assert holds.basis
        assert (holds.status, holds.basis.origin, holds.inherited_from) == ("in_place", row.ref, str(self.gateway))
        assert (self.holds(self.beside).status, self.holds(None).status) == ("not_known", "not_known")

    def test_holds_for_the_server_once_all_of_it_in_use_runs_behind_it(self) -> None:
        self.state("in_place")
        shared_services.add(self.beside, self.gateway, by=self.people.alice, now=NOON)
        assert self.holds(None).status == "in_place"
        found = coverage.of(self.tls.framework, self.people.alice, today=TODAY, section=self.tls.section)
        [row] = [row for row in found.rows if row.control == self.tls]
        assert (row.counts["in_place"], row.not_known) == (1, 0)

    def test_what_has_ended_keeps_nothing_from_the_server(self) -> None:
        self.state("in_place")
        deployments.end_deployment(self.beside, on=TODAY, by=self.people.alice, now=NOON)
        assert self.holds(None).status == "in_place"

    def test_what_is_stated_nearer_stands_above_it(self) -> None:
        self.state("missing")
        how: dict[str, Any] = {"control": self.tls, "by": self.people.alice, "now": NOON}
        olga = cast.person("olga", role=Role.ANALYST, unit=None)
        statuses.state_for_organisation(state="in_place", **how | {"by": olga})
        assert (self.holds(self.behind).status, self.holds(self.beside).status) == ("missing", "in_place")
        statuses.state_for_server(self.server, state="partly", **how)
        assert self.holds(self.behind).status == "partly"

    def test_a_service_that_can_be_bypassed_gives_a_control_in_part(self) -> None:
        self.state("in_place")
        changes = {"can_be_bypassed": True}
        shared_services.rewrite(self.gateway, changes=changes, by=self.people.alice, now=NOON)
        holds = self.holds(self.behind)
        assert (holds.status, holds.counts) == ("partly", False)
        assert holds.inherited_from == f"{self.gateway}, which can be bypassed"

    def test_a_service_that_was_assessed_not_to_hold_gives_a_control_in_part(self) -> None:
        self.state("in_place")
        how: dict[str, Any] = {"result": "failed", "note": "It lets all through.", "by": self.people.alice, "now": NOON}
        shared_services.record_assessment(self.gateway, assessed_on=TODAY, **how)
        assert self.holds(self.behind).status == "partly"

    def test_a_service_that_has_ended_gives_nothing(self) -> None:
        self.state("in_place")
        shared_services.end(self.gateway, reason="Replaced.", by=self.people.alice, now=NOON)
        assert self.holds(self.behind).status == "not_known"
        with pytest.raises(ServiceEnded):
            self.state("in_place", control=Control.objects.get(ref="MI-20.2.2", framework=self.tls.framework))

    def test_what_it_lacks_is_a_gap_of_the_tier_that_names_it(self) -> None:
        row = self.state("missing", effort_days=40)
        Deployment.objects.filter(pk=self.behind.pk).update(governance_tier=1, governance_revision="draft")
        [finding] = [one for one in missing.look(self.server, now=NOON) if one.stable_key.endswith("MI-20.2")]
        assert f"missing at {self.gateway} ({self.behind.ref}, tier 1)" in finding.description
        self.behind.refresh_from_db()
        lines = [line for one in detail.sections(self.behind, tier=1, today=TODAY) for line in one.lines]
        [line] = [line for line in lines if line.control == self.tls]
        assert (line.words, line.status) == (f"missing at {self.gateway}", row)
        # It is done once, at the service.
        assert (line.is_effort_stated, line.effort < 40) == (False, True)
        page = as_(self.people.carol).get(reverse("web:tier-gap-detail", args=[self.behind.pk]))
        self.assertContains(page, f"Inherited from {self.gateway}")

    def test_a_final_assessment_that_finds_it_missing_contradicts_it_there(self) -> None:
        self.state("in_place")
        SourcedStatuses.objects.create(
            server=self.server, source="assessment", origin="A-1", as_of=TODAY, by_status={"missing": [self.tls.pk]}
        )
        assert contradictions.due(now=NOON) == [self.server]
        [finding] = contradictions.look(self.server, now=NOON)
        assert finding.stable_key.endswith(f"MI-20.2.1@{self.behind.ref}")
        assert contradictions.due(now=NOON) == []

    def test_is_stated_once_by_those_who_work_where_the_service_is(self) -> None:
        self.state("in_place")
        with pytest.raises(Conflict, match="Change that one"):
            self.state("partly")
        with pytest.raises(NotPermitted):
            self.state("missing", by=self.people.eve)
        assert not ControlStatus.objects.visible_to(self.people.eve).exists()

    def test_is_stated_by_page_a_section_at_once_and_shown_at_the_service(self) -> None:
        url = reverse("web:shared-service-state-controls", args=[self.gateway.pk])
        asked = {"section": self.tls.section}
        page = as_(self.people.alice).get(url, asked)
        self.assertContains(page, f"What holds for all that run behind {self.gateway}")
        sent = {"evidence": "", "owner": "", "as_of": ""}
        for one in self.tls.framework.controls.filter(section=self.tls.section):
            sent |= {f"c{one.pk}-{name}": "" for name in ("seen", "note", "day", "effort_days")}
            sent[f"c{one.pk}-state"] = "partly" if one == self.tls else ""
        answer = as_(self.people.alice).post(f"{url}?section={self.tls.section.replace(' ', '+')}", sent)
        assert answer.status_code == 302
        row = ControlStatus.objects.get(service=self.gateway)
        page = as_(self.people.carol).get(answer.headers["Location"])
        self.assertContains(page, reverse("web:control-status-detail", args=[row.pk]))
        self.assertNotContains(page, "State controls")
        page = as_(self.people.carol).get(reverse("web:control-status-detail", args=[row.pk]))
        self.assertContains(page, str(self.gateway))
        self.assertContains(page, "Partly in place")
        assert as_(self.people.eve).get(url).status_code == 404

    def test_the_api_states_it_and_says_whence(self) -> None:
        alice = Caller(self.people.alice)
        made = alice.made("/control-statuses/", control=self.tls.pk, service=str(self.gateway.pk), state="in_place")
        assert (made["place"], made["service"]["ref"], made["server"]) == ("service", self.gateway.ref, None)
        [holds] = alice.read(f"/deployments/{self.behind.pk}/controls/")
        assert (holds["status"], holds["basis"]["service"]) == ("in_place", str(self.gateway))
        [listed] = alice.read(f"/control-statuses/?service={self.gateway.pk}")["results"]
        assert listed["id"] == made["id"]
