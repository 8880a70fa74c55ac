"""Vendors are judged as servers are: asked by what they supply, signed by two, frozen, with findings of their own."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction
from django.test import TestCase, override_settings
from django.utils import timezone

from accounts import people
from assessments import lifecycle, vendor_cadence, vendor_starts
from assessments.answers import answering, scored_lines, second_person
from assessments.drafts import drafts, moving, previous
from assessments.models import Answer, Assessment, NotOfAServer
from audit.context import SYSTEM
from audit.models import Event
from decisions.approvals import approvals
from decisions.models import Approval, ServerRating
from evidence.records import EvidenceOfAnotherUnit
from findings.models import Finding
from riskregister.refusals import Refused
from tests import cast
from tests.assessments import documents, scenes
from tests.assessments.scenes import Scene, in_time
from tests.cast import NOON, TODAY
from vendors import following
from vendors.models import Vendor
from vendors.registering import relations

pytestmark = pytest.mark.engine

SECONDARY_USE = "data_handling.secondary_use"
PINNING = "provenance.model_pinning"


class OfAVendor(TestCase):
    scene: Scene
    provider: Vendor

    @classmethod
    def setUpTestData(cls) -> None:
        cls.scene = scenes.set_up()
        cls.provider = cast.a_vendor(cls.scene.people, "Model Works", kinds=["model_provider"], criticality="high")

    @property
    def people(self) -> cast.Cast:
        return self.scene.people

    def begun(self, vendor: Vendor | None = None, *, at: Any = NOON, **how: Any) -> Assessment:
        arguments: dict[str, Any] = {"kind": "initial", "by": self.people.alice, "now": at} | how
        return vendor_starts.start(vendor or self.provider, **arguments)

    def final(
        self, vendor: Vendor | None = None, *, at: Any = NOON, choices: scenes.Choices = scenes.NOTHING
    ) -> Assessment:
        begun = self.begun(vendor, at=at)
        scenes.fill_in(begun, by=self.people.alice, at=at, choices=choices)
        lifecycle.submit(begun, by=self.people.alice, now=at)
        self.scene.finalise(begun, at=at)
        return begun

    def asked(self, assessment: Assessment) -> set[str]:
        rows = scored_lines.applicable(assessment, scored_lines.answers_of(assessment))
        return {row.question.key for row in rows}


class Starting(OfAVendor):
    def test_it_belongs_to_the_whole_organisation_and_has_no_release(self) -> None:
        begun = self.begun()
        assert (begun.subject, begun.server, begun.release, begun.unit) == (self.provider, None, None, None)
        assert str(begun) == f"{begun.ref} Model Works"
        for person in (self.people.eve, self.people.carol, self.people.ada):
            assert begun in Assessment.objects.visible_to(person)
            assert Answer.objects.visible_to(person).filter(assessment=begun).exists()

    def test_a_stranger_without_a_role_sees_none(self) -> None:
        begun = self.begun()
        stranger = people.add(email="x@example.org", name="X", by=SYSTEM, now=NOON)
        assert begun not in Assessment.objects.visible_to(stranger)

    def test_a_model_provider_is_asked_twenty_questions(self) -> None:
        keys = self.asked(self.begun())
        assert len(keys) == 20
        assert {PINNING, SECONDARY_USE, "operational_resilience.model_retirement"} <= keys

    def test_a_vendor_of_two_kinds_is_asked_each_question_once(self) -> None:
        both = cast.a_vendor(self.people, "Cloud Works", kinds=["model_provider", "cloud"])
        begun = self.begun(both)
        assert len(self.asked(begun)) == 27
        assert begun.answers.count() == 41

    def test_what_it_asks_follows_what_the_vendor_supplies(self) -> None:
        begun = self.begun()
        relations.edit_vendor(self.provider, changes={"kinds": ["consultant"]}, by=self.people.alice, now=NOON)
        following.vendor_changed(Vendor.objects.get(pk=self.provider.pk), reason="It changed.", now=NOON)
        assert len(self.asked(Assessment.objects.get(pk=begun.pk))) == 18

    def test_one_at_a_time(self) -> None:
        self.begun()
        with self.assertRaisesMessage(lifecycle.AssessmentAlreadyOpen, "This vendor is being assessed already."):
            self.begun()

    def test_its_servers_can_be_assessed_meanwhile(self) -> None:
        self.begun(self.scene.vendor)
        assert self.scene.draft().status == "draft"

    def test_refuses_an_unknown_kind_and_a_day_that_has_passed(self) -> None:
        for how, says in (
            ({"kind": "yearly"}, "Choose initial, periodic or triggered."),
            ({"due_on": TODAY - timedelta(days=1)}, "Choose a day from today on."),
        ):
            with self.subTest(says), self.assertRaisesMessage(Refused, says):
                self.begun(**how)
        assert not Assessment.objects.exists()

    def test_when_its_assignee_leaves_it_goes_to_the_owner_of_the_relationship_or_an_analyst_in_turn(self) -> None:
        assert vendor_starts.choose_assignee(self.provider) in (self.people.alice, self.people.eve)
        self.provider.relationship_owner = self.people.bob
        assert vendor_starts.choose_assignee(self.provider) == self.people.bob
        self.provider.relationship_owner = self.people.carol
        assert vendor_starts.choose_assignee(self.provider) in (self.people.alice, self.people.eve)

    def test_refuses_somebody_who_cannot_fill_it_in(self) -> None:
        with self.assertRaisesMessage(Refused, "Carol is no analyst of any unit."):
            self.begun(assignee=self.people.carol)

    def test_refuses_a_vendor_of_which_nobody_said_what_it_supplies(self) -> None:
        bare = Vendor.objects.create(name="Bare", number=990, created_at=NOON)
        with self.assertRaisesMessage(vendor_starts.NotSupplied, "Say first what Bare supplies"):
            self.begun(bare)

    def test_refuses_a_vendor_that_is_offboarded(self) -> None:
        Vendor.objects.filter(pk=self.provider.pk).update(status="offboarded")
        with self.assertRaisesMessage(vendor_starts.NotSupplied, "Take it back as a prospect first"):
            self.begun(Vendor.objects.get(pk=self.provider.pk))


class WhatTheDatabaseHolds(OfAVendor):
    def test_it_judges_a_server_or_a_vendor(self) -> None:
        begun = self.begun()
        release = self.scene.server.releases.first()
        assert release
        for change in ({"unit": self.people.payments}, {"release": release}, {"vendor": None}):
            with pytest.raises(IntegrityError), transaction.atomic():
                Assessment.objects.filter(pk=begun.pk).update(**change)

    def test_what_it_judges_does_not_change(self) -> None:
        begun = self.begun()
        for change in (
            {"vendor": self.scene.vendor},
            {
                "server": self.scene.server,
                "unit": self.people.payments,
                "release": self.scene.server.releases.first(),
            },
        ):
            with pytest.raises(IntegrityError) as refused, transaction.atomic():
                Assessment.objects.filter(pk=begun.pk).update(**change)
            assert "an_assessment_keeps_what_it_judges" in str(refused.value)


class Judging(OfAVendor):
    def test_whoever_edited_does_not_make_it_final(self) -> None:
        begun = self.begun()
        scenes.fill_in(begun, by=self.people.bob, at=NOON, choices={})
        lifecycle.submit(begun, by=self.people.alice, now=NOON)
        with self.assertRaisesMessage(second_person.FourEyes, "You edited or submitted this assessment."):
            self.scene.finalise(begun)
        assert Assessment.objects.get(pk=begun.pk).status == "submitted"

    def test_it_is_frozen_with_what_the_vendor_supplied(self) -> None:
        frozen = self.final().snapshot.data
        assert frozen["vendor"]["name"] == "Model Works"
        assert (frozen["server"], frozen["release"], frozen["unit"], frozen["inherent_tier"]) == (None,) * 4
        assert (frozen["supplies"], frozen["criticality"]) == (["model_provider"], "high")

    def test_its_dimensions_are_scored_by_the_same_arithmetic(self) -> None:
        score = self.final().snapshot.score
        ceiling = score.methodology.evidence(0).ceiling
        assert [one.score for one in score.dimensions] == [100 * ceiling] * 5
        assert score.overall == 100 * ceiling
        assert score.band == score.methodology.band(100 * ceiling)

    def test_it_is_neither_approved_nor_rejected(self) -> None:
        final = self.final()
        for decision in Approval.Decision.values:
            with self.assertRaisesMessage(NotOfAServer, "only servers are approved"):
                approvals.decide(final, decision=decision, reason="So.", by=self.people.bob, now=NOON)
        assert not Approval.objects.exists()

    def test_a_bad_answer_raises_a_finding_about_the_vendor_for_all_to_see(self) -> None:
        final = self.final(choices={SECONDARY_USE: "allowed", PINNING: "unreported"})
        found = Finding.objects.filter(vendor=self.provider)
        assert sorted(found.values_list("question_key", flat=True)) == [SECONDARY_USE, PINNING]
        one = found.get(question_key=SECONDARY_USE)
        assert (one.assessment, one.unit, one.status) == (final, None, "open")
        assert one in Finding.objects.visible_to(self.people.eve)

    def test_the_next_one_takes_its_place_and_closes_what_is_good_by_now(self) -> None:
        first = self.final(choices={PINNING: "unreported"})
        second = self.final(at=in_time(300))
        assert Assessment.objects.get(pk=first.pk).status == "superseded"
        assert previous.find(second) == first
        assert not Finding.objects.get(question_key=PINNING).is_observed

    def test_it_rates_no_server(self) -> None:
        before = list(ServerRating.objects.values_list("server", "residual", "as_of"))
        self.final()
        assert list(ServerRating.objects.values_list("server", "residual", "as_of")) == before

    def test_its_finding_counts_for_the_servers_that_are_rated_with_the_vendor(self) -> None:
        self.scene.final()
        before = ServerRating.objects.get(server=self.scene.server).residual_rank
        self.final(self.scene.vendor, choices={SECONDARY_USE: "allowed"})
        finding = Finding.objects.get(vendor=self.scene.vendor, question_key=SECONDARY_USE)
        Finding.objects.filter(pk=finding.pk).update(due_on=date(2026, 1, 1))
        assert ServerRating.objects.get(server=self.scene.server).residual_rank <= before

    def test_events_stand_on_the_vendors_page(self) -> None:
        final = self.final()
        told = Event.objects.filter(object_id=final.pk, concerns_id=self.provider.pk)
        assert set(told.values_list("verb", flat=True)) >= {"assessment.started", "assessment.finalised"}
        assert {event.scope for event in told} == {Event.Scope.ORGANISATION}


@override_settings(QUESTION_SET=0)
class Reusing(OfAVendor):
    def test_what_a_servers_assessment_said_of_the_vendor_comes_along(self) -> None:
        self.scene.final()
        begun = self.begun(self.scene.vendor, at=in_time(100))
        row = begun.answers.get(question__key=SECONDARY_USE)
        assert row.reused_from is not None
        assert (row.reused_from.assessment.server, row.edited_at) == (self.scene.server, NOON)

    def test_and_the_other_way_round(self) -> None:
        final = self.final(self.scene.vendor)
        begun = lifecycle.start(self.scene.server, kind="initial", by=self.people.alice, now=in_time(10))
        taken = begun.answers.filter(reused_from__assessment=final)
        assert taken.count() == 13
        assert begun.answers.get(question__key="provenance.hosted_changes").reused_from is None

    def test_who_judges_the_vendor_again_begins_with_nothing_of_last_time(self) -> None:
        self.scene.final()
        self.final(self.scene.vendor, at=in_time(10))
        again = self.begun(self.scene.vendor, at=in_time(20))
        assert not again.answers.exclude(choice="").exists()
        kept = previous.keep(
            again.answers.get(question__key=SECONDARY_USE), version=0, by=self.people.alice, now=in_time(20)
        )
        assert kept.choice == "option"

    def test_but_with_what_its_servers_assessments_said_since(self) -> None:
        self.final(self.scene.vendor)
        begun = lifecycle.start(self.scene.server, kind="initial", by=self.people.alice, now=in_time(10))
        row = begun.answers.get(question__key=SECONDARY_USE)
        how: dict[str, Any] = {"choice": "option", "option_key": "silent", "version": row.version}
        answering.answer(row, **how, by=self.people.alice, now=in_time(11))
        lifecycle.submit(begun, by=self.people.alice, now=in_time(11))
        self.scene.finalise(begun, at=in_time(11))
        again = self.begun(self.scene.vendor, at=in_time(20))
        assert [row.question.key for row in again.answers.exclude(choice="")] == [SECONDARY_USE]

    def test_what_did_not_apply_to_a_server_may_well_apply_to_the_vendor(self) -> None:
        draft = self.scene.draft()
        row = draft.answers.get(question__key=SECONDARY_USE)
        how: dict[str, Any] = {"choice": "not_applicable", "reason": "It runs here.", "version": row.version}
        answering.answer(row, **how, by=self.people.alice, now=NOON)
        lifecycle.submit(draft, by=self.people.alice, now=NOON)
        self.scene.finalise(draft)
        assert self.begun(self.scene.vendor).answers.get(question__key=SECONDARY_USE).choice == ""

    def test_evidence_of_one_unit_is_not_for_a_vendor(self) -> None:
        row = self.begun().answers.get(question__key=SECONDARY_USE)
        assert answering.whose_evidence(row) is None
        own = documents.document(by=self.people.alice, unit=self.people.payments, title="Ours", now=NOON)
        with self.assertRaisesMessage(EvidenceOfAnotherUnit, "Add it for the whole organisation."):
            answering.attach(row, own, by=self.people.alice, now=NOON)

    def test_it_never_moves_to_the_questions_about_servers(self) -> None:
        begun = self.begun()
        assert moving.newer(begun) is None

    def test_nothing_of_the_register_contradicts_it(self) -> None:
        begun = self.begun()
        assert drafts.compared_today(begun, now=NOON) == {}
        scenes.fill_in(begun, by=self.people.alice, at=NOON, choices={})
        lines = scored_lines.lines_of(begun, scored_lines.answers_of(begun), today=TODAY)
        assert not any(line.contradicted for line in lines)


class DueAgain(OfAVendor):
    def test_by_how_much_we_depend_on_it(self) -> None:
        final = self.final()
        for criticality, due_on in (
            ("critical", date(2026, 8, 31)),
            ("high", date(2027, 3, 2)),
            ("medium", date(2027, 8, 31)),
            ("low", date(2028, 3, 1)),
            ("", date(2027, 3, 2)),
        ):
            with self.subTest(criticality):
                Vendor.objects.filter(pk=self.provider.pk).update(criticality=criticality)
                vendor = Vendor.objects.get(pk=self.provider.pk)
                row = Assessment.objects.annotate(again=vendor_cadence.next_due()).get(pk=final.pk)
                assert vendor_cadence.next_due_on(vendor, judged_at=NOON) == due_on
                assert row.again == due_on  # type: ignore[attr-defined]

    def test_late_in_the_evening_it_counts_as_long_though_the_clock_is_put_forward_meanwhile(self) -> None:
        Vendor.objects.filter(pk=self.provider.pk).update(criticality="critical")
        vendor = Vendor.objects.get(pk=self.provider.pk)
        late = datetime(2026, 3, 2, 23, 30, tzinfo=ZoneInfo("Europe/Berlin"))
        with timezone.override("Europe/Berlin"):
            final = self.final(vendor, at=late)
            row = Assessment.objects.annotate(again=vendor_cadence.next_due()).get(pk=final.pk)
            assert vendor_cadence.next_due_on(vendor, judged_at=late) == date(2026, 8, 31)
            assert row.again == date(2026, 8, 31)  # type: ignore[attr-defined]
