from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import TestCase

from accounts import access
from accounts.models import User
from audit.models import Event
from decisions.approvals import approvals
from decisions.models import Approval, ServerRating
from decisions.ratings import ratings
from findings import acceptance, register, remediation
from findings.events import asker_and_owner
from findings.models import Finding, RiskAcceptance
from riskregister.refusals import Refused
from riskregister.transitions import IllegalTransition
from scoring.scales import Severity
from tests import cast
from tests.assessments import scenes
from tests.assessments.scenes import Scene, in_time, verbs
from tests.cast import NOON, TODAY
from tests.findings.settling import closed_by_two
from tests.tables import for_each
from vendors.models import Server
from work.in_hand import waiting

IN_A_MONTH = TODAY + timedelta(days=30)


class WithCriticalFinding(TestCase):
    """An assessed server with an open critical finding; it is due in a week."""

    scene: Scene
    alice: User
    bob: User
    server: Server
    finding: Finding

    @classmethod
    def setUpTestData(cls) -> None:
        cls.scene = scenes.set_up()
        cls.alice, cls.bob, cls.server = cls.scene.people.alice, cls.scene.people.bob, cls.scene.server
        cls.scene.final()
        cls.finding = register.open_by_hand(
            cls.server,
            title="Tokens in logs",
            severity=Severity.CRITICAL,
            dimension="data_handling",
            by=cls.alice,
            now=NOON,
        )

    def request(self, subject=None, **how: Any) -> RiskAcceptance:
        standard: dict[str, Any] = {
            "reason": "No other server does it.",
            "compensating_control": "Logs are kept for one day.",
            "expires_on": IN_A_MONTH,
            "by": self.alice,
            "now": NOON,
        }
        if isinstance(subject, Server):
            return acceptance.request_for_server(subject, **standard | how)
        return acceptance.request(subject or self.finding, **standard | how)

    def granted(self, subject=None, *, note: str = "", at: datetime = NOON, **how: Any) -> RiskAcceptance:
        return acceptance.grant(self.request(subject, now=at, **how), note=note, by=self.bob, now=at)

    def now(self) -> Finding:
        return Finding.objects.get(pk=self.finding.pk)

    def band(self) -> str:
        return ServerRating.objects.get(server=self.server).band


class Requesting(WithCriticalFinding):
    def test_whoever_gave_the_finding_away_is_not_asked_to_decide(self):
        ben = cast.person("ben", role="approver", unit=self.scene.people.payments)
        register.assign(self.finding, owner=self.bob, by=self.scene.people.mia, now=NOON)
        register.assign(self.finding, owner=self.alice, by=self.bob, now=NOON)
        self.request()
        assert waiting.acceptances_to_decide(ben).count() == 1
        assert waiting.acceptances_to_decide(self.bob).count() == 0
        assert asker_and_owner(self.now()) == {self.alice.pk, self.bob.pk}

    def test_a_request_changes_nothing_yet(self):
        asked = self.request()

        assert (asked.status, asked.residual_at_request) == ("requested", "critical")
        assert (self.now().status, self.band()) == ("open", "unacceptable")
        assert verbs(self.finding)[-1] == "finding.acceptance_requested"

    def test_it_needs_a_reason_and_a_compensating_control(self):
        for field in ("reason", "compensating_control"):
            with self.subTest(field), pytest.raises(Refused) as refusal:
                self.request(**{field: " "})
            assert refusal.value.field == field
        assert not RiskAcceptance.objects.exists()

    def test_it_ends_within_a_year(self):
        self.request(expires_on=TODAY + timedelta(days=365))
        self.request(self.server, expires_on=TODAY)
        for day in (TODAY - timedelta(days=1), TODAY + timedelta(days=366), date(2099, 1, 1)):
            with self.subTest(day), pytest.raises(acceptance.AcceptanceInvalid):
                self.request(expires_on=day)

    def test_one_request_waits_at_a_time_for_a_finding_and_for_a_server(self):
        for subject in (self.finding, self.server):
            self.request(subject)
            with self.subTest(subject), pytest.raises(acceptance.RequestPending):
                self.request(subject)
        assert RiskAcceptance.objects.count() == 2

    def test_a_settled_finding_is_not_accepted(self):
        ben = cast.person("ben", role="approver", unit=self.finding.unit)
        closed_by_two(self.finding, asked_by=self.alice, granted_by=ben, by=self.bob, until=IN_A_MONTH, at=NOON)
        with pytest.raises(IllegalTransition):
            self.request()


