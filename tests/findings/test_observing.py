"""The door by which every source puts what it sees on record: the same however often, and however many at once."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import TestCase, TransactionTestCase

from audit.context import SYSTEM
from audit.models import Event
from decisions.models import ServerRating
from findings import acceptance, register
from findings.models import Finding, Occurrence
from findings.observed import observing
from findings.observed.observations import Look, Observation, Observed, Outcome
from scoring.scales import Severity
from tests import cast
from tests.assessments import scenes
from tests.assessments.scenes import Scene, in_time, verbs
from tests.cast import NOON, TODAY
from vendors.models import Server, Vendor

SOURCE = Finding.Source.MONITORING
KEY = "tls:weak-cipher"


def see(subject: Server | Vendor, *, days: int = 0, **how: Any) -> Observed:
    """Have a collector see the same thing about a subject."""
    standard: dict[str, Any] = {"source": SOURCE, "key": KEY, "severity": Severity.HIGH, "title": "Weak cipher"}
    return observing.observe(subject=subject, seen_at=in_time(days), by=SYSTEM, **standard | how)


def no_longer(subject: Server | Vendor, *, days: int, keys: tuple[str, ...] = (KEY,)) -> list[Finding]:
    """Have a collector look for these and see none."""
    look = Look(source=SOURCE, by=SYSTEM, seen_at=in_time(days), now=in_time(days))
    return observing.no_longer_observed(look, subjects=[subject], keys=keys)


def close_gone(subject: Server | Vendor, *, days: int, keys: tuple[str, ...] = (KEY,)) -> list[Finding]:
    """Have a collector that can tell look for these, see none, and close them."""
    look = Look(source=SOURCE, by=SYSTEM, seen_at=in_time(days), now=in_time(days))
    gone = observing.no_longer_observed(look, subjects=[subject], keys=keys)
    return observing.close_gone(look, gone, reason="Version 2 is free of it.")


class OfAServer(TestCase):
    """What is seen of a server that is rated; bob judges it."""

    scene: Scene

    @classmethod
    def setUpTestData(cls) -> None:
        cls.scene = scenes.set_up()
        cls.scene.final()

    @property
    def subject(self) -> Server | Vendor:
        return Server.objects.get(pk=self.scene.server.pk)

    def now(self) -> Finding:
        return Finding.objects.get(source=SOURCE)

    def days(self) -> int:
        """Return in how many days from the first it is due."""
        due_on = self.now().due_on
        assert due_on
        return (due_on - TODAY).days

    def settle(self, step: Any, *, days: int = 1) -> None:
        """Have bob judge the finding, which he does not own."""
        finding = self.now()
        finding.owner = None
        finding.save(update_fields=["owner"])
        step(finding, reason="So.", by=self.scene.people.bob, now=in_time(days))

    def test_what_is_new_opens_with_owner_and_due_date(self):
        observed = see(self.subject)
        finding = self.now()
        assert (observed.finding, observed.outcome) == (finding, Outcome.OPENED)
        assert (finding.status, finding.owner, finding.severity) == ("open", self.scene.people.alice, Severity.HIGH)
        assert self.days() == 30
        assert verbs(finding) == ["finding.opened"]

    def test_twice_in_a_row_it_is_one_finding_and_one_event(self):
        see(self.subject)
        before = Event.objects.count()
        assert [see(self.subject, days=days).outcome for days in (0, 1, 2)] == [Outcome.KNOWN] * 3
        assert (Event.objects.count(), Occurrence.objects.count()) == (before, 1)
        assert self.now().last_observed_at == in_time(2)

    def test_an_older_sight_does_not_turn_the_clock_back(self):
        see(self.subject, days=5)
        see(self.subject, days=3)
        assert self.now().last_observed_at == in_time(5)

    def test_another_key_and_another_source_are_other_findings(self):
        seen = [see(self.subject), see(self.subject, key="tls:expired"), see(self.subject, source="condition")]
        assert len({one.finding.pk for one in seen}) == 3

    def test_gone_and_seen_again_it_joins_under_its_due_date(self):
        due_on = see(self.subject).finding.due_on
        assert no_longer(self.subject, days=3) == [self.now()]
        assert (self.now().status, self.now().is_observed) == ("open", False)
        assert no_longer(self.subject, days=4) == []
        assert see(self.subject, days=9).outcome is Outcome.JOINED
        assert (self.now().is_observed, self.now().due_on) == (True, due_on)
        assert verbs(self.now()) == ["finding.opened", "finding.no_longer_observed", "finding.observed_again"]
        assert Occurrence.objects.count() == 2

    def test_what_was_not_looked_for_is_not_gone(self):
        see(self.subject)
        assert no_longer(self.subject, days=3, keys=("tls:expired",)) == []
        assert self.now().is_observed

    def test_closed_it_opens_again_with_a_fresh_clock(self):
        see(self.subject, severity=Severity.MEDIUM)
        self.settle(register.close)
        assert see(self.subject, days=100, severity=Severity.MEDIUM).outcome is Outcome.REOPENED
        finding = self.now()
        assert (finding.status, finding.closed_at, finding.opened_at) == ("open", None, in_time(100))
        assert self.days() == 190
        assert verbs(finding)[-1] == "finding.reopened"

    def test_dismissed_it_stays_so_and_says_nothing_until_it_was_gone(self):
        see(self.subject, severity=Severity.MEDIUM)
        self.settle(register.dismiss)
        assert see(self.subject, days=2, severity=Severity.MEDIUM).outcome is Outcome.KNOWN
        no_longer(self.subject, days=3)
        assert see(self.subject, days=4, severity=Severity.MEDIUM).outcome is Outcome.NOTED
        assert (self.now().status, self.now().is_observed) == ("dismissed", True)
        assert verbs(self.now())[-1] == "finding.observed_again"

    def test_accepted_it_stays_so(self):
        see(self.subject)
        people = self.scene.people
        asked = acceptance.request(
            self.now(), reason="So.", compensating_control="Logs.", expires_on=TODAY, by=people.alice, now=NOON
        )
        acceptance.grant(asked, by=people.bob, now=NOON)
        no_longer(self.subject, days=0)
        assert see(self.subject).outcome is Outcome.NOTED
        assert self.now().status == "accepted"

    def test_worse_than_the_source_said_before_counts_and_brings_the_due_date_forward(self):
        see(self.subject, severity=Severity.MEDIUM)
        see(self.subject, days=1, severity=Severity.CRITICAL)
        assert (self.now().severity, self.days()) == (Severity.CRITICAL, 8)
        assert verbs(self.now()) == ["finding.opened", "finding.severity_changed"]

    def test_less_bad_than_before_changes_nothing_that_people_see(self):
        see(self.subject)
        see(self.subject, days=1, severity=Severity.LOW)
        assert (self.now().severity, self.now().observed_severity) == (Severity.HIGH, Severity.LOW)
        assert verbs(self.now()) == ["finding.opened"]

    def test_what_people_judged_stays_while_the_source_says_the_same(self):
        finding = see(self.subject).finding
        Finding.objects.filter(pk=finding.pk).update(owner=None)
        register.change_severity(
            self.now(), severity=Severity.LOW, reason="Internal.", by=self.scene.people.bob, now=in_time(1)
        )
        see(self.subject, days=2)
        assert self.now().severity == Severity.LOW

    def test_what_people_judged_stays_unless_it_is_worse_than_the_source_said_and_than_they_judge(self):
        see(self.subject, severity=Severity.MEDIUM)
        for judged, seen, stays in (
            (Severity.LOW, Severity.MEDIUM, True),
            (Severity.CRITICAL, Severity.HIGH, True),
            (Severity.LOW, Severity.HIGH, True),
            (Severity.LOW, Severity.CRITICAL, False),
        ):
            Finding.objects.filter(source=SOURCE).update(owner=None)
            finding = self.now()
            if finding.severity != judged:
                register.change_severity(
                    finding, severity=judged, reason="So.", by=self.scene.people.bob, now=in_time(1)
                )
            see(self.subject, days=2, severity=seen)
            with self.subTest(judged=judged, seen=seen):
                assert self.now().severity == (judged if stays else seen)

    def test_proposed_it_waits_for_somebody_who_judges_it(self):
        observed = see(self.subject, starts=Finding.Status.PROPOSED, severity=Severity.CRITICAL)
        finding = self.now()
        assert observed.outcome is Outcome.PROPOSED
        assert (finding.status, finding.opened_at, finding.due_on) == ("proposed", None, None)
        assert verbs(finding) == ["finding.proposed"]
        assert see(self.subject, days=1, starts=Finding.Status.PROPOSED).outcome is Outcome.KNOWN
        register.confirm(finding, by=self.scene.people.alice, now=in_time(2))
        assert (self.now().status, self.days()) == ("open", 9)

    def test_what_is_truly_gone_closes_whatever_was_being_done_and_opens_again_when_it_is_back(self):
        first = see(self.subject, severity=Severity.MEDIUM)
        assert close_gone(self.subject, days=3) == [first.finding]
        finding = self.now()
        assert (finding.status, finding.closed_at, finding.close_reason) == (
            "closed",
            in_time(3),
            "Version 2 is free of it.",
        )
        assert see(self.subject, days=9, severity=Severity.MEDIUM).outcome is Outcome.REOPENED
        assert self.now().opened_at == in_time(9)
        assert verbs(self.now()) == [
            "finding.opened", "finding.no_longer_observed", "finding.closed", "finding.reopened",
        ]  # fmt: skip

    def test_what_was_dismissed_before_anybody_confirmed_it_opens_again_with_a_day(self):
        see(self.subject, starts=Finding.Status.PROPOSED, severity=Severity.MEDIUM)
        proposed, bob = self.now(), self.scene.people.bob
        register.dismiss(proposed, reason="It is none.", by=bob, now=in_time(1))
        register.reopen(proposed, reason="It is one.", by=bob, now=in_time(2))
        proposed.refresh_from_db()
        assert (proposed.status, proposed.opened_at) == ("open", in_time(2))
        assert proposed.due_on is not None

    def test_what_nobody_judged_closes_too_and_what_was_dismissed_stays_dismissed(self):
        see(self.subject, starts=Finding.Status.PROPOSED, severity=Severity.MEDIUM)
        see(self.subject, key="other", severity=Severity.MEDIUM)
        other = Finding.objects.get(stable_key="other")
        other.owner = None
        other.save(update_fields=["owner"])
        register.dismiss(other, reason="None.", by=self.scene.people.bob, now=in_time(1))
        close_gone(self.subject, days=3, keys=(KEY, "other"))
        rows = Finding.objects.filter(source=SOURCE).order_by("stable_key").values_list("status", "is_observed")
        assert list(rows) == [("dismissed", False), ("closed", False)]

    def test_an_acceptance_ends_with_what_is_gone(self):
        see(self.subject)
        people = self.scene.people
        asked = acceptance.request(
            self.now(), reason="So.", compensating_control="Logs.", expires_on=TODAY, by=people.alice, now=NOON
        )
        acceptance.grant(asked, by=people.bob, now=NOON)
        close_gone(self.subject, days=0)
        asked.refresh_from_db()
        assert (self.now().status, asked.status) == ("closed", "revoked")

    def test_a_day_that_the_source_names_comes_before_what_the_severity_gives_and_never_after(self):
        see(self.subject, due_by=TODAY + timedelta(days=12))
        assert self.days() == 12
        see(self.subject, days=1, due_by=TODAY + timedelta(days=20))
        assert self.days() == 12
        see(self.subject, days=2, due_by=TODAY + timedelta(days=4))
        assert self.days() == 4
        assert verbs(self.now()) == ["finding.opened", "finding.due_date_changed"]

    def test_a_rating_follows_what_opens_and_not_what_is_proposed(self):
        before = self.band()
        see(self.subject, key="proposed", severity=Severity.CRITICAL, starts=Finding.Status.PROPOSED)
        assert self.band() == before
        see(self.subject, severity=Severity.CRITICAL)
        assert self.band() == "unacceptable"

    def band(self) -> str:
        return ServerRating.objects.get(server=self.scene.server).band


class OfAVendor(OfAServer):
    """What is seen of a vendor, which all units share."""

    @property
    def subject(self) -> Server | Vendor:
        return Vendor.objects.get(pk=self.scene.vendor.pk)


class Many(TestCase):
    def test_what_is_known_is_looked_at_in_five_statements(self):
        server = scenes.set_up().server
        seen = [Observation(subject=server, key=f"k{i}", severity=Severity.LOW, title="Small") for i in range(40)]
        first, second = (Look(source=SOURCE, by=SYSTEM, seen_at=in_time(day), now=in_time(day)) for day in (0, 1))
        observing.observe_all(first, seen)
        with self.assertNumQueries(5):  # the transaction's two, the server, the findings, and when they were last seen
            outcomes = observing.observe_all(second, seen)
        assert {one.outcome for one in outcomes} == {Outcome.KNOWN}


@pytest.mark.engine
class TwoLooksAtOnce(TransactionTestCase):
    def setUp(self) -> None:
        self.scene = scenes.set_up()

    def test_make_one_finding_and_one_event(self):
        cast.person("ann", role="analyst", unit=self.scene.people.payments)
        for subject in (self.scene.server, self.scene.vendor):
            outcomes = at_once(*[lambda subject=subject: see(type(subject).objects.get(pk=subject.pk))] * 4)
            assert sorted(one.outcome.value for one in outcomes) == ["known"] * 3 + ["opened"]
        assert Finding.objects.count() == 2
        assert Event.objects.filter(verb="finding.opened").count() == 2
        assert Occurrence.objects.count() == 2


def at_once(*looks: Callable[[], Observed]) -> list[Observed]:
    """Return what became of looks that begin together, each in a thread of its own."""
    gate = threading.Barrier(len(looks))
    outcomes: list[Observed] = []

    def run(look: Callable[[], Observed]) -> None:
        gate.wait()
        try:
            outcomes.append(look())
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[look]) for look in looks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes
