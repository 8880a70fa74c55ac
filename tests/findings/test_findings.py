from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import TestCase
from django.utils import timezone

from accounts import access, people
from accounts.models import User
from assessments import lifecycle
from assessments.answers import answering
from assessments.models import Assessment
from audit.models import Event
from decisions.models import RatingRecord, ServerRating
from decisions.ratings import ratings
from findings import acceptance, register, remediation
from findings.models import Finding, Occurrence, Overlay
from riskregister.refusals import Refused
from riskregister.transitions import IllegalTransition
from scoring import deadlines
from scoring.scales import Severity
from tests import append_only, cast
from tests.assessments import scenes
from tests.assessments.scenes import SERVER_QUESTION, Scene, in_time, verbs
from tests.cast import NOON, TODAY
from tests.findings.settling import closed_by_two
from vendors.models import Server

BAD = {SERVER_QUESTION: "closed"}
LATER = in_time(200)


class WithScene(TestCase):
    scene: Scene
    alice: User
    bob: User
    mia: User

    @classmethod
    def setUpTestData(cls) -> None:
        cls.scene = scenes.set_up()
        cls.alice, cls.bob, cls.mia = cls.scene.people.alice, cls.scene.people.bob, cls.scene.people.mia


class AnAnswerRaisesItsFinding(WithScene):
    def test_a_bad_answer_opens_a_finding_with_severity_owner_and_due_date(self):
        self.scene.final(choices=BAD)

        finding = Finding.objects.get()
        question = scenes.questions().get(key=SERVER_QUESTION)
        assert (finding.title, finding.severity, finding.dimension) == (
            question.finding_title,
            Severity.MEDIUM,
            "provenance",
        )
        assert (finding.server, finding.unit, finding.vendor) == (self.scene.server, self.scene.people.payments, None)
        assert (finding.status, finding.owner, finding.is_information_gap) == ("open", self.alice, False)
        assert finding.due_on == TODAY + timedelta(days=90)
        assert finding.answer_text == "Nobody outside the vendor has seen the source"
        assert verbs(finding) == ["finding.opened"]

    def test_an_answer_worth_half_raises_none_and_one_below_does(self):
        self.scene.final(choices={SERVER_QUESTION: "public_untied"})
        assert not Finding.objects.exists()

        self.scene.final(at=LATER, choices={SERVER_QUESTION: "bundle_only"})
        assert Finding.objects.get().stable_key == SERVER_QUESTION

    def test_silence_and_not_knowing_raise_the_same_finding_as_a_no(self):
        bad = self._raised("closed")
        for server, choice in ((self.scene.another_server(), ""), (self.scene.another_server(), "dont_know")):
            self.scene.final(server, choices={SERVER_QUESTION: choice})
            gap = Finding.objects.get(server=server)
            assert gap.is_information_gap
            assert (gap.severity, gap.due_on, gap.stable_key) == (bad.severity, bad.due_on, bad.stable_key)

    def test_a_question_about_the_vendor_raises_its_finding_on_the_vendor_for_all_units(self):
        question = scenes.question("vendor")
        self.scene.final(choices={question.key: scenes.worst(question)})

        finding = Finding.objects.get()
        assert (finding.vendor, finding.server, finding.unit) == (self.scene.vendor, None, None)
        assert list(Finding.objects.visible_to(self.scene.people.eve)) == [finding]

    def test_without_a_known_vendor_the_finding_stays_with_the_server(self):
        question = scenes.question("vendor")
        server = self.scene.another_server()
        self.scene.final(server, choices={question.key: scenes.worst(question)})
        self.scene.final(server, at=LATER, choices={question.key: scenes.worst(question)})

        assert Finding.objects.get().server == server
        assert Finding.objects.get().occurrences.count() == 2

    def test_two_servers_of_one_vendor_share_the_finding_about_it(self):
        question = scenes.question("vendor")
        self.scene.final(choices={question.key: scenes.worst(question)})
        other = self.scene.another_server(publisher=self.scene.vendor)
        self.scene.final(other, at=in_time(1), choices={question.key: scenes.worst(question)})

        finding = Finding.objects.get()
        assert finding.occurrences.count() == 2
        assert verbs(finding) == ["finding.opened", "finding.observed_again"]

    def test_in_place_of_an_owner_who_can_only_read_or_left_an_analyst_gets_it(self):
        for owner in (self.mia, None):
            server = self.scene.another_server()
            server.owner = owner
            server.save(update_fields=["owner"])
            self.scene.final(server, choices=BAD)
            assert Finding.objects.get(server=server, stable_key=SERVER_QUESTION).owner == self.alice

    def test_the_findings_of_servers_without_owner_go_to_the_analysts_of_the_unit_in_turn(self):
        ann = cast.person("ann", role="analyst", unit=self.scene.people.payments)
        Server.objects.update(owner=None)
        question = (
            scenes.questions().exclude(key=SERVER_QUESTION).filter(subject="release", applies_when__isnull=True)[0]
        )
        for server in (self.scene.server, self.scene.another_server()):
            self.scene.final(Server.objects.get(pk=server.pk), choices=BAD | {question.key: scenes.worst(question)})
            Server.objects.update(owner=None)
        owners = [set(one.findings.values_list("owner__name", flat=True)) for one in Server.objects.order_by("number")]
        assert owners == [{"Alice"}, {ann.name}]

    def test_where_nobody_is_an_analyst_it_is_nobodys(self):
        server = self.scene.server
        draft = self.scene.draft(choices=BAD)
        lifecycle.submit(draft, by=self.alice, now=NOON)
        people.deactivate(self.alice, by=self.scene.people.ada, now=NOON)
        self.scene.finalise(Assessment.objects.get(pk=draft.pk))
        assert Finding.objects.get(server=server).owner is None

    def test_reopened_by_an_answer_it_does_not_stay_with_somebody_who_left(self):
        finding = self._raised("closed")
        register.close(finding, reason="Gone.", by=self.bob, now=NOON)
        ann = cast.person("ann", role="analyst", unit=self.scene.people.payments)
        people.deactivate(self.alice, by=self.scene.people.ada, now=NOON)
        self.scene.server.refresh_from_db()
        again = lifecycle.start(self.scene.server, kind="periodic", by=ann, now=LATER)
        scenes.fill_in(again, by=ann, at=LATER, choices=BAD)
        lifecycle.submit(again, by=ann, now=LATER)
        self.scene.finalise(again, at=LATER)
        finding.refresh_from_db()
        assert (finding.status, finding.owner) == ("open", ann)

    def _raised(self, choice: str) -> Finding:
        return self.scene.finding(choice=choice)