class Deciding(WithCriticalFinding):
    def test_the_owner_does_not_grant_what_relieves_them_whoever_asks(self):
        register.assign(self.finding, owner=self.bob, by=self.alice, now=NOON)
        asked = self.request()
        assert not acceptance.grant.offer(asked, self.bob).may
        assert asked not in waiting.acceptances_to_decide(self.bob)
        for own in (self.bob, self.alice):
            register.assign(self.finding, owner=own, by=self.bob, now=NOON)
            with pytest.raises(register.OwnFinding):
                acceptance.grant(asked, by=self.bob, now=NOON)
        assert (self.now().status, RiskAcceptance.objects.get().status) == ("open", "requested")

    def test_a_granted_acceptance_lifts_the_cap(self):
        asked = self.granted(note="Until the new version.")

        assert (asked.status, asked.decided_by, asked.decision_note) == ("granted", self.bob, "Until the new version.")
        assert (self.now().status, self.band()) == ("accepted", "weak")
        assert verbs(self.finding)[-1] == "finding.accepted"
        assert verbs(asked) == ["acceptance.granted"]

    def test_the_requester_does_not_decide_not_even_as_approver(self):
        asked = self.request(by=self.bob)
        with pytest.raises(acceptance.OwnRequest):
            acceptance.grant(asked, by=self.bob, now=NOON)
        with pytest.raises(acceptance.OwnRequest):
            acceptance.refuse(asked, note="No.", by=self.bob, now=NOON)
        assert RiskAcceptance.objects.get().status == "requested"

    def test_the_database_refuses_it_too(self):
        asked = self.request()
        with pytest.raises(IntegrityError), transaction.atomic():
            RiskAcceptance.objects.filter(pk=asked.pk).update(status="granted", decided_by=self.alice, decided_at=NOON)

    def test_an_analyst_and_an_approver_of_another_unit_do_not_decide(self):
        asked = self.request()
        for person in (self.scene.people.mia, cast.person("otto", role="approver", unit=self.scene.people.research)):
            with self.subTest(person), pytest.raises(access.NotPermitted):
                acceptance.grant(asked, by=person, now=NOON)

    def test_of_two_decisions_at_once_one_counts(self):
        asked = self.request()
        same = RiskAcceptance.objects.get()
        acceptance.grant(asked, by=self.bob, now=NOON)
        with pytest.raises(IllegalTransition), transaction.atomic():
            acceptance.refuse(same, note="No.", by=self.bob, now=NOON)
        assert RiskAcceptance.objects.get().status == "granted"
        assert Event.objects.filter(verb__startswith="acceptance.").count() == 1

    def test_a_refusal_leaves_the_finding_open(self):
        acceptance.refuse(self.request(), note="Fix it.", by=self.bob, now=NOON)
        assert (self.now().status, self.band()) == ("open", "unacceptable")

    def test_a_request_whose_day_has_passed_cannot_be_granted(self):
        with pytest.raises(acceptance.AcceptanceInvalid):
            acceptance.grant(self.request(), by=self.bob, now=in_time(31))

    def test_a_finding_that_awaits_verification_is_not_accepted(self):
        asked = self.request()
        remediation.plan(self.finding, description="Mask.", target_on=IN_A_MONTH, by=self.alice, now=NOON)
        remediation.claim_fixed(self.finding, note="Masked.", by=self.alice, now=NOON)
        with pytest.raises(IllegalTransition):
            acceptance.grant(RiskAcceptance.objects.get(pk=asked.pk), by=self.bob, now=NOON)
        assert RiskAcceptance.objects.get().status == "requested"

    def test_revoking_opens_the_finding_under_the_due_date_it_had(self):
        due_on = self.finding.due_on
        acceptance.revoke(self.granted(), reason="It was used.", by=self.bob, now=in_time(2))

        assert (self.now().status, self.now().due_on, self.band()) == ("open", due_on, "unacceptable")
        assert verbs(self.finding)[-1] == "finding.acceptance_ended"

    def test_a_servers_low_score_can_be_accepted(self):
        asked = self.granted(self.server)
        assert list(RiskAcceptance.objects.in_force(today=IN_A_MONTH)) == [asked]
        assert not RiskAcceptance.objects.in_force(today=IN_A_MONTH + timedelta(days=1)).exists()


