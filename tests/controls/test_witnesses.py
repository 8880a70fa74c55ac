"""What certificates, tests of clients and trials of TLS say of controls: claims are partly, what is found is found."""

from datetime import timedelta
from typing import Any

from django.test import TestCase

from assurance import certificates
from catalogue.models import Control
from collectors.fetching import key
from collectors.tls import CERTIFICATE, VERSIONS
from containment import enforcement
from controls import contradictions, reading, sourcing, statuses, witnesses
from controls.effective import Effective
from controls.models import ControlStatus, SourcedStatuses
from monitoring.models import Collector, Observation, Run
from tests.assessments import scenes
from tests.assurance import made
from tests.cast import NOON, TODAY, Cast
from vendors import deployments
from vendors.models import Deployment, Release, Remote, Server, Vendor

DAY = timedelta(days=1)
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
        said = reading.load_servers(Server.objects.all(), today=now.date())
        return said.effective(self.server.pk, self.control(ref).pk, deployment=of.pk if of else None)

    def control(self, ref: str) -> Control:
        return Control.objects.get(ref=ref, framework__key="finos-mi-20", framework__status="current")

    def certificate(self, said: dict[str, Any] = made.ISO, **judged: Any) -> Any:
        row = made.a_certificate(self.people, self.vendor, said)
        fits: dict[str, Any] = {"scope_fits": True} | judged
        return certificates.judge(row, by=self.people.alice, now=NOON, **fits)

    def tried(self, control: str, result: str, **facts: Any) -> Any:
        said: dict[str, Any] = {"client": "Claude Code", "version": "2.1", "how": "Tried.", "tried_on": TODAY} | facts
        how: dict[str, Any] = {"unit": self.people.payments, "by": self.people.alice, "now": NOON}
        return enforcement.record(control=control, result=result, **how, **said)

    def test_a_certificate_whose_scope_fits_is_a_claim_until_its_last_day(self) -> None:
        row = self.certificate()
        holds = self.holds(witnesses.ATTESTATION)
        assert holds.said
        assert (holds.status, holds.said.source, holds.said.origin) == ("partly", "certificate", row.ref)
        assert sourcing.keep_witnesses(now=NOON) == 0
        assert self.holds(witnesses.ATTESTATION, after=200).status == "partly"
        said = reading.load_servers(Server.objects.all(), today=TODAY + 201 * DAY)
        assert said.effective(self.server.pk, self.control(witnesses.ATTESTATION).pk).status == "not_known"
        assert self.holds(witnesses.ATTESTATION, after=201).status == "not_known"
        assert not SourcedStatuses.objects.exists()

    def test_a_certificate_says_nothing_that_nobody_judged_or_with_an_adverse_opinion_or_that_is_stopped(self) -> None:
        row = self.certificate(scope_fits=None)
        assert self.holds(witnesses.ATTESTATION).status == "not_known"
        certificates.judge(row, scope_fits=True, by=self.people.alice, now=NOON)
        certificates.suspend(row, on=TODAY, reason="By its body.", by=self.people.alice, now=NOON)
        assert self.holds(witnesses.ATTESTATION).status == "not_known"
        self.certificate(made.SOC2 | {"opinion": "adverse"})
        assert self.holds(witnesses.ATTESTATION).status == "not_known"

    def test_a_claim_takes_nothing_from_what_an_assessment_found(self) -> None:
        self.certificate()
        SourcedStatuses.objects.create(
            server=self.server, source="assessment", origin="A-1", said_on=TODAY,
            said={"in_place": [self.control(witnesses.ATTESTATION).pk]},
        )  # fmt: skip
        holds = self.holds(witnesses.ATTESTATION)
        assert (holds.status, holds.counts) == ("in_place", True)

    def test_what_is_stated_on_a_certificate_ends_when_that_is_suspended(self) -> None:
        row = self.certificate()
        how: dict[str, Any] = {"by": self.people.alice, "now": NOON}
        stated = statuses.state_for_server(
            self.server, control=self.control(witnesses.ATTESTATION), state="in_place", evidence=row.evidence,
            as_of=TODAY - 9 * DAY, **how,
        )  # fmt: skip
        assert (self.holds(witnesses.ATTESTATION).status, stated.valid_until) == ("in_place", row.counts_until)
        certificates.suspend(row, on=TODAY - DAY, reason="By its body.", **how)
        stated.refresh_from_db()
        assert stated.valid_until == TODAY - 2 * DAY
        assert self.holds(witnesses.ATTESTATION).status == "not_known"
        certificates.resume(row, reason="Settled.", **how)
        assert ControlStatus.objects.get(pk=stated.pk).valid_until == TODAY - 2 * DAY

    def test_a_client_that_obeys_is_a_claim_for_what_it_uses_and_one_that_does_not_contradicts(self) -> None:
        test = self.tried("decisions", "holds")
        holds = self.holds(witnesses.APPROVED_ONLY, of=self.deployment)
        assert holds.said
        assert (holds.status, holds.said.origin) == ("partly", test.ref)
        assert self.holds(witnesses.APPROVED_ONLY).status == "not_known"
        self.tried("decisions", "fails")
        assert self.holds(witnesses.APPROVED_ONLY, of=self.deployment).status == "missing"
        statuses.state_for_organisation(
            control=self.control(witnesses.APPROVED_ONLY), state="in_place", by=self.people.alice, now=NOON
        )
        assert self.holds(witnesses.APPROVED_ONLY, of=self.deployment).is_contradicted
        [finding] = contradictions.look(self.server, now=NOON)
        assert finding.stable_key.endswith(f"@{self.deployment.ref}")

    def test_one_thing_that_a_client_obeys_makes_up_for_another_and_the_network_is_apart(self) -> None:
        self.tried("decisions", "fails")
        self.tried("feed", "in_part")
        self.tried("network", "fails")
        assert self.holds(witnesses.APPROVED_ONLY, of=self.deployment).status == "partly"
        assert self.holds(witnesses.NETWORK, of=self.deployment).status == "missing"

    def test_a_test_counts_for_a_year_and_for_the_client_and_unit_that_it_is_of(self) -> None:
        self.tried("decisions", "holds", tried_on=TODAY - 365 * DAY)
        assert self.holds(witnesses.APPROVED_ONLY, of=self.deployment).status == "partly"
        assert self.holds(witnesses.APPROVED_ONLY, of=self.deployment, after=1).status == "not_known"
        self.tried("decisions", "fails", client="Another")
        assert self.holds(witnesses.APPROVED_ONLY, of=self.deployment).status == "partly"

    def test_tls_is_in_place_only_where_each_address_takes_nothing_older(self) -> None:
        self._pin()
        self._seen(URLS[0], "tls_13_only")
        assert self.holds(witnesses.TLS).status == "not_known"
        self._seen(URLS[1], "tls_13_only")
        holds = self.holds(witnesses.TLS)
        assert holds.said
        assert (holds.status, holds.counts) == ("in_place", True)
        assert holds.said.origin == "trial of TLS at 2 addresses"
        invalid = self._see(key(CERTIFICATE, URLS[1]), "certificate_valid", holds=False)
        assert self.holds(witnesses.TLS).status == "partly"
        invalid.delete()
        self._seen(URLS[1], "tls_12_strong")
        assert self.holds(witnesses.TLS).status == "partly"

    def test_old_tls_at_every_address_is_missing_until_what_was_seen_is_too_old(self) -> None:
        self._pin()
        for url in URLS:
            self._seen(url, "tls_old")
        assert self.holds(witnesses.TLS).status == "missing"
        assert self.holds(witnesses.TLS, after=45).status == "missing"
        assert self.holds(witnesses.TLS, after=46).status == "not_known"

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