class WhatNobodyConfirmed(WithScene):
    def test_does_not_apply_is_told_with_its_reason_which_stays_in_the_unit_where_a_vendors_finding_does_not(self):
        draft = self.scene.draft()
        asked = draft.answers.filter(question__weight__gte=3, question__applies_when__isnull=True, deployment=None)
        rows = [asked.filter(question__subject=subject).earliest("pk") for subject in ("release", "vendor")]
        for row in rows:
            answering.answer(
                row, choice="not_applicable", reason="No such thing.", version=row.version, by=self.alice, now=NOON
            )
        lifecycle.submit(draft, by=self.alice, now=NOON)
        self.scene.finalise(draft)

        found = [Finding.objects.get(stable_key=row.question.key) for row in rows]
        assert [one.vendor for one in found] == [None, self.scene.vendor]
        words = "Said not to apply, and nobody confirmed it"
        assert [one.answer_text for one in found] == [f"{words}: No such thing.", words]
        assert [one.occurrences.get().note for one in found] == ["", "No such thing."]
        assert [one.is_information_gap for one in found] == [True, True]


class TheSameBadAnswerIsTheSameFinding(WithScene):
    def setUp(self) -> None:
        self.finding = self.scene.finding()

    def test_next_years_bad_answer_joins_the_open_finding_under_its_old_due_date(self):
        self.scene.final(at=LATER, choices=BAD)

        self.finding.refresh_from_db()
        assert (self.finding.status, self.finding.due_on) == ("open", TODAY + timedelta(days=90))
        assert self.finding.last_observed_at == LATER
        assert Occurrence.objects.filter(finding=self.finding).count() == 2
        assert verbs(self.finding) == ["finding.opened", "finding.observed_again"]

    def test_a_closed_one_opens_again_with_a_fresh_clock(self):
        self._set_aside(register.close)
        self.scene.final(at=LATER, choices=BAD)

        self.finding.refresh_from_db()
        assert (self.finding.status, self.finding.closed_at, self.finding.close_reason) == ("open", None, "")
        assert self.finding.due_on == LATER.date() + timedelta(days=90)
        assert verbs(self.finding)[-1] == "finding.reopened"

    def test_a_dismissed_one_stays_dismissed_but_is_observed_again(self):
        self._set_aside(register.dismiss)
        self.scene.final(at=in_time(100))
        self.scene.final(at=LATER, choices=BAD)

        self.finding.refresh_from_db()
        assert (self.finding.status, self.finding.is_observed) == ("dismissed", True)
        assert verbs(self.finding)[-2:] == ["finding.no_longer_observed", "finding.observed_again"]

    def test_an_accepted_one_stays_accepted(self):
        asked = acceptance.request(
            self.finding,
            reason="No other server does it.",
            compensating_control="It runs without network.",
            expires_on=TODAY + timedelta(days=300),
            by=self.alice,
            now=NOON,
        )
        acceptance.grant(asked, by=self.bob, now=NOON)
        self.scene.final(at=LATER, choices=BAD)

        self.finding.refresh_from_db()
        assert (self.finding.status, self.finding.is_observed) == ("accepted", True)

    def test_a_good_answer_only_says_that_it_is_no_longer_observed(self):
        self.scene.final(at=LATER)

        self.finding.refresh_from_db()
        assert (self.finding.status, self.finding.is_observed) == ("open", False)
        assert verbs(self.finding)[-1] == "finding.no_longer_observed"

    def test_the_database_knows_a_finding_once(self):
        copy = Finding.objects.get(pk=self.finding.pk)
        copy.pk, copy.number = None, 0
        with pytest.raises(IntegrityError), transaction.atomic():
            copy.save(force_insert=True)

    def _set_aside(self, step) -> None:
        self.finding.owner = None
        self.finding.save(update_fields=["owner"])
        step(self.finding, reason="The tool is gone.", by=self.bob, now=in_time(10))