class RunningOut(WithCriticalFinding):
    def test_the_last_day_still_counts(self):
        self.granted()
        assert acceptance.record_expired(now=in_time(30)) == 0
        assert self.now().status == "accepted"

    def test_the_day_after_the_finding_is_open_again_and_the_rating_falls(self):
        asked = self.granted()
        assert acceptance.record_expired(now=in_time(31)) == 1

        assert (self.now().status, self.now().due_on) == ("open", TODAY + timedelta(days=7))
        assert self.band() == "unacceptable"
        assert verbs(asked) == ["acceptance.granted", "acceptance.expired"]
        assert RiskAcceptance.objects.get().expiry_recorded_at == in_time(31)

    def test_after_weeks_of_downtime_it_is_recorded_once(self):
        asked = self.granted()
        assert acceptance.record_expired(now=in_time(90)) == 1
        assert acceptance.record_expired(now=in_time(91)) == 0
        assert verbs(asked).count("acceptance.expired") == 1

    def test_of_two_sweeps_at_once_one_records_it(self):
        asked = self.granted()
        assert acceptance._record_expiry(asked.pk, now=in_time(31)) is True
        assert acceptance._record_expiry(asked.pk, now=in_time(31)) is False

    def test_what_ran_out_is_not_revoked_whether_or_not_a_sweep_has_seen_it(self):
        asked = self.granted()
        for record in (lambda: None, lambda: acceptance.record_expired(now=in_time(31))):
            record()
            with pytest.raises(acceptance.AcceptanceInvalid, match="run out"):
                acceptance.revoke(RiskAcceptance.objects.get(), reason="Late.", by=self.bob, now=in_time(31))
        assert RiskAcceptance.objects.get().revoked_by is None
        assert verbs(asked) == ["acceptance.granted", "acceptance.expired"]

    def test_a_revoked_one_does_not_expire(self):
        acceptance.revoke(self.granted(), reason="It was used.", by=self.bob, now=in_time(2))
        assert acceptance.record_expired(now=in_time(31)) == 0

    def test_a_renewal_keeps_the_finding_accepted(self):
        self.granted()
        self.finding.refresh_from_db()
        self.granted(at=in_time(20), expires_on=TODAY + timedelta(days=200))

        assert acceptance.record_expired(now=in_time(31)) == 1
        assert (self.now().status, self.band()) == ("accepted", "weak")

    def test_ends_with_its_finding_which_is_not_accepted_when_it_is_open_again(self):
        asked = self.granted()
        self.finding.refresh_from_db()
        ben = cast.person("ben", role="approver", unit=self.finding.unit)
        register.close(self.finding, reason="Gone.", by=ben, now=NOON)
        assert verbs(asked)[-1] == "acceptance.revoked"
        assert acceptance.record_expired(now=in_time(31)) == 0
        register.reopen(self.now(), reason="It is back.", by=self.bob, now=in_time(2))
        ended = RiskAcceptance.objects.get()
        assert (self.now().status, ended.status, ended.revoked_by) == ("open", "revoked", ben)


class ApprovingOverAnAcceptance(TestCase):
    def test_whoever_accepted_a_critical_answer_does_not_approve_whatever_severity_they_gave_it(self):
        scene = scenes.set_up()
        alice, bob = scene.people.alice, scene.people.bob
        ben = cast.person("ben", role="approver", unit=scene.people.payments)
        critical = scenes.questions().filter(is_critical=True, applies_when__isnull=True, subject="release")[0]
        assessment = scene.final(scene.ready(), choices={critical.key: scenes.worst(critical)})
        finding = Finding.objects.get()
        cid = cast.person("cid", role="approver", unit=scene.people.payments)
        register.change_severity(finding, severity=Severity.LOW, reason="It is small.", by=cid, now=NOON)
        asked = acceptance.request(
            finding, reason="So.", compensating_control="Logs.", expires_on=IN_A_MONTH, by=alice, now=NOON
        )
        acceptance.grant(asked, by=bob, now=NOON)
        standard: dict[str, Any] = {"decision": "approve", "reason": "So.", "valid_until": IN_A_MONTH, "now": NOON}

        with pytest.raises(approvals.AcceptanceMissing, match=finding.ref):
            approvals.decide(assessment, by=bob, **standard)
        assert not Approval.objects.exists()
        assert approvals.decide(assessment, by=ben, **standard).status == "granted"

    def test_answers_below_every_cap_do_not_excuse_the_caps(self):
        scene = scenes.set_up()
        alice, bob = scene.people.alice, scene.people.bob
        ben = cast.person("ben", role="approver", unit=scene.people.payments)
        worst = {question.key: scenes.worst(question) for question in scenes.questions().all()}
        assessment = scene.final(scene.ready(), choices=worst)
        asked = acceptance.request_for_server(
            scene.server, reason="So.", compensating_control="Logs.", expires_on=IN_A_MONTH, by=alice, now=NOON
        )
        acceptance.grant(asked, by=ben, now=NOON)
        caps = ratings.current(scene.server, now=NOON).held_by

        assert {cap.id for cap in caps} == {"critical-question", "open-critical"}
        with pytest.raises(approvals.AcceptanceMissing) as refused:
            approvals.decide(assessment, decision="approve", reason="So.", valid_until=IN_A_MONTH, by=bob, now=NOON)
        assert {one.subject for one in refused.value.missing} == {
            cap.subject for cap in caps if cap.id == "open-critical"
        }
        count = len(refused.value.missing)
        assert refused.value.message.startswith(
            f"The rating is unacceptable. Missing for an approval: {count} risks (F-"
        )


@for_each("status, expires_on, state", [
    ("requested", TODAY, "requested"),
    ("refused", TODAY, "refused"),
    ("revoked", TODAY + timedelta(days=1), "revoked"),
    ("granted", TODAY, "in_force"),
    ("granted", TODAY - timedelta(days=1), "expired"),
])  # fmt: skip
def test_it_stands_as_it_was_decided_and_once_granted_by_its_last_day(status, expires_on, state):
    assert RiskAcceptance(status=status, expires_on=expires_on).state(today=TODAY) == state
