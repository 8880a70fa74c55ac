"""Use cases and processes: what may be said of them, how they are linked, and what stops with what they hang on."""

from typing import Any

import pytest
from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.models import Event
from landscape import impact, processes, use_cases
from landscape.impact import Impact
from landscape.models import BusinessProcess, UseCase
from riskregister.refusals import Conflict, Refused
from tests import cast
from tests.api.caller import Caller, frozen
from tests.assessments import scenes
from tests.cast import NOON, Cast
from tests.web.signed_in import as_
from vendors.models import Deployment, Server, Vendor
from vendors.registering import deployments, registration, relations


class UseCases(TestCase):
    """A use case of Payments that works with a deployment of a server; the process Refunds needs it."""

    people: Cast
    server: Server
    vendor: Vendor
    deployment: Deployment
    models: Vendor
    who: dict[str, Any]

    @classmethod
    def setUpTestData(cls) -> None:
        scene = scenes.set_up()
        cls.people, cls.server, cls.vendor = scene.people, scene.server, scene.vendor
        cls.who = {"by": cls.people.alice, "now": NOON}
        cls.deployment = deployments.add_deployment(
            cls.server, name="Desk", environment="staging", agent="Desk agent", **cls.who, **cast.EXPOSURE
        )
        cls.models = relations.register_vendor(name="Model Ltd", kinds=["model_provider"], **cls.who)

    def setUp(self) -> None:
        clock = frozen()
        clock.start()
        self.addCleanup(clock.stop)

    def use_case(self, **facts: Any) -> UseCase:
        return use_cases.write(unit=self.people.payments, **{"name": "Support agent"} | facts, **self.who)

    def process(self, **facts: Any) -> BusinessProcess:
        return processes.write(unit=self.people.payments, **{"name": "Refunds"} | facts, **self.who)

    def linked(self, **facts: Any) -> tuple[UseCase, BusinessProcess]:
        use_case, process = self.use_case(), self.process(**facts)
        use_cases.add_deployment(use_case, self.deployment, **self.who)
        use_cases.add_process(use_case, process, **self.who)
        return use_case, process

    def test_what_is_left_out_is_not_known(self) -> None:
        use_case, process = self.use_case(), self.process()
        assert (use_case.model_vendor, use_case.follows_alias, use_case.status) == (None, None, "standing")
        assert (process.recovery_hours, process.is_critical, process.status) == (None, None, "standing")

    def test_refuses_what_cannot_be_so_and_writes_nothing(self) -> None:
        cases: list[tuple[dict[str, Any], str, str]] = [
            ({"name": " "}, "name", "Fill this in"),
            ({"model_vendor": self.vendor}, "model_vendor", "provides no models on record"),
            ({"model_version": "2026-01", "follows_alias": True}, "model_version", "pinned to no version"),
            ({"owner": self.people.eve}, "owner", "has no role in this unit"),
            ({"follows_alias": "perhaps"}, "follows_alias", "Answer yes, no, or leave it open"),
            ({"tools": "all"}, "tools", "cannot be set here"),
        ]
        for facts, field, words in cases:
            with self.subTest(field=field), pytest.raises(Refused, match=words) as refused:
                self.use_case(**facts)
            assert refused.value.field == field
        hours: list[Any] = [-1, 8761, True, "8", 1.5]
        for wanted in hours:
            with self.subTest(hours=wanted), pytest.raises(Refused, match="whole hours from 0 to 8,760"):
                self.process(recovery_hours=wanted)
        assert (UseCase.objects.count(), BusinessProcess.objects.count()) == (0, 0)

    def test_a_unit_gives_a_name_once_until_it_is_over(self) -> None:
        first = self.use_case()
        with pytest.raises(Conflict, match="has a use case of this name already"):
            self.use_case(name="support AGENT")
        use_cases.end(first, reason="Replaced.", **self.who)
        assert self.use_case().number == first.number + 1

    def test_what_has_ended_is_neither_changed_nor_linked(self) -> None:
        use_case, process = self.use_case(), self.process()
        processes.end(process, reason="Over.", **self.who)
        with pytest.raises(Refused, match="Choose one that goes on"):
            use_cases.add_process(use_case, process, **self.who)
        use_cases.end(use_case, reason="Over.", **self.who)
        for step in (
            lambda: use_cases.rewrite(use_case, changes={"purpose": "Other"}, **self.who),
            lambda: use_cases.add_deployment(use_case, self.deployment, **self.who),
        ):
            with pytest.raises(Conflict, match="has ended and stays as it was"):
                step()
        assert use_case.served_by.count() == 0

    def test_one_that_has_ended_keeps_its_links(self) -> None:
        use_case, _ = self.linked()
        use_cases.end(use_case, reason="Over.", **self.who)
        for step in (
            lambda: use_cases.remove_deployment(use_case.served_by.get(), **self.who),
            lambda: use_cases.remove_process(use_case.processes.get(), **self.who),
        ):
            with pytest.raises(Conflict, match="has ended and stays as it was"):
                step()
        page = as_(self.people.alice).get(reverse("web:use-case-detail", args=[use_case.pk])).content.decode()
        assert [words for words in ("Add a process", ">Remove<") if words in page] == []

    def test_links_within_a_unit_alone_and_each_once(self) -> None:
        use_case, _ = self.linked()
        with pytest.raises(Conflict, match="serves it already"):
            use_cases.add_deployment(use_case, self.deployment, **self.who)
        elsewhere = processes.write(unit=self.people.research, name="Trials", by=self.people.eve, now=NOON)
        with pytest.raises(Refused, match="of one unit"):
            use_cases.add_process(use_case, elsewhere, **self.who)
        verbs = Event.objects.filter(object_id=use_case.pk).order_by("at", "id").values_list("verb", flat=True)
        assert list(verbs) == ["use_case.written", "use_case.deployment_added", "use_case.process_added"]

    def test_a_server_stops_what_works_with_it_and_says_how_soon_it_must_go_on(self) -> None:
        use_case, process = self.linked(recovery_hours=8)
        found = impact.of(self.server, self.people.alice)
        assert names_of(found) == {
            "deployment": [str(self.deployment)], "use_case": [str(use_case)], "process": [str(process)]
        }  # fmt: skip
        assert (found.recovery.shortest, found.recovery.unknown, found.processes) == (8, 0, 1)

    def test_what_has_ended_does_not_stop(self) -> None:
        use_case, process = self.linked(recovery_hours=8)
        processes.end(process, reason="Over.", **self.who)
        assert set(names_of(impact.of(self.server, self.people.alice))) == {"deployment", "use_case"}
        use_cases.end(use_case, reason="Over.", **self.who)
        assert set(names_of(impact.of(self.server, self.people.alice))) == {"deployment"}

    def test_a_vendor_stops_what_uses_it_however_far_up_and_what_runs_on_its_models(self) -> None:
        use_case = self.use_case(model_vendor=self.models)
        process = self.process()
        use_cases.add_process(use_case, process, **self.who)
        host = relations.register_vendor(name="Host Ltd", kinds=["cloud"], **self.who)
        relations.add_sub_processor(self.models, host, purpose="hosting", **self.who)
        registration.add_supplier(self.server, host, role="host", **self.who)
        found = impact.of(host, self.people.alice)
        assert names_of(found) == {
            "vendor": ["Model Ltd"], "server": [str(self.server)], "deployment": [str(self.deployment)],
            "use_case": [str(use_case)], "process": [str(process)],
        }  # fmt: skip
        assert (found.recovery.shortest, found.recovery.unknown) == (None, 1)

    def test_a_stranger_sees_nothing_of_another_unit(self) -> None:
        self.linked()
        registration.add_supplier(self.server, self.models, role="upstream", **self.who)
        assert names_of(impact.of(self.models, self.people.eve)) == {}

    def test_asks_the_database_no_more_often_for_more_of_them(self) -> None:
        self.linked()
        with CaptureQueriesContext(
            connection,
        ) as few:
            impact.of(self.server, self.people.alice)
        for number in range(5):
            use_case = self.use_case(name=f"Agent {number}")
            use_cases.add_deployment(use_case, self.deployment, **self.who)
            use_cases.add_process(use_case, self.process(name=f"Process {number}"), **self.who)
        with self.assertNumQueries(len(few)):
            impact.of(self.server, self.people.alice)

    def test_the_pages_register_link_and_show(self) -> None:
        alice = as_(self.people.alice)
        unit = str(self.people.payments.pk)
        to_use_case = alice.post(
            reverse("web:use-case-write"), {"unit": unit, "name": "Support agent", "follows_alias": "yes"}
        )
        to_process = alice.post(reverse("web:process-write"), {"unit": unit, "name": "Refunds", "recovery_hours": "8"})
        use_case, process = UseCase.objects.get(), BusinessProcess.objects.get()
        self.assertRedirects(to_use_case, reverse("web:use-case-detail", args=[use_case.pk]))
        self.assertRedirects(to_process, reverse("web:process-detail", args=[process.pk]))
        alice.post(reverse("web:use-case-process-add", args=[use_case.pk]), {"process": str(process.pk)})
        alice.post(reverse("web:use-case-deployment-add", args=[self.deployment.pk]), {"use_case": str(use_case.pk)})
        page = alice.get(reverse("web:use-case-detail", args=[use_case.pk])).content.decode()
        assert str(process) in page
        assert str(self.deployment) in page
        assert "Support agent" in alice.get(reverse("web:server-deployments", args=[self.server.pk])).content.decode()
        stops = alice.get(reverse("web:server-what-stops", args=[self.server.pk])).content.decode()
        assert "The first must go on within" in stops
        assert str(process) in stops

    def test_the_api_says_what_stops(self) -> None:
        _, process = self.linked(recovery_hours=8)
        caller = Caller(self.people.alice)
        answer = caller.read(f"/servers/{self.server.pk}/what-stops/")
        assert answer["shortest_recovery_hours"] == 8
        assert answer["groups"][-1] == {
            "kind": "process", "surely": 1, "perhaps": 0,
            "named": [{"id": str(process.pk), "name": str(process), "how": "Needs it", "stand_in": ""}],
        }  # fmt: skip


def names_of(found: Impact) -> dict[str, list[str]]:
    return {group.kind: [str(one.row) for one in group.named] for group in found.groups}
