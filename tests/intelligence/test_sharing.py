"""What is passed on is valid STIX under the marking that was decided, and what may not leave does not."""

import json
from typing import Any

import pytest
import stix2
from django.test import TestCase
from stix2patterns.validator import run_validator

from accounts.access import NotPermitted
from audit.models import Event
from catalogue.models import Dimension
from findings import register
from findings.models import Finding
from intelligence import bundles, sharing, watching
from intelligence.models import IndicatorHit, Share, WatchEntry
from intelligence.reading import stix
from intelligence.reading.indicators import Kind, Term, Tlp, Told
from intelligence.sharing import NotForOthers, NothingChosen
from riskregister.refusals import Refused
from scoring.scales import Severity
from tests import cast
from tests.intelligence import scene
from tests.intelligence.scene import LATER, Scene
from web.forms.observations.threats import ShareForm

SHA = "ab" * 32


class Sharing(TestCase):
    """A server with a hit, its finding, and an entry of a watch list."""

    here: Scene
    entry: WatchEntry

    @classmethod
    def setUpTestData(cls) -> None:
        cls.here = scene.set_up()
        vendor = cast.a_vendor(cls.here.people, "Acme", website="https://acme.example")
        cls.entry = watching.note(
            vendor, kind="breach_notice", title="Breach of Acme", text="Tokens leaked.", tlp="green",
            techniques=["AML.T0010"], by=cls.here.people.alice, now=LATER,
        )  # fmt: skip

    def hit(self, **more: Any) -> IndicatorHit:
        facts: dict[str, Any] = {"tlp": Tlp.GREEN, "confidence": 90, "title": "C2 of <b>Example</b>"}
        ways = (frozenset({Term(Kind.DOMAIN, "weather.example")}), frozenset({Term(Kind.PACKAGE, "npm:@a/b", "1")}))
        one = Told(external_id="x", ways=ways, techniques=("SAFE-T1001",), **facts | more)
        scene.told(scene.a_feed(), one)
        return IndicatorHit.objects.get(gone_at__isnull=True)

    def share(self, **how: Any) -> Share:
        arguments: dict[str, Any] = {"tlp": "green", "recipient": "FS-ISAC", "reason": "They asked."} | how
        by = arguments.pop("by", self.here.people.bob)
        return sharing.share(unit=arguments.pop("unit", self.here.people.payments), **arguments, by=by, now=LATER)

    def test_a_bundle_is_valid_for_the_library_and_marks_every_object(self) -> None:
        hit = self.hit()
        made = self.share(hits=[hit], entries=[self.entry], findings=self.here.findings())

        bundle = stix2.parse(made.bundle)
        kinds = sorted(one["type"] for one in bundle.objects)
        assert kinds == [
            "identity", "identity", "indicator", "marking-definition", "note", "note", "sighting", "software",
        ]  # fmt: skip
        objects = json.loads(made.bundle)["objects"]
        [marking] = [one["id"] for one in objects if one["type"] == "marking-definition"]
        assert {tuple(one.get("object_marking_refs", ())) for one in objects if one["id"] != marking} == {(marking,)}
        [indicator] = [one for one in objects if one["type"] == "indicator"]
        assert indicator["pattern"] == ("[domain-name:value = 'weather.example' OR software:x_purl = 'pkg:npm/@a/b@1']")
        assert (indicator["name"], indicator["confidence"]) == ("C2 of <b>Example</b>", 90)

    def test_what_is_passed_on_can_be_taken_in_again(self) -> None:
        made = self.share(hits=[self.hit()])

        [again] = [one for one in stix.read(made.bundle.encode()) if isinstance(one, Told)]
        assert again.ways == (
            frozenset({Term(Kind.DOMAIN, "weather.example")}), frozenset({Term(Kind.PACKAGE, "npm:@a/b", "1")}),
        )  # fmt: skip
        assert (again.tlp, again.techniques) == (Tlp.GREEN, ("SAFE-T1001",))

    def test_what_its_source_took_back_is_passed_on_as_taken_back(self) -> None:
        hit = self.hit()
        feed, ways = scene.a_feed(), (frozenset({Term(Kind.DOMAIN, "weather.example")}),)
        scene.told(feed, Told(external_id="x", title="x", tlp=Tlp.GREEN, ways=ways, is_revoked=True))
        hit = IndicatorHit.objects.get(pk=hit.pk)

        [indicator] = [one for one in stix.read(self.share(hits=[hit]).bundle.encode()) if isinstance(one, Told)]
        assert (hit.state, indicator.is_revoked, indicator.ways) == ("gone", True, ways)

    def test_what_names_nothing_any_more_is_not_passed_on(self) -> None:
        hit = self.hit()
        scene.told(scene.a_feed(), Told(external_id="x", title="x", tlp=Tlp.GREEN, unmatched="It names nothing."))

        with pytest.raises(NotForOthers, match="names nothing any more"):
            self.share(hits=[IndicatorHit.objects.get(pk=hit.pk)])

    def test_nothing_of_the_organisation_is_in_it(self) -> None:
        made = self.share(hits=[self.hit()], entries=[self.entry], findings=self.here.findings())

        people = self.here.people
        for word in (
            people.payments.name,
            people.alice.name,
            people.alice.email,
            people.bob.name,
            self.here.server.ref,
        ):
            assert word not in made.bundle
        for row in (*IndicatorHit.objects.all(), *Finding.objects.all(), self.entry, self.here.server):
            assert str(row.pk) not in made.bundle

    def test_a_share_is_an_event_with_the_reason_and_the_digest(self) -> None:
        made = self.share(entries=[self.entry])

        event = Event.objects.get(verb="share.made")
        assert (event.reason, event.data["sha256"], event.data["tlp"]) == ("They asked.", made.digest, "green")

    def test_what_is_red_never_leaves(self) -> None:
        hit = self.hit(tlp=Tlp.RED)
        for how in ({"hits": [hit]}, {"entries": [self.entry], "tlp": "red"}):
            with self.subTest(how), pytest.raises(NotForOthers, match="TLP:RED"):
                self.share(**how)

        assert Share.objects.count() == 0

    def test_a_finding_is_bound_by_the_indicators_that_it_came_of(self) -> None:
        for tlp, why in ((Tlp.RED, "is TLP:RED"), (Tlp.AMBER, "is TLP:AMBER"), (None, "counts as TLP:AMBER")):
            with self.subTest(tlp):
                self.hit(tlp=tlp)
                [finding] = self.here.findings()
                with pytest.raises(NotForOthers, match=f"^{finding.ref} .*{why}"):
                    self.share(findings=[finding])

        assert self.share(findings=self.here.findings(), tlp="amber").findings == 1

    def test_a_page_offers_no_finding_that_came_of_what_is_red(self) -> None:
        for tlp, offered in ((Tlp.GREEN, 1), (Tlp.RED, 0)):
            self.hit(tlp=tlp)
            field: Any = ShareForm(by=self.here.people.bob).fields["findings"]
            assert field.queryset.count() == offered, tlp

    def test_a_finding_that_came_of_no_indicator_is_not_passed_on(self) -> None:
        people = self.here.people
        own = register.open_by_hand(
            self.here.server, title="Payments runs it for Alice", severity=Severity.LOW,
            dimension=Dimension.SECURITY_POSTURE, by=people.alice, now=LATER,
        )  # fmt: skip
        with pytest.raises(NotForOthers, match=f"^{own.ref} came of no indicator"):
            self.share(findings=[own])

        assert not sharing.findings_for_others(Finding.objects.all()).exists()

    def test_what_is_marked_leaves_only_under_a_marking_at_least_as_strict(self) -> None:
        hit = self.hit(tlp=Tlp.AMBER)
        with pytest.raises(NotForOthers, match="TLP:AMBER\\. Mark what you pass on at least as strictly"):
            self.share(hits=[hit])

        assert self.share(hits=[hit], tlp="amber+strict").tlp == "amber+strict"

    def test_a_source_that_says_nothing_counts_as_amber(self) -> None:
        with pytest.raises(NotForOthers, match="unmarked, and so counts as TLP:AMBER"):
            self.share(hits=[self.hit(tlp=None)])

    def test_who_does_not_decide_passes_nothing_on(self) -> None:
        for name in ("alice", "mia", "carol", "eve"):
            with self.subTest(name), pytest.raises(NotPermitted):
                self.share(entries=[self.entry], by=self.here.people.everybody[name])

        assert Share.objects.count() == 0

    def test_what_belongs_to_another_unit_is_not_passed_on(self) -> None:
        boss = cast.person("boss", role="approver", unit=None)
        with pytest.raises(NotForOthers, match="belongs to another unit"):
            self.share(hits=[self.hit()], unit=self.here.people.research, by=boss)

    def test_nothing_chosen_and_no_reason_are_refused(self) -> None:
        with pytest.raises(NothingChosen):
            self.share()
        with pytest.raises(Refused, match="Give a reason"):
            self.share(entries=[self.entry], reason=" ")
        with pytest.raises(Refused, match="Write one of clear, green, amber, amber\\+strict"):
            self.share(entries=[self.entry], tlp="purple")

    def test_every_kind_of_term_is_a_pattern_that_the_official_grammar_takes(self) -> None:
        terms = [
            Term(Kind.DOMAIN, "a.example"), Term(Kind.ADDRESS, "192.0.2.1"), Term(Kind.ADDRESS, "2001:db8::1"),
            Term(Kind.NETWORK, "192.0.2.0/24"), Term(Kind.URL, "https://a.example/it's\\x"),
            Term(Kind.PACKAGE, "maven:a:b", "1"), Term(Kind.HASH, f"sha256:{SHA}"), Term(Kind.HASH, "md5:" + "a" * 32),
            Term(Kind.HASH, "sha224:" + "a" * 56), Term(Kind.HASH, "sha384:" + "a" * 96),
            Term(Kind.MAINTAINER, "npm:eve"), Term(Kind.MAINTAINER, "eve@a.example"),
        ]  # fmt: skip
        feed = scene.a_feed()
        scene.told(feed, Told(external_id="x", title="x", ways=tuple(frozenset({term}) for term in terms)))
        pattern = bundles.pattern_of(feed.indicators.get())

        assert run_validator(pattern, stix_version="2.1") == []
        assert pattern.count(" OR ") == len(terms) - 1
