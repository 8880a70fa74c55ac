"""A critical or high finding is not settled by one person's word, and settling it makes it no younger."""

from datetime import timedelta

import pytest
from django.test import TestCase

from accounts.models import User
from findings import acceptance, register, remediation
from findings.models import Finding, RiskAcceptance
from scoring.scales import Severity
from tests import cast
from tests.assessments import scenes
from tests.assessments.scenes import Scene, in_time
from tests.cast import NOON, TODAY
from work import tiles


class Severe(TestCase):
    """A critical finding that alice wrote down and owns, bob and ben who may decide."""

    scene: Scene
    alice: User
    bob: User
    ben: User
    finding: Finding

    @classmethod
    def setUpTestData(cls) -> None:
        cls.scene = scenes.set_up()
        cls.alice, cls.bob = cls.scene.people.alice, cls.scene.people.bob
        cls.ben = cast.person("ben", role="approver", unit=cls.scene.people.payments)
        cls.finding = register.open_by_hand(
            cls.scene.server,
            title="Open to all",
            severity=Severity.CRITICAL,
            dimension="provenance",
            owner=cls.alice,
            by=cls.alice,
            now=NOON,
        )

    def accepted(self) -> RiskAcceptance:
        asked = acceptance.request(
            self.finding,
            reason="Until the fix.",
            compensating_control="A wall.",
            expires_on=TODAY + timedelta(days=30),
            by=self.alice,
            now=in_time(1),
        )
        return acceptance.grant(asked, by=self.bob, now=in_time(2))

    def refused(self, *, by: User, match: str) -> None:
        before = Finding.objects.get().status
        with pytest.raises(register.TakesTwo, match=match):
            register.close(self.finding, reason="Not relevant.", by=by, now=in_time(3))
        assert Finding.objects.get().status == before


class Settling(Severe):
    def test_one_approver_neither_closes_nor_dismisses_it(self) -> None:
        self.refused(by=self.bob, match="take two people")
        with pytest.raises(register.TakesTwo, match="take two people"):
            register.dismiss(self.finding, reason="Not relevant.", by=self.bob, now=in_time(3))
        assert Finding.objects.get().status == "open"
        assert register.close.offer(Finding.objects.get(), self.bob).why_not.startswith("Critical and high findings")

    def test_lowering_it_first_does_not_help(self) -> None:
        register.change_severity(self.finding, severity=Severity.LOW, reason="It is small.", by=self.bob, now=NOON)
        self.refused(by=self.bob, match="take two people")

    def test_whoever_accepted_its_risk_does_not_close_it_and_another_approver_does(self) -> None:
        accepted = self.accepted()
        self.finding.refresh_from_db()
        self.refused(by=self.bob, match=f"You accepted its risk \\({accepted.ref}\\)")
        assert register.close(self.finding, reason="Gone.", by=self.ben, now=in_time(4)).status == "closed"

    def test_a_verified_fix_closes_it_but_not_by_its_owner(self) -> None:
        register.assign(self.finding, owner=self.ben, by=self.alice, now=NOON)
        remediation.plan(self.finding, description="Shut it.", target_on=TODAY, by=self.alice, now=NOON)
        claim = remediation.claim_fixed(self.finding, note="Shut.", by=self.alice, now=in_time(1))
        with pytest.raises(register.OwnFinding):
            remediation.pass_fix(claim, note="Seen.", by=self.ben, now=in_time(1))
        remediation.pass_fix(claim, note="Seen.", by=self.bob, now=in_time(1))
        assert Finding.objects.get().status == "closed"

    def test_a_medium_one_takes_one_approver(self) -> None:
        small = register.open_by_hand(
            self.scene.server, title="A typo", severity=Severity.MEDIUM, dimension="provenance", by=self.alice, now=NOON
        )
        assert register.close(small, reason="Gone.", by=self.bob, now=NOON).status == "closed"


class Reopening(Severe):
    def reopened(self, *, at: int) -> Finding:
        self.accepted()
        self.finding.refresh_from_db()
        register.close(self.finding, reason="Gone.", by=self.ben, now=in_time(4))
        register.reopen(self.finding, reason="Back.", by=self.alice, now=in_time(at))
        return Finding.objects.get()

    def test_gives_no_time_and_makes_it_no_younger(self) -> None:
        due_on = self.finding.due_on
        again = self.reopened(at=100)
        assert (again.due_on, again.age_in_days(today=TODAY + timedelta(days=101))) == (due_on, 101)

    def test_it_stands_where_its_age_puts_it_on_the_dashboard(self) -> None:
        self.reopened(at=100)
        figures = tiles.figures(self.scene.people.mia, unit=None, today=TODAY + timedelta(days=100)).findings
        assert [sum(group.values()) for group in figures.by_age] == [0, 0, 0, 1]
