"""Certificates: what can be recorded, until when it counts, and what rests on it follows."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import TestCase

from assessments import lifecycle
from assessments.answers import answering
from assessments.models import Answer
from assurance import certificates, following, reliance, rounds
from assurance.facts import CertificateInvalid
from assurance.models import CONDITIONS, Certificate
from audit.models import Event
from decisions.models import ServerRating
from decisions.ratings import ratings
from findings.models import Finding
from jobs import dated
from riskregister.refusals import Conflict, Refused
from riskregister.transitions import IllegalTransition
from tests import cast
from tests.assessments import documents, scenes
from tests.assurance.made import DAY, ISO, SOC2, a_certificate, a_round, looked_at, told_by
from tests.cast import NOON, TODAY, Cast
from vendors.models import Vendor
from vendors.registering import registration, relations

# What tells of the days of the room.
DAYS = {"certificate", "surveillance", "due diligence", "due diligence item", "waiver"}


class Certificates(TestCase):
    """A vendor whose certificates alice records."""

    people: Cast
    vendor: Vendor

    @classmethod
    def setUpTestData(cls) -> None:
        cls.people = cast.assemble()
        cls.vendor = cast.a_vendor(cls.people, legal_entity="Example Ltd.")

    def record(self, kind_facts: dict[str, Any] = ISO, **facts: Any) -> Certificate:
        return a_certificate(self.people, self.vendor, kind_facts, **facts)

    def gaps(self) -> dict[str, str]:
        rows = Finding.objects.filter(vendor=self.vendor, is_observed=True)
        return dict(rows.values_list("stable_key", "title"))

    def test_its_document_counts_as_long_as_it_does(self) -> None:
        row = self.record(SOC2)
        assert (row.counts_until, row.evidence.valid_until) == (date(2026, 12, 31), date(2026, 12, 31))
        assert row.evidence.issuer == "independent"
        event = Event.objects.get(verb="evidence.moved")
        assert event.data["valid_until"] == "2026-12-31"
        assert self.gaps() == {}

    def test_a_bridge_letter_is_the_vendors_own_word_for_three_months(self) -> None:
        soc2 = self.record(SOC2)
        details = {"kind": "bridge_letter", "legal_entity": "Example Ltd", "scope": "The service", "bridges": soc2}
        letter = self.record(details)
        assert (letter.evidence.issuer, letter.evidence.valid_until) == ("vendor", date(2026, 3, 31))

    def test_a_letter_follows_the_period_of_the_report_that_it_bridges(self) -> None:
        soc2 = self.record(SOC2)
        letter = self.letter(soc2)
        certificates.correct(soc2, changes={"period_to": date(2025, 11, 30)}, by=self.people.alice, now=NOON)
        letter.refresh_from_db()
        assert (letter.counts_until, letter.evidence.valid_until) == (date(2026, 2, 28), date(2026, 2, 28))
        assert Event.objects.get(verb="certificate.moved").object_id == letter.pk
        assert list(self.gaps()) == [f"assurance:{letter.ref}:ended"]
        certificates.correct(soc2, changes={"exceptions": 1}, by=self.people.alice, now=NOON)
        assert Event.objects.filter(verb="certificate.moved").count() == 1

    def test_a_letter_counts_no_longer_than_the_report_that_it_bridges(self) -> None:
        soc2 = self.record(SOC2)
        letter = self.letter(soc2)
        day = NOON.date() - DAY
        certificates.suspend(soc2, on=day, reason="The auditor lost its licence.", by=self.people.alice, now=NOON)
        letter.refresh_from_db()
        assert (letter.counts_until, letter.evidence.valid_until) == (day - DAY, day - DAY)
        assert letter.state(today=NOON.date()) == "ended"
        certificates.resume(soc2, reason="It was a mistake.", by=self.people.alice, now=NOON)
        letter.refresh_from_db()
        assert (letter.counts_until, letter.evidence.valid_until) == (date(2026, 3, 31), date(2026, 3, 31))

    def test_a_letter_that_ran_out_is_missed_until_a_report_says_what_it_bridged(self) -> None:
        letter, later = self.letter(self.record(SOC2)), NOON + 60 * DAY
        following.sweep(now=later)
        assert list(self.gaps()) == [f"assurance:{letter.ref}:ended"]
        self.record(SOC2, period_from=date(2026, 1, 1), period_to=date(2026, 3, 31), now=later)
        assert self.gaps() == {}

    def test_a_report_on_a_period_takes_the_place_of_one_on_a_day_but_not_the_other_way_round(self) -> None:
        on_a_day = self.record(SOC2, kind="soc2_type_1", period_from=None)
        over_a_year = self.record(SOC2, supersedes=on_a_day)
        on_a_day.refresh_from_db()
        assert on_a_day.status == "superseded"
        with pytest.raises(CertificateInvalid, match="another vendor or kind"):
            self.record(SOC2, kind="soc2_type_1", period_from=None, supersedes=over_a_year)

    def test_one_of_another_scope_takes_no_ones_place(self) -> None:
        row = self.record(ISO, ends_on=TODAY + DAY)
        self.record(ISO, scope="Another service")
        later = NOON + 2 * DAY
        following.sweep(now=later)
        assert list(self.gaps()) == [f"assurance:{row.ref}:ended"]
        self.record(ISO, scope="THE SERVICE.", issued_on=later.date(), now=later)
        assert self.gaps() == {}

    def test_an_entry_of_csa_star_below_level_2_is_the_vendors_own_word(self) -> None:
        for level, issuer in (("", "vendor"), ("level 1", "vendor"), ("Level 2", "independent")):
            details = {"kind": "csa_star", "legal_entity": "Example Ltd", "issued_on": TODAY}
            row = self.record(details, scope=f"Service {level}", level=level)
            assert (level, row.evidence.issuer) == (level, issuer)

    def test_holes_that_a_penetration_test_left_open_are_a_finding_until_they_are_closed(self) -> None:
        details = {
            "kind": "penetration_test",
            "legal_entity": "Example Ltd",
            "scope": "The service",
            "issued_on": TODAY,
        }
        row = self.record(details, open_critical=2, open_high=1, open_low=9)
        assert self.gaps() == {f"assurance:{row.ref}:holes": "Penetration test left holes open: 2 critical and 1 high"}
        closed = {"open_critical": 0, "open_high": 0, "retested_on": TODAY}
        certificates.correct(row, changes=closed, by=self.people.alice, now=NOON)
        assert self.gaps() == {}

    def test_a_surveillance_audit_is_told_ahead_and_after_its_day_unless_a_note_says_why(self) -> None:
        row = self.record(ISO, next_surveillance=TODAY + 7 * DAY)
        told = told_by("surveillance")
        assert dated.tell(told, now=NOON) == 1
        assert dated.tell(told, now=NOON + 8 * DAY) == 1
        verbs = Event.objects.filter(verb__startswith="certificate.surveillance").values_list("verb", flat=True)
        assert list(verbs.order_by("pk")) == ["certificate.surveillance_due", "certificate.surveillance_passed"]
        changes = {"surveillance_note": "In April.", "next_surveillance": TODAY + 9 * DAY}
        certificates.correct(row, changes=changes, by=self.people.alice, now=NOON)
        assert dated.tell(told, now=NOON + 9 * DAY) == 0

    def test_of_a_vendor_that_was_left_no_day_is_told(self) -> None:
        self.record(ISO, next_surveillance=TODAY)
        made = a_round(self.people, self.vendor)
        looked_at(made.items.earliest("position"), self.people, valid_until=TODAY)
        rita = cast.person("rita", role="approver", unit=self.people.payments)
        rounds.waive(made.items.latest("position"), until=TODAY + DAY, reason="Later.", by=rita, now=NOON)
        rounds.complete(made, conclusion="Fine.", by=self.people.bob, now=NOON)
        mine = [one for one in dated.every() if one.word in DAYS]
        assert len(mine) == len(DAYS)
        Vendor.objects.filter(pk=self.vendor.pk).update(status="offboarded")
        assert [dated.tell(one, now=NOON + 1000 * DAY) for one in mine] == [0] * len(DAYS)
        Vendor.objects.filter(pk=self.vendor.pk).update(status="active")
        assert [dated.tell(one, now=NOON + 1000 * DAY) for one in mine] == [1] * len(DAYS)

    def letter(self, bridges: Certificate) -> Certificate:
        details = {"kind": "bridge_letter", "legal_entity": "Example Ltd", "scope": "The service"}
        return self.record(details, bridges=bridges)

    def test_a_bridge_letter_needs_a_report_of_the_vendor(self) -> None:
        details = {"kind": "bridge_letter", "legal_entity": "Example Ltd", "scope": "The service"}
        for bridges in (None, self.record()):
            with pytest.raises(CertificateInvalid, match="Choose the SOC 2 report"):
                self.record(details, bridges=bridges)

    def test_what_cannot_be_is_refused_with_the_field(self) -> None:
        cases: list[tuple[dict[str, Any], dict[str, Any], str]] = [
            (ISO, {"ends_on": None}, "ends_on"),
            (ISO, {"legal_entity": ""}, "legal_entity"),
            (ISO, {"issued_on": TODAY + DAY}, "issued_on"),
            (ISO, {"ends_on": TODAY - 400 * DAY}, "ends_on"),
            (ISO, {"ends_on": date.max}, "ends_on"),
            (ISO, {"next_surveillance": TODAY + 500 * DAY}, "next_surveillance"),
            (ISO, {"opinion": "qualified"}, "opinion"),
            (ISO, {"kind": "iso_9001"}, "kind"),
            (SOC2, {"period_to": date(2024, 1, 1)}, "period_to"),
            (SOC2, {"period_to": TODAY + DAY}, "period_to"),
            (SOC2, {"issued_on": date(2025, 6, 1)}, "issued_on"),
            (SOC2, {"exceptions": -1}, "exceptions"),
            (SOC2, {"categories": ["speed"]}, "categories"),
        ]
        paper = documents.document(by=self.people.alice, unit=None, issuer="independent")
        for details, wrong, field in cases:
            with self.subTest(field=field, wrong=wrong), pytest.raises(Refused) as refusal:
                self.record(details, evidence=paper, **wrong)
            assert refusal.value.field == field
        assert not Certificate.objects.exists()
        paper.refresh_from_db()
        assert paper.valid_until is None

    def test_two_of_the_same_time_are_refused_unless_one_supersedes_the_other(self) -> None:
        first = self.record(SOC2)
        again = SOC2 | {"period_from": date(2025, 10, 1), "legal_entity": "EXAMPLE LTD"}
        with pytest.raises(CertificateInvalid, match=f"{first.ref} is of the same kind") as refusal:
            self.record(again)
        assert refusal.value.field == "supersedes"
        second = self.record(again, supersedes=first)
        first.refresh_from_db()
        assert (first.status, second.status, first.superseded_by) == ("superseded", "in_force", second)
        first.evidence.refresh_from_db()
        assert first.evidence.valid_until == date(2026, 12, 31)
        assert self.record(SOC2, scope="Another service").status == "in_force"

    def test_one_document_is_one_certificate_of_everybody(self) -> None:
        row = self.record()
        with pytest.raises(CertificateInvalid, match=f"behind {row.ref} already"):
            self.record(SOC2, evidence=row.evidence)
        mine = documents.document(by=self.people.alice, unit=self.people.payments, issuer="independent")
        with pytest.raises(Refused, match="whole organisation"):
            self.record(SOC2, evidence=mine)

    def test_suspended_it_counts_no_more_and_resumed_again(self) -> None:
        row = self.record()
        how: dict[str, Any] = {"by": self.people.alice, "now": NOON}
        certificates.suspend(row, on=TODAY - 3 * DAY, reason="The body says so.", **how)
        row.evidence.refresh_from_db()
        assert (row.status, row.evidence.valid_until) == ("suspended", TODAY - 4 * DAY)
        assert self.gaps()[f"assurance:{row.ref}:ended"] == "ISO 27001 certificate is suspended, without a successor"
        certificates.resume(row, reason="It is mended.", **how)
        row.evidence.refresh_from_db()
        assert (row.status, row.stopped_on, row.evidence.valid_until) == ("in_force", None, row.ends_on)
        assert self.gaps() == {}
        certificates.withdraw(row, on=TODAY, reason="It was another's.", **how)
        with pytest.raises(IllegalTransition):
            certificates.resume(row, reason="Again.", **how)

    def test_a_day_to_come_stops_nothing(self) -> None:
        row = self.record()
        for on, words in ((TODAY + DAY, "today at the latest"), (date.min, "between 1970 and 2199")):
            with pytest.raises(Refused, match=words):
                certificates.suspend(row, on=on, reason="Soon.", by=self.people.alice, now=NOON)
        assert Certificate.objects.get().status == "in_force"

    def test_corrected_its_document_follows(self) -> None:
        row = self.record()
        certificates.correct(row, changes={"ends_on": TODAY + 9 * DAY}, by=self.people.alice, now=NOON)
        row.evidence.refresh_from_db()
        assert (row.counts_until, row.evidence.valid_until) == (TODAY + 9 * DAY, TODAY + 9 * DAY)
        assert Event.objects.get(verb="certificate.corrected").data["fields"] == ["ends_on"]

    def test_a_document_that_is_younger_than_its_last_day_is_refused(self) -> None:
        paper = documents.document(by=self.people.alice, unit=None, issued_on=TODAY)
        with pytest.raises(Refused, match="Check the days"):
            self.record(ISO, evidence=paper, ends_on=TODAY - DAY)
        assert not Certificate.objects.exists()

    def test_once_it_ran_out_the_sweep_opens_a_finding_that_a_successor_closes(self) -> None:
        row, later = self.record(), NOON + 201 * DAY
        assert following.sweep(now=NOON + 200 * DAY) == 0
        assert following.sweep(now=later) == 1
        key = f"assurance:{row.ref}:ended"
        assert self.gaps() == {key: "ISO 27001 certificate counts no more since 19 Sep 2026, without a successor"}
        assert following.sweep(now=later) == 0
        self.record(ISO, issued_on=later.date(), ends_on=later.date() + 365 * DAY, now=later)
        assert Finding.objects.get(stable_key=key).status == "closed"

    def test_another_legal_entity_is_a_finding_until_it_is_the_vendors(self) -> None:
        row = self.record(ISO, legal_entity="Example Inc")
        assert list(self.gaps()) == [f"assurance:{row.ref}:entity"]
        changed = {"legal_entity": "Example Inc"}
        relations.edit_vendor(self.vendor, changes=changed, by=self.people.alice, now=NOON)
        assert following.sweep(now=NOON) == 1
        assert self.gaps() == {}

    def test_a_surveillance_that_passed_is_a_finding_unless_a_note_says_why(self) -> None:
        row = self.record(ISO, next_surveillance=TODAY - 100 * DAY)
        assert list(self.gaps()) == [f"assurance:{row.ref}:surveillance"]
        certificates.correct(row, changes={"surveillance_note": "In April."}, by=self.people.alice, now=NOON)
        assert self.gaps() == {}

    def test_another_opinion_than_unqualified_is_a_finding(self) -> None:
        row = self.record(SOC2, opinion="adverse")
        assert list(self.gaps()) == [f"assurance:{row.ref}:opinion"]

    def test_alone_it_carries_no_tier_1_server_until_all_eight_conditions_are_met(self) -> None:
        row = self.record()
        facts = dict.fromkeys(cast.EXPOSURE, "severe")
        cast.a_server(self.people, publisher=self.vendor, **facts)
        following.sweep(now=NOON)
        key = f"assurance:{row.ref}:alone"
        assert list(self.gaps()) == [key]
        judged: dict[str, bool | None] = dict.fromkeys(CONDITIONS, True) | {"is_read": None}
        certificates.judge(row, **judged, by=self.people.alice, now=NOON)
        assert list(self.gaps()) == [key]
        certificates.judge(row, **judged | {"is_read": True}, by=self.people.alice, now=NOON)
        assert self.gaps() == {}

    def test_of_a_vendor_that_was_left_nothing_is_missing(self) -> None:
        self.record(ISO, legal_entity="Example Inc")
        Vendor.objects.filter(pk=self.vendor.pk).update(status="offboarded")
        following.sweep(now=NOON)
        assert self.gaps() == {}


class WhatRestsOnIt(TestCase):
    """An approved server, one of whose answers rests on a certificate that bob found it in."""

    def setUp(self) -> None:
        self.scene = scenes.set_up()
        people = self.people = self.scene.people
        self.row = a_certificate(people, self.scene.vendor, ISO | {"legal_entity": "Example Ltd"})
        draft = self.scene.draft()
        self.answer = Answer.objects.filter(assessment=draft, option__quarters=4, question__fresh_days=None)[0]
        answering.attach(self.answer, self.row.evidence, by=people.alice, now=NOON)
        documents.verify(self.answer, self.row.evidence, by=people.bob)
        lifecycle.submit(draft, by=people.alice, now=NOON)
        self.carlos = cast.person("carlos", role="approver", unit=people.payments)
        lifecycle.finalise(draft, by=self.carlos, now=NOON, accept_dimensions=[])

    def level(self, *, days: int = 0) -> int:
        rating = ratings.current(self.scene.server, now=NOON + timedelta(days=days))
        (line,) = [one for one in rating.lines if one.now.question == self.answer.question.key]
        return line.now.evidence_level

    def test_the_level_drops_when_it_runs_out(self) -> None:
        assert (self.level(), self.level(days=200), self.level(days=201)) == (3, 3, 2)

    def test_the_level_drops_at_once_when_it_is_suspended_and_comes_back(self) -> None:
        how: dict[str, Any] = {"by": self.people.alice, "now": NOON + timedelta(hours=1)}
        certificates.suspend(self.row, on=TODAY, reason="The body says so.", **how)
        assert self.level() == 2
        assert ServerRating.objects.get(server=self.scene.server).as_of == how["now"]
        certificates.resume(self.row, reason="It is mended.", **how)
        assert self.level() == 3

    def test_its_page_knows_who_rests_on_it(self) -> None:
        assert list(reliance.servers(self.row.evidence)) == [self.scene.server]
        assert [one.answer for one in reliance.answers(self.row.evidence, self.people.alice)] == [self.answer]
        assert list(reliance.visible_servers(self.row.evidence, self.people.eve)) == []

    def test_a_server_that_comes_or_goes_is_seen_by_the_sweep(self) -> None:
        assert following.sweep(now=NOON) == 0
        severe = dict.fromkeys(cast.EXPOSURE, "severe")
        registration.set_exposure(self.scene.server, facts=severe, by=self.people.alice, now=NOON)
        assert following.sweep(now=NOON) == 1
        assert Finding.objects.get(source="governance").stable_key == f"assurance:{self.row.ref}:alone"


@pytest.mark.django_db
def test_a_document_is_behind_one_certificate_whoever_is_first() -> None:
    people = cast.assemble()
    vendor = cast.a_vendor(people)
    first = a_certificate(people, vendor)
    racing = Certificate.objects.get(pk=first.pk).evidence
    with pytest.raises((Conflict, CertificateInvalid)):
        a_certificate(people, vendor, SOC2, evidence=racing)
