"""Shared services: what may be said of them, and what is found of the servers behind them, once each, until mended."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import TestCase
from django.urls import reverse

from accounts import people
from accounts.models import Role, User
from accounts.units.other_units import HoldsElsewhere
from alerts import relay
from alerts.models import Alert
from audit.context import SYSTEM
from findings.models import Finding
from jobs import dated, runner
from jobs.models import Job
from landscape import impact, judging, shared_services, use_cases
from landscape.models import SharedService
from riskregister.refusals import Conflict, Refused
from tests import cast
from tests.api.caller import Caller, frozen
from tests.assessments import scenes
from tests.cast import NOON, TODAY, Cast
from tests.web.signed_in import as_
from vendors.models import Deployment, Server
from vendors.registering import deployments

DAY = timedelta(days=1)


class SharedServices(TestCase):
    """A gateway of Payments, and a deployment of a server of tier 2."""

    people: Cast
    server: Server
    deployment: Deployment
    who: dict[str, Any]

    @classmethod
    def setUpTestData(cls) -> None:
        scene = scenes.set_up()
        cls.people, cls.server = scene.people, scene.server
        cls.who = {"by": cls.people.alice, "now": NOON}
        cls.deployment = deployments.add_deployment(
            cls.server, name="Desk", environment="staging", agent="Desk agent", **cls.who, **cast.EXPOSURE
        )

    def setUp(self) -> None:
        clock = frozen()
        clock.start()
        self.addCleanup(clock.stop)

    def service(self, **facts: Any) -> SharedService:
        service_facts: dict[str, Any] = {
            "unit": self.people.payments,
            "name": "Gateway",
            "kind": "gateway",
            "owner": self.people.alice,
        } | facts
        return shared_services.write(**service_facts, **self.who)

    def assessed(self, service: SharedService, **changes: Any) -> None:
        known: dict[str, Any] = {"assessed_on": TODAY, "result": "passed", "note": "It holds."} | changes
        shared_services.record_assessment(service, **known, **self.who)
        self.follow()

    def follow(self) -> None:
        """Do the jobs that wait to judge servers."""
        waiting = Job.objects.filter(kind=judging.LATER, status=Job.Status.QUEUED)
        for key in waiting.values_list("pk", flat=True):
            assert runner.run(key, now=NOON)

    def found(self) -> list[tuple[str, str]]:
        rows = Finding.objects.filter(source=Finding.Source.GOVERNANCE, server=self.server).order_by("number")
        return list(rows.values_list("stable_key", "status"))

    def test_refuses_what_cannot_be_so(self) -> None:
        cases: list[tuple[dict[str, Any], str, str]] = [
            ({"kind": "firewall"}, "kind", "Choose one of: gateway"),
            ({"availability_promised": "101"}, "availability_promised", "per cent from 0 to 100"),
            ({"availability_measured": "three nines"[:8]}, "availability_measured", "per cent from 0 to 100"),
            ({"can_be_bypassed": False, "bypassed_by": "root"}, "bypassed_by", "one or the other"),
            ({"owner": self.people.eve}, "owner", "has no role in this unit"),
        ]
        for facts, field, words in cases:
            with self.subTest(field=field), pytest.raises(Refused, match=words) as refused:
                self.service(**facts)
            assert refused.value.field == field
        assert not SharedService.objects.exists()
        assert self.service(availability_promised="99.95 %").availability_promised == "99.95"

    def test_a_name_is_given_once_in_a_unit_and_once_for_all(self) -> None:
        self.service()
        self.service(unit=None)
        for unit in (self.people.payments, None):
            with self.subTest(unit=unit), pytest.raises(Conflict, match="already"):
                self.service(unit=unit, name="gateway")

    def test_an_assessment_counts_a_year_and_no_day_is_out_of_order(self) -> None:
        service = self.service()
        self.assessed(service)
        assert service.assess_again_on == TODAY + 365 * DAY
        cases: list[tuple[dict[str, Any], str]] = [
            ({"assessed_on": TODAY + DAY}, "today at the latest"),
            ({"assessed_on": date.max}, "between 1970 and 2199"),
            ({"assessed_on": TODAY - DAY}, "was assessed on .* already"),
            ({"assess_again_on": TODAY}, "a day after the assessment"),
            ({"assess_again_on": date.max}, "between 1970 and 2199"),
            ({"result": "fine"}, "Choose one of"),
        ]
        for changes, words in cases:
            with self.subTest(changes=changes), pytest.raises(Refused, match=words):
                self.assessed(service, **changes)
        service.refresh_from_db()
        assert (service.assessed_on, service.assessment_result) == (TODAY, "passed")

    def test_what_runs_behind_it_has_a_finding_until_it_is_assessed(self) -> None:
        service = self.service()
        shared_services.add(self.deployment, service, **self.who)
        assert self.found() == [(f"landscape:{service.ref}:never_assessed", "open")]
        self.assessed(service, result="failed")
        assert self.found() == [
            (f"landscape:{service.ref}:never_assessed", "closed"),
            (f"landscape:{service.ref}:assessment_failed", "open"),
        ]

    def test_two_deployments_behind_one_service_have_one_finding(self) -> None:
        service = self.service()
        other = deployments.add_deployment(
            self.server, name="Night desk", environment="production", agent="Night", **self.who, **cast.EXPOSURE
        )
        for deployment in (self.deployment, other):
            shared_services.add(deployment, service, **self.who)
        assert self.found() == [(f"landscape:{service.ref}:never_assessed", "open")]

    def test_it_closes_when_nothing_of_the_server_runs_behind_it_any_more(self) -> None:
        service = self.service()
        key = f"landscape:{service.ref}:never_assessed"
        link = shared_services.add(self.deployment, service, **self.who)
        shared_services.remove(link, **self.who)
        assert self.found() == [(key, "closed")]
        shared_services.add(self.deployment, service, **self.who)
        assert self.found() == [(key, "open")]
        deployments.end_deployment(self.deployment, on=TODAY, **self.who)
        assert self.found() == [(key, "closed")]

    def test_it_closes_with_the_service(self) -> None:
        service = self.service()
        shared_services.add(self.deployment, service, **self.who)
        shared_services.end(service, reason="Replaced.", **self.who)
        self.follow()
        assert [status for _, status in self.found()] == ["closed"]

    def test_a_single_point_of_failure_counts_as_soon_as_the_server_is_of_tier_1(self) -> None:
        service = self.service(is_single_point=True)
        self.assessed(service)
        shared_services.add(self.deployment, service, **self.who)
        assert self.found() == []
        worst = dict.fromkeys(cast.EXPOSURE, "severe")
        deployments.edit_deployment(self.deployment, changes=worst, **self.who)
        assert self.found() == [(f"landscape:{service.ref}:single_point", "open")]

    def test_an_assessment_that_is_too_old_is_found_by_the_clock_once(self) -> None:
        service = self.service()
        self.assessed(service, assess_again_on=TODAY + DAY)
        shared_services.add(self.deployment, service, **self.who)
        assert judging.note_lapsed(now=NOON + DAY) == 0
        assert [judging.note_lapsed(now=NOON + 2 * DAY) for _ in range(2)] == [1, 0]
        assert Job.objects.filter(kind=judging.LATER, payload__service=str(service.pk), status="queued").count() == 1
        judging.judge_one(str(self.server.pk), now=NOON + 2 * DAY)
        assert self.found() == [(f"landscape:{service.ref}:assessment_lapsed", "open")]

    def test_the_job_judges_all_servers_behind_it(self) -> None:
        service = self.service(can_be_bypassed=True)
        self.assessed(service)
        shared_services.add(self.deployment, service, **self.who)
        shared_services.rewrite(service, changes={"can_be_bypassed": None}, **self.who)
        self.follow()
        assert self.found() == [(f"landscape:{service.ref}:bypass", "closed")]

    def test_its_owner_is_told_before_and_after_the_day(self) -> None:
        service = self.service()
        self.assessed(service, assess_again_on=TODAY + 30 * DAY)
        days = next(one for one in dated.every() if one.word == "shared service")
        assert [dated.tell(days, now=NOON + after * DAY) for after in (0, 1, 23, 30, 31)] == [1, 0, 1, 1, 1]
        relay.relay(now=NOON + 31 * DAY)
        titles = Alert.objects.filter(recipient=self.people.alice, object_id=service.pk).values_list("title", flat=True)
        assert f"{service} must be assessed again: each server behind it has a finding" in titles
        assert len(titles) == 4

    def test_links_only_what_is_in_use_and_of_the_same_unit_or_of_all(self) -> None:
        elsewhere = shared_services.write(
            unit=self.people.research, name="Lab", kind="sandbox", by=self.people.eve, now=NOON
        )
        with pytest.raises(Refused, match="belongs to another unit"):
            shared_services.add(self.deployment, elsewhere, **self.who)
        for_all = self.service(unit=None)
        shared_services.add(self.deployment, for_all, **self.who)
        with pytest.raises(Conflict, match="already"):
            shared_services.add(self.deployment, for_all, **self.who)
        shared_services.end(for_all, reason="Over.", **self.who)
        assert (for_all.status, for_all.in_front_of.count()) == ("ended", 1)

    def test_who_works_in_some_units_closes_nothing_of_others_with_a_service_of_all(self) -> None:
        eve = self.people.eve
        how: dict[str, Any] = {"by": eve, "now": NOON}
        for_all = self.service(unit=None)
        shared_services.add(self.deployment, for_all, **self.who)
        self.assessed(for_all, result="failed")
        theirs = cast.a_server(self.people, "com.example/theirs", unit=self.people.research, by=eve)
        lab = deployments.add_deployment(theirs, name="Lab", environment="staging", agent="Lab", **how, **cast.EXPOSURE)
        shared_services.add(lab, for_all, **how)
        self.follow()
        open_ones = set(Finding.objects.filter(server=theirs, status="open").values_list("stable_key", flat=True))
        assert f"landscape:{for_all.ref}:assessment_failed" in open_ones
        steps: tuple[Any, ...] = (
            lambda by: shared_services.rewrite(for_all, changes={"stand_in": "Another"}, by=by, now=NOON),
            lambda by: shared_services.record_assessment(
                for_all, assessed_on=TODAY, result="passed", note="It holds.", by=by, now=NOON
            ),
            lambda by: shared_services.end(for_all, reason="Over.", by=by, now=NOON),
        )
        for step in steps:
            with pytest.raises(HoldsElsewhere, match="an analyst or approver of all units, or of all these"):
                step(self.people.alice)
        assert shared_services.end.offer(for_all, eve).barred
        self.follow()
        assert set(Finding.objects.filter(server=theirs, status="open").values_list("stable_key", flat=True)) == (
            open_ones
        )
        refused = Caller(self.people.alice).post(f"/shared-services/{for_all.pk}/end/", reason="Over.")
        assert refused.status_code == 403
        # Somebody of all units may, and somebody of each that runs behind it.
        people.give_role(eve, role=Role.ANALYST, unit=self.people.payments, by=SYSTEM, now=NOON)
        steps[0](cast.person("olga", role=Role.ANALYST, unit=None))
        steps[2](User.objects.get(pk=eve.pk))

    def test_what_stands_in_for_it_holds_up_what_runs_behind_it(self) -> None:
        use_case = use_cases.write(unit=self.people.payments, name="Agent", **self.who)
        use_cases.add_deployment(use_case, self.deployment, **self.who)
        service = self.service()
        shared_services.add(self.deployment, service, **self.who)
        shown = [(group.kind, group.surely, group.perhaps) for group in impact.of(service, self.people.alice).groups]
        assert shown == [("deployment", 1, 0), ("use_case", 1, 0)]
        shared_services.rewrite(service, changes={"stand_in": "A second gateway"}, **self.who)
        shown = [(group.kind, group.surely, group.perhaps) for group in impact.of(service, self.people.alice).groups]
        assert shown == [("deployment", 0, 1), ("use_case", 0, 1)]

    def test_the_pages_register_assess_and_link(self) -> None:
        alice = as_(self.people.alice)
        fields = {"name": "Gateway", "kind": "gateway", "unit": str(self.people.payments.pk), "is_single_point": "yes"}
        made = alice.post(reverse("web:shared-service-write"), fields)
        service = SharedService.objects.get()
        self.assertRedirects(made, reverse("web:shared-service-detail", args=[service.pk]))
        alice.post(reverse("web:runs-behind-add", args=[self.deployment.pk]), {"service": str(service.pk)})
        page = alice.get(reverse("web:shared-service-detail", args=[service.pk])).content.decode()
        assert "Never assessed" in page
        assert str(self.deployment) in page
        alice.post(
            reverse("web:shared-service-assess", args=[service.pk]),
            {"assessed_on": "2026-03-01", "result": "passed", "note": "Looked at it."},
        )
        service.refresh_from_db()
        assert (service.assessment_state(today=TODAY), str(service.assess_again_on)) == ("passed", "2027-03-01")

    def test_its_page_offers_to_remove_what_the_person_may_remove(self) -> None:
        for_all = self.service(unit=None)
        theirs = cast.a_server(self.people, "com.example/lab", unit=self.people.research, by=self.people.eve)
        desk = deployments.add_deployment(
            theirs, name="Lab", environment="staging", agent="Lab agent", by=self.people.eve, now=NOON, **cast.EXPOSURE
        )
        mine = shared_services.add(self.deployment, for_all, **self.who)
        other = shared_services.add(desk, for_all, by=self.people.eve, now=NOON)
        people.give_role(self.people.alice, role=Role.AUDITOR, unit=self.people.research, by=SYSTEM, now=NOON)
        page = as_(User.objects.get(pk=self.people.alice.pk)).get(
            reverse("web:shared-service-detail", args=[for_all.pk])
        )
        text = page.content.decode()
        assert desk.ref in text
        assert reverse("web:runs-behind-remove", args=[mine.pk]) in text
        assert reverse("web:runs-behind-remove", args=[other.pk]) not in text

    def test_the_api_lists_those_of_the_unit_and_of_all(self) -> None:
        mine, of_all = self.service(), self.service(unit=None, name="Sign-in", kind="identity_provider")
        shared_services.write(unit=self.people.research, name="Lab", kind="sandbox", by=self.people.eve, now=NOON)
        rows = Caller(self.people.alice).read("/shared-services/", ordering="-number")["results"]
        assert [(row["ref"], row["unit"] and row["unit"]["code"], row["assessment_state"]) for row in rows] == [
            (of_all.ref, None, "never"), (mine.ref, "payments", "never")
        ]  # fmt: skip
