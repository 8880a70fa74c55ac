"""What vendors, tests of clients and trials of TLS say of controls: claims are partly, what is found is found."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.test import TestCase

from accounts.models import Role
from assurance import certificates, rounds, templates
from assurance.models import Certificate
from catalogue.models import Control
from collectors.sources.fetching import key
from collectors.sources.tls import CERTIFICATE, VERSIONS
from containment import enforcement
from containment.models import EnforcementTest
from contracts.agreements.clauses import Reading
from contracts.coverage import clause_list
from contracts.models import Contract
from controls import statuses, witness_table
from controls.in_place import reading
from controls.in_place.effective import Effective
from controls.models import ControlStatus, SourcedStatuses
from controls.sources import contradictions, sourcing, witnesses
from monitoring.models import Collector, Observation, Run
from tests import cast
from tests.assessments import scenes
from tests.assurance import made
from tests.cast import NOON, TODAY, Cast
from tests.vendor_contracts import scene as agreements
from vendors.models import Deployment, Release, Remote, Server, Vendor
from vendors.registering import deployments, registration

DAY = timedelta(days=1)
ATTESTATION, APPROVED_ONLY, NETWORK, TLS = "MI-20.1.1", "MI-20.T.2", "MI-20.5.2", "MI-20.2.1"
OWNERS, FINANCES, BREACH, DATA, AVAILABILITY = "MI-20.1.4", "MI-20.1.5", "MI-20.1.7", "MI-20.1.8", "MI-20.1.9"
URLS = ("https://one.example/mcp", "https://two.example/mcp")


class Witnesses(TestCase):
    """A server of Payments with a deployment that Claude Code uses, and its vendor."""

    people: Cast
    scene: scenes.Scene
    server: Server
    vendor: Vendor
    deployment: Deployment

    @classmethod
    def setUpTestData(cls) -> None:
        cls.scene = scenes.set_up()
        cls.people, cls.server, cls.vendor = cls.scene.people, cls.scene.server, cls.scene.vendor
        cls.deployment = deployments.add_deployment(
            cls.server, name="Desk", environment="production", agent="claude code", by=cls.people.alice, now=NOON
        )

    def holds(self, ref: str, *, of: Deployment | None = None, after: int = 0) -> Effective:
        """Return what holds of a control so many days later, once sources were asked."""
        now = NOON + after * DAY
        sourcing.keep_witnesses(now=now)
        known = reading.load_servers(Server.objects.all(), today=now.date())
        return known.effective(self.server.pk, self.control(ref).pk, deployment=of.pk if of else None)

    def control(self, ref: str) -> Control:
        return Control.objects.get(ref=ref, framework__key="finos-mi-20", framework__status="current")

    def certificate(self, facts: dict[str, Any] = made.ISO, **judged: Any) -> Any:
        row = made.a_certificate(self.people, self.vendor, facts)
        fits: dict[str, Any] = {"scope_fits": True} | judged
        return certificates.judge(row, by=self.people.alice, now=NOON, **fits)

    def agreed(self, title: str = "Services", **clauses: Any) -> Contract:
        """Return a contract in force, read for these clauses: by key a figure with its unit, or only that it is."""
        contract = agreements.in_force(self.people, self.vendor, title)
        readings = [
            Reading(key, present, value=Decimal(value) if value else None, unit=unit)
            for key, (present, value, unit) in clauses.items()
        ]
        return agreements.read(self.people, contract, *readings)

    def tried(self, control: str, result: str, **facts: Any) -> Any:
        facts_of_test: dict[str, Any] = {
            "client": "Claude Code",
            "version": "2.1",
            "how": "Tried.",
            "tried_on": TODAY,
        } | facts
        how: dict[str, Any] = {"unit": self.people.payments, "by": self.people.alice, "now": NOON}
        return enforcement.record(control=control, result=result, **how, **facts_of_test)

    def test_a_certificate_whose_scope_fits_is_a_claim_until_its_last_day(self) -> None:
        row = self.certificate()
        holds = self.holds(ATTESTATION)
        assert holds.basis
        assert (holds.status, holds.basis.source, holds.basis.origin) == ("partly", "certificate", row.ref)
        assert sourcing.keep_witnesses(now=NOON) == 0
        assert self.holds(ATTESTATION, after=200).status == "partly"
        known = reading.load_servers(Server.objects.all(), today=TODAY + 201 * DAY)
        assert known.effective(self.server.pk, self.control(ATTESTATION).pk).status == "not_known"
        assert self.holds(ATTESTATION, after=201).status == "not_known"
        assert not SourcedStatuses.objects.exists()

    def test_a_certificate_says_nothing_that_nobody_judged_or_with_an_adverse_opinion_or_that_is_stopped(self) -> None:
        row = self.certificate(scope_fits=None)
        assert self.holds(ATTESTATION).status == "not_known"
        certificates.judge(row, scope_fits=True, by=self.people.alice, now=NOON)
        certificates.suspend(row, on=TODAY, reason="By its body.", by=self.people.alice, now=NOON)
        assert self.holds(ATTESTATION).status == "not_known"
        self.certificate(made.SOC2 | {"opinion": "adverse"})
        assert self.holds(ATTESTATION).status == "not_known"

    def test_due_diligence_that_was_passed_is_a_claim_until_the_next_round_is_due(self) -> None:
        row = made.a_round(self.people, self.vendor)
        # Nobody has completed it yet.
        assert self.holds(OWNERS).status == "not_known"
        row = rounds.complete(row, conclusion="It can be relied on.", by=self.people.bob, now=NOON)
        holds = self.holds(OWNERS)
        assert holds.basis
        assert (holds.status, holds.basis.source, holds.basis.origin) == ("partly", "due_diligence", row.ref)
        assert row.next_due_on
        days = (row.next_due_on - TODAY).days
        assert self.holds(OWNERS, after=days).status == "partly"
        assert self.holds(OWNERS, after=days + 1).status == "not_known"

    def test_what_was_found_with_concerns_or_has_run_out_or_was_left_out_says_nothing(self) -> None:
        row = made.a_round(self.people, self.vendor, owners="concerns")
        waived, ends = row.items.get(key="architecture"), row.items.get(key="processing_terms")
        rounds.waive(waived, until=TODAY + 9 * DAY, reason="It is drawn anew.", by=self.people.bob, now=NOON)
        made.looked_at(ends, self.people, valid_until=TODAY + 5 * DAY)
        another = cast.person("dora", role=Role.APPROVER, unit=None)
        rounds.complete(row, conclusion="It can be relied on.", by=another, now=NOON)
        assert self.holds(OWNERS).status == "not_known"
        assert self.holds("MI-20.1.3").status == "not_known"
        assert self.holds("MI-20.1.3", after=10).status == "partly"
        assert self.holds("MI-20.1.6", after=5).status == "partly"
        assert self.holds("MI-20.1.6", after=6).status == "not_known"

    def test_what_a_round_does_not_ask_for_is_not_missed(self) -> None:
        Vendor.objects.filter(pk=self.vendor.pk).update(criticality="low")
        Server.objects.all().update(inherent_tier=4)
        self.vendor.refresh_from_db()
        row = made.complete(self.people, self.vendor)
        assert set(row.items.values_list("key", flat=True)).isdisjoint({"owners", "finances"})
        assert (self.holds(OWNERS).status, self.holds(FINANCES).status) == ("partly", "not_known")

    def test_clauses_that_are_agreed_are_a_claim_while_the_contract_is_in_force(self) -> None:
        contract = self.agreed(
            service_levels=("yes", "99.9", "percent"), service_credits=("yes", "10", "percent"),
            data_protection=("yes", "", ""), data_return=("yes", "30", "days"), data_deletion=("yes", "", ""),
            incident_notice=("yes", "24", "hours"), incident_help=("partly", "", ""),
            vulnerability_handling=("yes", "14", "days"),
        )  # fmt: skip
        holds = self.holds(AVAILABILITY)
        assert holds.basis
        assert (holds.status, holds.basis.source, holds.basis.origin) == ("partly", "contract", contract.ref)
        # One has no figure, the other is there only in part.
        assert (self.holds(DATA).status, self.holds(BREACH).status) == ("not_known", "not_known")
        Contract.objects.update(ends_on=TODAY + 5 * DAY)
        assert self.holds(AVAILABILITY, after=5).status == "partly"
        assert self.holds(AVAILABILITY, after=6).status == "not_known"
        Contract.objects.update(renewal="automatic", renewal_months=12)
        assert self.holds(AVAILABILITY, after=6).status == "partly"

    def test_of_two_contracts_beside_each_other_the_weaker_counts(self) -> None:
        clauses: dict[str, Any] = {
            "service_levels": ("yes", "99.9", "percent"),
            "service_credits": ("yes", "10", "percent"),
        }
        self.agreed(**clauses)
        self.agreed("Others", **clauses | {"service_credits": ("no", "", "")})
        assert self.holds(AVAILABILITY).status == "not_known"

    def test_it_takes_as_many_statements_whatever_the_number_of_servers(self) -> None:
        made.complete(self.people, self.vendor)
        self.agreed(service_levels=("yes", "99.9", "percent"), service_credits=("yes", "10", "percent"))
        self.certificate()
        self.tried("decisions", "holds")
        for at in range(3):
            server = cast.a_server(self.people, name=f"com.example/more-{at}", title=f"More {at}")
            registration.add_supplier(server, self.vendor, role="publisher", by=self.people.alice, now=NOON)
        with self.assertNumQueries(11):
            told = list(witnesses.everything(now=NOON))
        assert len({one.server for one in told}) == Server.objects.count()

    def test_the_table_names_what_there_is(self) -> None:
        table = witness_table.load()
        assert set(witnesses.controls()) == table.refs
        named = {source: {one for some in by_ref.values() for one in some} for source, by_ref in (
            ("certificate", table.certificate), ("due_diligence", table.due_diligence), ("contract", table.contract),
        )}  # fmt: skip
        assert named["certificate"] <= {*Certificate.Kind.values}
        assert named["due_diligence"] <= {item.key for item in templates.load().items}
        assert named["contract"] <= {*clause_list.load().clauses}
        # Each thing that a client is to obey bears on one control.
        tests = [one for some in table.enforcement_test.values() for one in some]
        assert sorted(tests) == sorted(EnforcementTest.Control.values)

    def test_a_claim_takes_nothing_from_what_an_assessment_found(self) -> None:
        self.certificate()
        SourcedStatuses.objects.create(
            server=self.server, source="assessment", origin="A-1", as_of=TODAY,
            by_status={"in_place": [self.control(ATTESTATION).pk]},
        )  # fmt: skip
        holds = self.holds(ATTESTATION)
        assert (holds.status, holds.counts) == ("in_place", True)

    def test_what_is_stated_on_a_certificate_ends_when_that_is_suspended(self) -> None:
        row = self.certificate()
        how: dict[str, Any] = {"by": self.people.alice, "now": NOON}
        stated = statuses.state_for_server(
            self.server, control=self.control(ATTESTATION), state="in_place", evidence=row.evidence,
            as_of=TODAY - 9 * DAY, **how,
        )  # fmt: skip
        assert (self.holds(ATTESTATION).status, stated.valid_until) == ("in_place", row.counts_until)
        certificates.suspend(row, on=TODAY - DAY, reason="By its body.", **how)
        stated.refresh_from_db()
        assert stated.valid_until == TODAY - 2 * DAY
        assert self.holds(ATTESTATION).status == "not_known"
        certificates.resume(row, reason="Settled.", **how)
        assert ControlStatus.objects.get(pk=stated.pk).valid_until == TODAY - 2 * DAY

    def test_a_client_that_obeys_is_a_claim_for_what_it_uses_and_one_that_does_not_contradicts(self) -> None:
        test = self.tried("decisions", "holds")
        holds = self.holds(APPROVED_ONLY, of=self.deployment)
        assert holds.basis
        assert (holds.status, holds.basis.origin) == ("partly", test.ref)
        assert self.holds(APPROVED_ONLY).status == "not_known"
        self.tried("decisions", "fails")
        assert self.holds(APPROVED_ONLY, of=self.deployment).status == "missing"
        olga = cast.person("olga", role=Role.ANALYST, unit=None)
        statuses.state_for_organisation(control=self.control(APPROVED_ONLY), state="in_place", by=olga, now=NOON)
        assert self.holds(APPROVED_ONLY, of=self.deployment).is_contradicted
        [finding] = contradictions.look(self.server, now=NOON)
        assert finding.stable_key.endswith(f"@{self.deployment.ref}")

    def test_one_thing_that_a_client_obeys_makes_up_for_another_and_the_network_is_apart(self) -> None:
        self.tried("decisions", "fails")
        self.tried("feed", "in_part")
        self.tried("network", "fails")
        assert self.holds(APPROVED_ONLY, of=self.deployment).status == "partly"
        assert self.holds(NETWORK, of=self.deployment).status == "missing"

    def test_a_test_counts_for_a_year_and_for_the_client_and_unit_that_it_is_of(self) -> None:
        self.tried("decisions", "holds", tried_on=TODAY - 365 * DAY)
        assert self.holds(APPROVED_ONLY, of=self.deployment).status == "partly"
        assert self.holds(APPROVED_ONLY, of=self.deployment, after=1).status == "not_known"
        self.tried("decisions", "fails", client="Another")
        assert self.holds(APPROVED_ONLY, of=self.deployment).status == "partly"

    def test_tls_is_in_place_only_where_each_address_takes_nothing_older(self) -> None:
        self._pin()
        self._seen(URLS[0], "tls_13_only")
        assert self.holds(TLS).status == "not_known"
        self._seen(URLS[1], "tls_13_only")
        holds = self.holds(TLS)
        assert holds.basis
        assert (holds.status, holds.counts) == ("in_place", True)
        assert holds.basis.origin == "trial of TLS at 2 addresses"
        invalid = self._see(key(CERTIFICATE, URLS[1]), "certificate_valid", holds=False)
        assert self.holds(TLS).status == "partly"
        invalid.delete()
        self._seen(URLS[1], "tls_12_strong")
        assert self.holds(TLS).status == "partly"

    def test_old_tls_at_every_address_is_missing_until_what_was_seen_is_too_old(self) -> None:
        self._pin()
        for url in URLS:
            self._seen(url, "tls_old")
        assert self.holds(TLS).status == "missing"
        assert self.holds(TLS, after=45).status == "missing"
        assert self.holds(TLS, after=46).status == "not_known"

    def _pin(self) -> None:
        release = Release.objects.get(server=self.server)
        Server.objects.filter(pk=self.server.pk).update(pinned_release=release)
        release.remotes.all().delete()
        for url in URLS:
            Remote.objects.create(release=release, transport="streamable-http", url=url)

    def _seen(self, url: str, fact: str) -> None:
        self._see(key(VERSIONS, url), fact, holds=True)

    def _see(self, at: str, fact: str, *, holds: bool) -> Observation:
        run = Run.objects.create(
            server=self.server, collector=Collector.TLS, address="", status="complete", asked_at=NOON, began_at=NOON,
            ended_at=NOON,
        )  # fmt: skip
        row, _made = Observation.objects.update_or_create(
            server=self.server, collector=Collector.TLS, address="", key=at,
            defaults={
                "words": "TLS", "value": fact, "fact": fact, "holds": holds, "run": run, "value_since": NOON,
                "first_seen_at": NOON, "last_seen_at": NOON,
            },
        )  # fmt: skip
        return row
