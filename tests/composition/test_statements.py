"""What is said of a vulnerability proposes; a person accepts it; and the finding opens again when the risk rises."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import TestCase
from django.utils import timezone

from accounts import access
from accounts.models import Role, User
from audit.models import Event
from composition import hits
from composition.comparison import comparing
from composition.inventories import taking
from composition.listing import Listed
from composition.models import (
    Advisory,
    Comparison,
    EpssScore,
    ExploitedEntry,
    Hit,
    Inventory,
    Statement,
    Suppression,
    Vulnerability,
)
from composition.statements import suppressing
from composition.statements import taking as statements
from composition.vex import reading
from evidence import store
from findings import register
from findings.models import Finding
from jobs import dated
from riskregister.refusals import Refused
from riskregister.transitions import IllegalTransition
from scoring.scales import Severity
from tests import append_only, cast
from tests.api.caller import frozen
from tests.cast import NOON, TODAY
from tests.composition import vex_documents
from tests.composition.advisories import EVERY, publish
from tests.composition.inventories import QS, listing
from tests.composition.vex_documents import not_affected, openvex
from tests.web.signed_in import as_
from vendors.models import Release, Server
from vendors.registering import registration
from web.findings import finding_statements
from work.in_hand import waiting

DAY = timedelta(days=1)
CVE, GHSA = "CVE-2022-24999", "GHSA-hrpp-h998-j3pp"
OWN = "pkg:npm/%40example/weather@1.2.3"
# What a statement is about, and what becomes of it.
FOR_A_SERVER: list[tuple[dict[str, Any], str]] = [
    ({"@id": "pkg:npm/qs"}, "applied"),
    ({"@id": "pkg:npm/qs@6.11.0"}, "applied"),
    ({"@id": "pkg:npm/qs@6.10.0"}, "unmatched"),
    ({"@id": "pkg:npm/express"}, "unmatched"),
    ({"@id": "pkg:pypi/qs"}, "unmatched"),
    ({"@id": OWN}, "applied"),
    ({"@id": "pkg:npm/%40example/weather"}, "applied"),
    ({"@id": "pkg:npm/%40example/weather@1.2.4"}, "unmatched"),
    ({"@id": "pkg:oci/other", "subcomponents": [{"@id": "pkg:npm/qs"}]}, "applied"),
]  # fmt: skip
FOR_A_UNIT: list[tuple[dict[str, Any], str]] = [
    ({"@id": OWN, "subcomponents": [{"@id": "pkg:npm/qs"}]}, "applied"),
    ({"@id": "pkg:npm/another", "subcomponents": [{"@id": "pkg:npm/qs"}]}, "unmatched"),
    ({"@id": "pkg:npm/qs"}, "applied"),
]  # fmt: skip
INCOMPLETE: list[tuple[dict[str, Any], str]] = [
    ({"until": None}, "until"),
    ({"until": TODAY + 366 * DAY}, "until"),
    ({"until": TODAY - DAY}, "until"),
    ({"justification": ""}, "justification"),
    ({"justification": "because"}, "justification"),
    ({"reason": " "}, "reason"),
    ({"says": "fixed"}, "says"),
    ({"says": "affected", "action": ""}, "action"),
    ({"scope": "world"}, "scope"),
]  # fmt: skip


class Stating(TestCase):
    """A server of Payments with qs 6.11.0, which one vulnerability hits; Weather Works publishes it."""

    cast: cast.Cast
    release: Release
    server: Server
    severity = Severity.MEDIUM

    @classmethod
    def setUpTestData(cls) -> None:
        cls.cast = cast.assemble()
        cls.release = cast.a_release(cls.cast)
        cls.server = cls.release.server
        vendor = cast.a_vendor(cls.cast, "Weather Works")
        registration.add_supplier(cls.server, vendor, role="publisher", by=cls.cast.alice, now=NOON)

    def publish(self, **how: Any) -> None:
        publish(GHSA, key=CVE, **{"severity": self.severity} | how)

    def inventory(self, *parts: Listed, now: datetime = NOON) -> None:
        text = f"{{{' ' * Inventory.objects.count()}}}".encode()
        by = self.cast.alice
        taking.take(self.release, listing(*parts), text, file_name="lock.json", scope="lock", by=by, now=now)

    def compare(self, *, now: datetime = NOON) -> None:
        """Do what the job does."""
        comparing.compare_changed(now=now)
        Comparison.objects.update(is_due=True)
        for row in Comparison.objects.filter(is_due=True):
            hits.compare(row.server, now=now)

    def seen(self, *parts: Listed) -> None:
        """Let it be seen that qs is hit."""
        self.publish()
        self.inventory(*(parts or (QS,)))
        self.compare()

    def take(self, *stated: dict[str, Any], now: datetime = NOON, **how: Any) -> Statement:
        """Take a document of these statements in, for the server unless said."""
        document = openvex(*stated) | how.pop("more", {})
        return vex_documents.take(document, **{"server": self.server, "by": self.cast.alice, "now": now} | how)

    def state(self, now: datetime = NOON, **how: Any) -> Statement:
        facts: dict[str, Any] = {
            "says": "not_affected",
            "reason": "The server never parses queries.",
            "justification": "vulnerable_code_not_in_execute_path",
            "until": TODAY + 90 * DAY,
            "by": self.cast.alice,
        }
        return statements.state(Hit.objects.get(), **facts | how, now=now)

    def accept(self, *, by: Any = None, now: datetime = NOON, **how: Any) -> Suppression:
        one = Suppression.objects.get(status__in=["proposed", "ended"])
        return suppressing.accept(one, reason="Seen in the code.", by=by or self.cast.bob, now=now, **how)

    def finding(self) -> Finding:
        return Finding.objects.get()

    def waits_for(self, person: Any) -> int:
        return waiting.suppressions_to_accept(person, today=TODAY).count()

    def forget(self) -> None:
        with append_only.lifted(connection, Suppression, Statement):
            Suppression.objects.all().delete()
            Statement.objects.all().delete()

    def outcomes(self) -> list[str]:
        return [str(vars(one)["outcome"]) for one in Statement.objects.with_outcome().order_by("number")]


class Taking(Stating):
    """What becomes of each statement of a document."""

    def test_each_statement_is_applied_unmatched_or_rejected(self) -> None:
        self.seen()
        first = self.take(
            not_affected(vulnerability={"name": GHSA}),
            not_affected(vulnerability={"name": "CVE-2020-1"}),
            {"status": "not_affected"},
        )
        assert self.outcomes() == ["applied", "unmatched", "rejected"]
        event = Event.objects.get(verb="statement.taken")
        assert {key: event.data[key] for key in ("statements", "applied", "unmatched", "rejected")} == {
            "statements": 3, "applied": 1, "unmatched": 1, "rejected": 1,
        }  # fmt: skip
        assert (first.author, first.form, first.file_name, first.place) == (
            "Weather Works <security@weather.example>", "OpenVEX 0.2.0", "vex.json", "statements[0]",
        )  # fmt: skip
        assert self.finding().status == "open"

    def test_what_speaks_of_nothing_yet_is_applied_when_that_appears(self) -> None:
        self.take(not_affected())
        assert (self.outcomes(), Suppression.objects.count()) == (["unmatched"], 0)
        self.seen()
        assert (self.outcomes(), Suppression.objects.get().status) == (["applied"], "proposed")

    def test_a_statement_is_matched_by_its_package_or_by_the_server_itself(self) -> None:
        self.seen()
        for product, outcome in FOR_A_SERVER:
            with self.subTest(product):
                self.forget()
                self.take(not_affected(products=[product]))
                assert self.outcomes() == [outcome]

    def test_for_a_whole_unit_a_part_counts_in_its_product_alone(self) -> None:
        self.seen()
        for product, outcome in FOR_A_UNIT:
            with self.subTest(product):
                self.forget()
                self.take(not_affected(products=[product]), server=None, unit=self.cast.payments)
                assert self.outcomes() == [outcome]

    def test_the_word_of_a_stranger_is_rejected(self) -> None:
        self.seen()
        one = self.take(not_affected(), more={"author": "Mallory <mallory@elsewhere.example>"})
        assert (one.status, one.refusal[:58]) == (
            "rejected", "Its author, Mallory <mallory@elsewhere.example>, is no sup",
        )  # fmt: skip
        assert not Suppression.objects.exists()

    def test_the_page_of_a_rejected_one_says_so_once_and_promises_nothing(self) -> None:
        row = self.take(not_affected(justification=""))
        page = as_(self.cast.alice).get(f"/statements/{row.pk}/").content.decode()
        assert row.status == "rejected"
        assert (page.count("Rejected"), "It is applied when" in page) == (1, False)

    def test_a_document_in_xml_is_kept_as_it_came(self) -> None:
        self.seen()
        raw = f"""<bom xmlns="http://cyclonedx.org/schema/bom/1.6" version="1">
          <metadata><authors><author><name>Example</name></author></authors></metadata>
          <components/>
          <vulnerabilities><vulnerability><id>{CVE}</id>
            <analysis><state>not_affected</state><justification>code_not_reachable</justification></analysis>
            <affects><target><ref>pkg:npm/qs@6.11.0</ref></target></affects>
          </vulnerability></vulnerabilities>
        </bom>""".encode()
        statement = statements.take(
            reading.read(raw), raw, file_name="vex.xml", server=self.server, by=self.cast.alice, now=NOON
        )
        assert statement.document is not None
        with store.open_blob(statement.document) as kept:
            assert kept.read() == raw
        assert (statement.form, statement.says, statement.package) == ("CycloneDX 1.6", "not_affected", "qs")

    def test_the_same_document_again_changes_nothing(self) -> None:
        self.seen()
        first = self.take(not_affected())
        events = Event.objects.count()
        assert self.take(not_affected(), now=NOON + DAY) == first
        assert (Statement.objects.count(), Event.objects.count()) == (1, events)

    def test_the_next_version_supersedes_what_it_does_not_say_any_more(self) -> None:
        self.seen()
        self.take(not_affected(), not_affected(vulnerability={"name": "CVE-2020-1"}))
        self.accept()
        self.take(
            {"status": "affected", "action_statement": "Take 6.11.1."},
            not_affected(vulnerability={"name": "CVE-2020-1"}),
            more={"version": 2},
        )
        rows = list(Statement.objects.order_by("number").values_list("says", "status"))
        assert rows == [("not_affected", "superseded"), ("not_affected", "in_force"), ("affected", "in_force")]
        assert (self.finding().status, Suppression.objects.get().end_reason) == (
            "open",
            "Version 2 of the document by Weather Works <security@weather.example> does not say so any more.",
        )

    def test_an_older_version_is_refused(self) -> None:
        self.take(not_affected(), more={"version": 2})
        with self.assertRaisesMessage(statements.OlderDocument, "Version 2 of this document was taken in before"):
            self.take(not_affected())
        assert Statement.objects.count() == 1

    def test_what_is_fixed_by_a_word_alone_closes_nothing(self) -> None:
        self.seen()
        self.take({"status": "fixed"})
        assert (self.outcomes(), self.finding().status, Suppression.objects.count()) == (["applied"], "open", 0)

    def test_whoever_works_in_one_unit_is_not_offered_the_whole_organisation(self) -> None:
        everywhere = cast.person("otto", role=Role.ANALYST, unit=None)
        offered = {
            person: "The whole organisation" in as_(person).get("/statements/take/").content.decode()
            for person in (self.cast.alice, everywhere)
        }
        assert offered == {self.cast.alice: False, everywhere: True}

    def test_who_works_in_one_unit_says_nothing_for_all(self) -> None:
        with pytest.raises(access.NotPermitted):
            self.take(not_affected(), server=None)
        with pytest.raises(access.NotPermitted):
            self.take(not_affected(), by=self.cast.eve)
        assert not Statement.objects.exists()

    def test_a_release_is_said_of_its_own_server(self) -> None:
        with self.assertRaisesMessage(Refused, "This release is of another server."):
            self.take(not_affected(), server=None, release=self.release, unit=self.cast.payments)


class ByHand(Stating):
    """What a person says."""

    def test_a_person_says_why_and_until_when(self) -> None:
        self.seen()
        one = self.state()
        assert (one.author, one.owner, one.until, one.why) == (
            "Alice", self.cast.alice, TODAY + 90 * DAY,
            "The vulnerable code is never run. The server never parses queries.",
        )  # fmt: skip
        assert (self.outcomes(), Suppression.objects.get().status) == (["applied"], "proposed")

    def test_what_is_missing_is_refused(self) -> None:
        self.seen()
        for change, field in INCOMPLETE:
            with self.subTest(change), pytest.raises(Refused) as refused:
                self.state(**change)
            assert (refused.value.field, Statement.objects.count()) == (field, 0), change

    def test_what_is_withdrawn_suppresses_nothing_any_more(self) -> None:
        self.seen()
        one = self.state()
        self.accept()
        statements.withdraw(one, reason="It does parse them.", by=self.cast.alice, now=NOON + DAY)
        assert (self.finding().status, Suppression.objects.get().end_reason) == (
            "open", f"{one.ref} was withdrawn: It does parse them.",
        )  # fmt: skip


class Accepting(Stating):
    """Who accepts that something does not apply, and what comes of it."""

    def test_it_waits_on_the_home_pages_of_the_unit_but_of_the_owner_until_it_is_accepted(self) -> None:
        self.seen()
        dora = cast.person("dora", role=Role.ANALYST, unit=self.cast.payments)
        people = (dora, self.cast.bob, self.cast.carol, self.cast.mia, self.cast.eve, self.finding().owner)
        assert [self.waits_for(one) for one in people] == [0] * 6
        one = self.state(by=dora)
        assert [self.waits_for(one) for one in people] == [1, 1, 0, 0, 0, 0]
        with frozen():
            page = as_(self.cast.bob).get("/").content.decode()
        assert "Vulnerabilities that are said not to apply" in page
        assert f"{one.ref}, of Dora: The vulnerable code is never run." in page
        register.assign(self.finding(), owner=dora, by=self.cast.alice, now=NOON)
        assert [self.waits_for(one) for one in people[:2]] == [0, 1]
        self.accept()
        assert self.waits_for(self.cast.bob) == 0

    def test_the_finding_is_dismissed_with_the_statement_as_the_reason(self) -> None:
        self.seen()
        one = self.take(not_affected(impact_statement="Nothing parses queries."))
        self.accept(until=date(2026, 6, 1))
        finding = self.finding()
        assert (finding.status, finding.close_reason) == (
            "dismissed",
            f"{one.ref} by Weather Works <security@weather.example>: The vulnerable code is never run."
            " Nothing parses queries. Until 1 June 2026. Seen in the code.",
        )
        assert Event.objects.filter(verb__in=["finding.dismissed", "suppression.accepted"]).count() == 2
        page = as_(self.cast.alice).get(f"/findings/{finding.pk}/").content.decode()
        assert ": Seen in the code.</p>" in page

    def test_comparing_again_leaves_it_dismissed_and_the_hit_seen(self) -> None:
        self.seen()
        self.state()
        self.accept()
        self.compare(now=NOON + DAY)
        assert (self.finding().status, self.finding().is_observed, Suppression.objects.get().status) == (
            "dismissed", True, "accepted",
        )  # fmt: skip

    def test_without_a_day_it_holds_for_a_year_at_most(self) -> None:
        self.seen()
        self.take(not_affected())
        with self.assertRaisesMessage(Refused, "a year from now at most"):
            self.accept(until=date(2027, 3, 3))
        assert self.accept().until == date(2027, 3, 2)

    def test_whoever_owns_the_finding_does_not_accept_it(self) -> None:
        self.seen()
        self.take(not_affected())
        assert self.finding().owner == self.cast.alice
        with pytest.raises(register.OwnFinding):
            self.accept(by=self.cast.alice)
        assert self.finding().status == "open"

    def test_another_analyst_accepts_what_is_not_severe(self) -> None:
        self.seen()
        self.state()
        dora = cast.person("dora", role=Role.ANALYST, unit=self.cast.payments)
        assert self.accept(by=dora).decided_by == dora

    def test_only_what_covers_every_version_that_is_there_is_accepted(self) -> None:
        older = Listed(ref="qs@6.2.0", name="qs", version="6.2.0", ecosystem="npm")
        self.seen(QS, older)
        self.take(not_affected(products=[{"@id": "pkg:npm/qs@6.11.0"}]))
        with self.assertRaisesMessage(suppressing.CannotBeSuppressed, "says nothing of 6.2.0, which is there too"):
            self.accept()

    def test_what_is_closed_is_not_dismissed(self) -> None:
        self.seen()
        self.take(not_affected())
        finding = self.finding()
        register.close.within(finding, reason="Gone.", by=self.cast.bob, now=NOON)
        with self.assertRaisesMessage(suppressing.CannotBeSuppressed, "Its finding is closed"):
            self.accept()

    def test_nobody_accepts_it_twice(self) -> None:
        self.seen()
        self.take(not_affected())
        one = self.accept()
        with pytest.raises(IllegalTransition):
            suppressing.accept(one, reason="Again.", by=self.cast.bob, now=NOON)


class AcceptingSevere(Stating):
    """Of a critical or high finding two people agree, one of whom decides."""

    severity = Severity.CRITICAL

    def test_it_waits_on_the_home_page_of_whoever_may_accept_it_alone(self) -> None:
        self.seen()
        dora, bob = cast.person("dora", role=Role.ANALYST, unit=self.cast.payments), self.cast.bob
        self.state(by=bob)
        other = cast.person("otto", role=Role.APPROVER, unit=self.cast.payments)
        assert [self.waits_for(one) for one in (dora, bob, other)] == [0, 0, 1]

    def test_an_analyst_does_not_accept_it(self) -> None:
        self.seen()
        self.take(not_affected())
        with pytest.raises(register.TakesTwo):
            self.accept(by=cast.person("dora", role=Role.ANALYST, unit=self.cast.payments))
        assert (self.finding().status, Suppression.objects.get().status) == ("open", "proposed")

    def test_whoever_may_not_accept_it_is_told_who_does(self) -> None:
        self.seen()
        self.state(by=self.cast.bob)
        dora = cast.person("dora", role=Role.ANALYST, unit=self.cast.payments)
        assert self.who_accepts(dora) == "An approver"
        assert self.who_accepts(self.cast.bob) == "An approver other than you: you brought this statement"

    def who_accepts(self, person: User) -> str:
        with frozen():
            [(*_line, offers)] = finding_statements.of(self.finding(), person, today=TODAY)["statements"]
        [who] = [str(offer.who) for offer in offers if offer.key == "accept"]
        return who

    def test_an_approver_who_brought_the_statement_does_not_accept_it(self) -> None:
        self.seen()
        self.state(by=self.cast.bob)
        with pytest.raises(suppressing.OwnStatement):
            self.accept(by=self.cast.bob)
        assert self.finding().status == "open"

    def test_another_approver_does(self) -> None:
        self.seen()
        self.take(not_affected())
        self.accept(by=self.cast.bob)
        assert (self.finding().status, self.finding().leniencies.get().person) == ("dismissed", self.cast.bob)


class FiringAgain(Stating):
    """A suppression ends when the risk is higher than when it was accepted, and its finding is open again."""

    def setUp(self) -> None:
        self.seen()
        self.take(not_affected())
        self.accept(until=TODAY + 90 * DAY)

    def ended(self) -> str:
        one = Suppression.objects.get()
        assert (one.status, self.finding().status) == ("ended", "open")
        reopened = Event.objects.get(verb="finding.reopened")
        assert one.end_reason in reopened.reason
        return one.end_reason

    def test_when_it_is_worse_than_it_was(self) -> None:
        Vulnerability.objects.update(severity=Severity.CRITICAL)
        self.compare(now=NOON + DAY)
        assert self.ended() == f"{CVE} is critical by now; it was medium when it was accepted."
        assert self.finding().severity == Severity.CRITICAL

    def test_when_it_is_exploited(self) -> None:
        ExploitedEntry.objects.create(source="cisa", cve=CVE, added_on=TODAY, digest="0" * 64)
        self.compare(now=NOON + DAY)
        assert self.ended() == f"{CVE} is being exploited, which was not known when it was accepted."

    def test_when_it_is_likely_to_be_exploited(self) -> None:
        EpssScore.objects.create(cve=CVE, score=0.42, percentile=0.9, model_version="v5", scored_on=TODAY)
        self.compare(now=NOON + DAY)
        assert self.ended() == f"{CVE} is likely to be exploited by now: 42 %."

    def test_when_another_version_is_there(self) -> None:
        self.inventory(Listed(ref="qs@6.2.0", name="qs", version="6.2.0", ecosystem="npm"))
        self.compare(now=NOON + DAY)
        assert self.ended() == "qs 6.2.0 is there too, of which nothing was said."

    def test_when_its_day_has_passed(self) -> None:
        assert suppressing.record_expired(now=NOON + 90 * DAY) == 0
        assert suppressing.record_expired(now=NOON + 91 * DAY) == 1
        assert suppressing.record_expired(now=NOON + 92 * DAY) == 0
        assert self.ended() == "Its last day has passed."

    def test_it_is_told_a_week_before_and_on_the_day(self) -> None:
        [one] = [each for each in dated.every() if each.word == "suppression"]
        told = [dated.tell(one, now=NOON + days * DAY) for days in (82, 83, 84, 90)]
        assert told == [0, 1, 0, 1]
        assert [one.data["days"] for one in Event.objects.filter(verb="suppression.ending").order_by("at")] == [7, 0]

    def test_not_when_nothing_rose(self) -> None:
        publish("GHSA-other", ranges=EVERY, key=CVE, severity=Severity.MEDIUM)
        Advisory.objects.update(modified_at=NOON + DAY)
        self.compare(now=NOON + DAY)
        assert (Suppression.objects.get().status, self.finding().status) == ("accepted", "dismissed")

    def test_once_and_what_was_decided_since_stands(self) -> None:
        finding = self.finding()
        register.reopen(finding, reason="Look again.", by=self.cast.alice, now=NOON + DAY)
        register.dismiss(finding, reason="No.", by=self.cast.bob, now=NOON + 2 * DAY)
        suppressing.record_expired(now=NOON + 91 * DAY)
        assert (Suppression.objects.get().status, self.finding().status) == ("ended", "dismissed")

    def test_what_is_gone_when_it_ends_opens_again_once_it_is_back(self) -> None:
        self.inventory(Listed(ref="a", name="a", version="1.0.0", ecosystem="npm"))
        self.compare(now=NOON + DAY)
        suppressing.record_expired(now=NOON + 91 * DAY)
        assert self.finding().status == "dismissed"
        self.inventory(QS, now=NOON + 92 * DAY)
        self.compare(now=NOON + 92 * DAY)
        assert self.finding().status == "open"

    def test_it_can_be_accepted_again_as_it_is_now(self) -> None:
        Vulnerability.objects.update(severity=Severity.HIGH)
        self.compare(now=NOON + DAY)
        one = self.accept(by=self.cast.bob, now=NOON + 2 * DAY)
        self.compare(now=NOON + 3 * DAY)
        one.refresh_from_db()
        assert (one.status, one.severity, self.finding().status) == ("accepted", Severity.HIGH, "dismissed")
        assert timezone.localdate(one.decided_at) == TODAY + 2 * DAY