class PeopleJudge(WithScene):
    def setUp(self) -> None:
        self.finding = self.scene.finding()

    def test_a_finding_by_hand_is_due_by_its_severity(self):
        days = {Severity.CRITICAL: 7, Severity.HIGH: 30, Severity.MEDIUM: 90, Severity.LOW: 180}
        for severity, allowed in days.items():
            finding = self._by_hand(severity=severity)
            assert (finding.due_on, finding.status) == (TODAY + timedelta(days=allowed), "open")

    def test_the_due_date_is_a_day_in_the_organisations_zone(self):
        just_before_midnight = NOON.replace(hour=23, minute=30)
        with self.settings(TIME_ZONE="Europe/Berlin"):
            finding = self._by_hand(severity=Severity.CRITICAL, now=just_before_midnight)
        assert finding.due_on == TODAY + timedelta(days=8)

    def test_it_is_late_from_the_day_after_its_due_date_by_its_row_and_by_the_database(self):
        due = self.finding.due_on
        assert due
        for day, is_late in ((due, False), (due + timedelta(days=1), True)):
            with self.subTest(day):
                assert self.finding.is_overdue(today=day) is is_late
                assert Finding.objects.filter(Finding.overdue_on(day)).exists() is is_late

    def test_its_owner_may_set_the_due_date_that_it_has(self):
        due = self.finding.due_on
        assert due
        register.change_due_date(self.finding, due_on=due, reason="Still right.", by=self.alice, now=NOON)
        with pytest.raises(access.NotPermitted):
            register.change_due_date(
                self.finding, due_on=due + timedelta(days=1), reason="Busy.", by=self.alice, now=NOON
            )
        assert Finding.objects.get().due_on == due

    def test_an_open_critical_finding_caps_the_rating(self):
        assert ServerRating.objects.get(server=self.scene.server).band == "weak"
        self._by_hand(severity=Severity.CRITICAL)

        rating = ServerRating.objects.get(server=self.scene.server)
        assert (rating.band, rating.score) == ("unacceptable", "39")

    def test_what_is_no_severity_dimension_or_worker_is_refused(self):
        for wrong, field in (
            ({"severity": 5}, "severity"),
            ({"dimension": "other"}, "dimension"),
            ({"title": " "}, "title"),
        ):
            with self.subTest(field), pytest.raises(Refused) as refusal:
                self._by_hand(**wrong)
            assert refusal.value.field == field
        with pytest.raises(register.FindingInvalid):
            self._by_hand(owner=self.scene.people.carol)
        assert Finding.objects.get() == self.finding

    def test_readers_and_outsiders_change_nothing(self):
        for person in (self.scene.people.carol, self.scene.people.eve, self.scene.people.ada):
            with self.subTest(person), pytest.raises(access.NotPermitted):
                self._by_hand(by=person)
            with self.subTest(person), pytest.raises(access.NotPermitted):
                register.assign(self.finding, owner=self.bob, by=person, now=NOON)
        assert Finding.objects.get().owner == self.alice

    def test_a_proposed_finding_opens_when_somebody_confirms_it(self):
        self._propose()
        register.confirm(self.finding, by=self.alice, now=LATER)

        assert (self.finding.status, self.finding.due_on) == ("open", LATER.date() + timedelta(days=90))
        with pytest.raises(IllegalTransition):
            register.confirm(self.finding, by=self.alice, now=LATER)

    def test_an_analyst_dismisses_a_proposal_but_only_an_approver_an_open_finding(self):
        with pytest.raises(access.NotPermitted):
            register.dismiss(self.finding, reason="Wrong.", by=self._another_analyst(), now=NOON)
        self._propose()
        register.dismiss(self.finding, reason="Wrong.", by=self._another_analyst(), now=NOON)
        assert self.finding.status == "dismissed"

    def test_the_owner_of_a_finding_neither_closes_nor_dismisses_it(self):
        register.assign(self.finding, owner=self.bob, by=self.mia, now=NOON)
        for step in (register.close, register.dismiss):
            with self.subTest(step), pytest.raises(register.OwnFinding):
                step(self.finding, reason="Done.", by=self.bob, now=NOON)
        assert Finding.objects.get().status == "open"

    def test_whoever_gave_a_finding_away_does_not_settle_it(self):
        register.assign(self.finding, owner=self.bob, by=self.mia, now=NOON)
        register.assign(self.finding, owner=self.alice, by=self.bob, now=NOON)
        later = TODAY + timedelta(days=120)
        with pytest.raises(register.OwnFinding, match="gave it away"):
            register.close(self.finding, reason="Done.", by=self.bob, now=NOON)
        with pytest.raises(register.OwnFinding):
            register.dismiss(self.finding, reason="None.", by=self.bob, now=NOON)
        with pytest.raises(register.OwnFinding):
            register.change_severity(self.finding, severity=Severity.LOW, reason="Minor.", by=self.bob, now=NOON)
        with pytest.raises(register.OwnFinding):
            register.change_due_date(self.finding, due_on=later, reason="Busy.", by=self.bob, now=NOON)
        assert Finding.objects.get().status == "open"

    def test_whom_others_made_owner_and_relieved_is_free_to_settle_it(self):
        register.assign(self.finding, owner=self.bob, by=self.alice, now=NOON)
        register.assign(self.finding, owner=self.alice, by=self.alice, now=NOON)
        register.close(self.finding, reason="Gone.", by=self.bob, now=NOON)
        assert Finding.objects.get().status == "closed"

    def test_who_owned_it_the_last_time_may_settle_it_now(self):
        register.assign(self.finding, owner=self.bob, by=self.mia, now=NOON)
        register.assign(self.finding, owner=self.alice, by=self.bob, now=NOON)
        ben = cast.person("ben", role="approver", unit=self.finding.unit)
        register.close(self.finding, reason="Gone.", by=ben, now=NOON)
        register.reopen(self.finding, reason="Back.", by=self.alice, now=scenes.in_time(1))
        register.close(self.finding, reason="Gone.", by=self.bob, now=scenes.in_time(2))
        assert Finding.objects.get().status == "closed"

    def test_a_stale_page_lowers_no_severity_that_was_raised_meanwhile(self):
        stale = Finding.objects.get()
        register.change_severity(self.finding, severity=Severity.CRITICAL, reason="Worse.", by=self.bob, now=NOON)
        stale.severity = Severity.LOW  # what alice's page showed before
        with pytest.raises(access.NotPermitted):
            register.change_severity(stale, severity=Severity.HIGH, reason="A rise?", by=self.alice, now=NOON)
        assert Finding.objects.get().severity == Severity.CRITICAL

    def test_closing_needs_a_reason(self):
        with pytest.raises(Refused):
            register.close(self.finding, reason="  ", by=self.bob, now=NOON)
        assert Finding.objects.get().status == "open"

    def test_a_claimed_fix_is_not_closed_past_its_verification(self):
        self.scene.claimed(self.finding)
        with pytest.raises(IllegalTransition):
            register.close(self.finding, reason="Looks fine.", by=self.bob, now=NOON)
        assert Finding.objects.get().status == "awaiting_verification"

    def test_of_two_who_close_at_once_one_wins(self):
        same = Finding.objects.get(pk=self.finding.pk)
        register.close(self.finding, reason="The tool is gone.", by=self.bob, now=NOON)
        with pytest.raises(IllegalTransition), transaction.atomic():
            register.close(same, reason="Mine.", by=self.bob, now=NOON)
        assert Finding.objects.get().close_reason == "The tool is gone."
        assert verbs(self.finding).count("finding.closed") == 1

    def test_reopening_takes_a_verified_fix_back(self):
        remediation.pass_fix(self.scene.claimed(self.finding), note="Seen.", by=self.bob, now=in_time(1))
        better = ServerRating.objects.get(server=self.scene.server).score_percent
        register.reopen(self.finding, reason="The tag was moved.", by=self.alice, now=in_time(2))

        kinds = list(Overlay.objects.order_by("at").values_list("kind", "option__key"))
        assert kinds == [("remediated", "public_commit"), ("contradicted", "closed")]
        rating = ServerRating.objects.get(server=self.scene.server)
        assert better is not None
        assert rating.score_percent is not None
        assert rating.score_percent < better
        assert RatingRecord.objects.filter(server=self.scene.server).order_by("-at")[0].reason == (
            f"{self.finding.ref} was reopened."
        )
        assert self.finding.due_on == TODAY + timedelta(days=92)

    def test_a_finding_that_is_not_settled_cannot_be_reopened(self):
        with pytest.raises(IllegalTransition):
            register.reopen(self.finding, reason="Again.", by=self.alice, now=NOON)

    def test_a_higher_severity_brings_the_due_date_forward_and_a_lower_one_leaves_it(self):
        register.change_severity(
            self.finding, severity=Severity.HIGH, reason="It spread.", by=self.alice, now=in_time(10)
        )
        assert self.finding.due_on == TODAY + timedelta(days=40)
        register.change_severity(
            self.finding, severity=Severity.LOW, reason="It did not.", by=self.bob, now=in_time(11)
        )
        assert self.finding.due_on == TODAY + timedelta(days=40)

    def test_only_an_approver_who_is_not_its_owner_makes_it_less_severe_or_gives_it_time(self):
        later = TODAY + timedelta(days=120)
        with pytest.raises(access.NotPermitted):
            register.change_severity(self.finding, severity=Severity.LOW, reason="Minor.", by=self.alice, now=NOON)
        with pytest.raises(access.NotPermitted):
            register.change_due_date(self.finding, due_on=later, reason="Busy.", by=self.alice, now=NOON)
        register.change_due_date(self.finding, due_on=later, reason="The vendor is busy.", by=self.bob, now=NOON)
        assert Finding.objects.get().due_on == later

    def test_a_due_date_lies_from_today_to_a_year_ahead(self):
        for day in (TODAY - timedelta(days=1), TODAY + timedelta(days=366)):
            with self.subTest(day), pytest.raises(register.FindingInvalid):
                register.change_due_date(self.finding, due_on=day, reason="So.", by=self.bob, now=NOON)
        for day in (TODAY, TODAY + timedelta(days=365)):
            register.change_due_date(self.finding, due_on=day, reason="So.", by=self.bob, now=NOON)
            assert Finding.objects.get().due_on == day

    def test_a_vendors_finding_is_felt_by_every_server_assessed_of_it(self):
        other = self.scene.another_server(publisher=self.scene.vendor)
        self.scene.final(other)
        register.open_by_hand(
            self.scene.vendor,
            title="Breach",
            severity=Severity.CRITICAL,
            dimension="security_posture",
            by=self.alice,
            now=NOON,
        )
        assert set(ServerRating.objects.values_list("band", flat=True)) == {"unacceptable"}

    def test_one_raised_by_hand_leaves_the_rating_as_working_it_out_would(self):
        for severity in Severity:
            with self.subTest(severity):
                self._by_hand(severity=severity, now=in_time(1))
                kept = self._rating()
                ratings.refresh(self.scene.server, reason="Asked.", now=in_time(1))
                assert self._rating() | {"as_of": kept["as_of"]} == kept

    def test_a_high_one_raised_by_hand_brings_the_next_change_forward_to_the_day_after_it_is_due(self):
        ServerRating.objects.update(changes_at=in_time(300))
        before = self._rating()
        high = self._by_hand(severity=Severity.HIGH)
        assert high.due_on is not None
        due = deadlines.moment_past(high.due_on, timezone.get_default_timezone())
        assert self._rating() == before | {"changes_at": due}

    def test_one_raised_by_hand_never_puts_the_next_change_off(self):
        ServerRating.objects.update(changes_at=in_time(1))
        before = self._rating()
        self._by_hand(severity=Severity.HIGH)
        assert self._rating() == before

    def test_each_step_is_told_once_on_the_page_of_the_server_too(self):
        register.assign(self.finding, owner=self.bob, by=self.mia, now=NOON)
        event = Event.objects.get(verb="finding.assigned")
        assert (event.concerns_id, event.unit_id) == (self.scene.server.pk, self.scene.people.payments.pk)

    def test_one_that_an_assessment_opens_on_the_vendor_counts_for_the_vendors_other_servers_too(self):
        about_vendor, vendor = scenes.question("vendor"), self.scene.vendor
        bad = {about_vendor.key: scenes.worst(about_vendor)}
        other, third = (self.scene.another_server(publisher=vendor) for _ in range(2))
        self.scene.final(choices=bad)
        raised = Finding.objects.get(vendor=vendor)
        register.change_severity(raised, severity=Severity.HIGH, reason="A breach.", by=self.bob, now=NOON)
        ben = cast.person("ben", role="approver", unit=self.scene.people.payments)
        closed_by_two(raised, asked_by=self.alice, granted_by=ben, by=self.bob, until=TODAY, at=NOON)
        self.scene.final(other)
        self.scene.final(third, at=in_time(1), choices=bad)
        raised.refresh_from_db()
        assert (raised.status, raised.severity) == ("open", Severity.HIGH)
        moment = deadlines.moment_past(raised.due_on or TODAY, timezone.get_default_timezone())
        assert ServerRating.objects.get(server=other).changes_at == moment
        assert moment is not None
        ratings.refresh_due(now=moment)
        assert "overdue-high" in {cap["id"] for cap in ServerRating.objects.get(server=other).caps}

    def _rating(self) -> dict[str, Any]:
        return dict(ServerRating.objects.filter(server=self.scene.server).values().get())

    def _by_hand(self, **how: Any) -> Finding:
        standard: dict[str, Any] = {
            "title": "Secrets in logs",
            "severity": Severity.LOW,
            "dimension": "data_handling",
            "by": self.alice,
            "now": NOON,
        }
        return register.open_by_hand(self.scene.server, **standard | how)

    def _propose(self) -> None:
        self.finding.status, self.finding.due_on, self.finding.opened_at = "proposed", None, None
        with append_only.lifted(connection, Finding):
            self.finding.save()

    def _another_analyst(self):
        found = self.scene.people.payments.memberships.filter(user__name="Ann").first()
        if found:
            return found.user
        return cast.person("ann", role="analyst", unit=self.scene.people.payments)
