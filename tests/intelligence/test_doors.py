"""The pages, the API and the command of threats: what they show of strangers' texts, and what they take."""

import json
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from django.core.management import CommandError, call_command
from django.test import TestCase
from django.urls import reverse

from intelligence import matching, watching
from intelligence.models import EgressContact, Indicator, IndicatorHit, Share, WatchEntry
from tests import cast
from tests.api.caller import Caller, frozen
from tests.intelligence import scene
from tests.intelligence.scene import LATER, Scene
from tests.web.signed_in import as_, signing_as
from vendors.models import Vendor
from vendors.registering import importing

HOSTILE = "<script>alert(1)</script> \u202egnp.exe"
MESSAGE = (
    "Message-ID: <1@acme.example>\nFrom: Acme <security@acme.example>\nSubject: Breach of Acme\n"
    "Content-Type: text/plain; charset=utf-8\n\nTokens leaked.\n"
)


class Doors(TestCase):
    """A server with a hit of which no source is sure, whose indicator is hostile."""

    here: Scene
    vendor: Vendor
    hit: IndicatorHit

    @classmethod
    def setUpTestData(cls) -> None:
        cls.here = scene.set_up()
        cls.vendor = cast.a_vendor(cls.here.people, "Acme", website="https://acme.example")
        one = scene.of_domain("weather.example", confidence=40, description=HOSTILE, written=HOSTILE, names=(HOSTILE,),
            techniques=("SAFE-T1001", "T1041"))  # fmt: skip
        scene.told(scene.a_feed(), one)
        cls.hit = IndicatorHit.objects.get()

    def test_what_strangers_wrote_is_escaped_and_what_is_hidden_in_it_is_named(self) -> None:
        entry = watching.note_mail(MESSAGE.replace("Tokens", HOSTILE).encode(), by=self.here.people.alice, now=LATER)
        client = as_(self.here.people.alice)
        pages = {
            "indicator-detail": self.hit.indicator_id,
            "indicator-hit-detail": self.hit.pk,
            "watch-entry-detail": entry.pk,
        }
        for route, key in pages.items():
            with self.subTest(route):
                page = client.get(reverse(f"web:{route}", args=[key])).content.decode()
                assert "<script>alert(1)" not in page
                assert "&lt;script&gt;alert(1)" in page
                assert "\u202e" not in page
                assert "[U+202E]" in page

    def test_a_comparison_that_met_nothing_came_to_its_end(self) -> None:
        people = self.here.people
        text = cast.server_json(name="io.github.example/quiet")
        quiet, _release = importing.import_server_json(text, unit=people.payments, by=people.alice, now=LATER)
        matching.match(quiet, now=LATER)

        page = as_(people.alice).get(reverse("web:run-detail", args=[quiet.runs.get().pk])).content.decode()

        assert "Nothing that it looks for." in page
        assert "did not come so far" not in page

    def test_a_technique_that_is_known_leads_to_its_page(self) -> None:
        page = as_(self.here.people.alice).get(reverse("web:indicator-hit-detail", args=[self.hit.pk])).content.decode()

        assert "SAFE-T1001 Tool Poisoning Attack (TPA)" in page
        assert "https://github.com/safe-agentic-framework/safe-mcp/tree/main/techniques/SAFE-T1001" in page
        assert "T1041" in page

    def test_without_an_indicator_nothing_is_known_of_threats_and_not_all_is_well(self) -> None:
        eve, path = as_(self.here.people.eve), reverse("web:indicator-hit-list")
        self.assertContains(eve.get(path), "Nothing is met")
        IndicatorHit.objects.all().delete()
        Indicator.objects.all().delete()

        page = eve.get(path)
        self.assertContains(page, "Nothing is known of threats")
        self.assertNotContains(page, "Nothing is met")
        self.assertContains(page, f'href="{reverse("web:feed-list")}"')

    def test_a_hit_keeps_no_fields_and_leads_to_none(self) -> None:
        page = as_(self.here.people.alice).get(reverse("web:indicator-hit-detail", args=[self.hit.pk])).content.decode()

        assert "Propose a finding" in page
        assert "Fields that changed" not in page

    def test_an_analyst_promotes_on_the_page_and_a_stranger_finds_nothing(self) -> None:
        path = reverse("web:indicator-hit-promote", args=[self.hit.pk])
        with frozen(LATER):
            assert as_(self.here.people.eve).post(path, {"reason": "It is so."}).status_code == 404
            assert as_(self.here.people.alice).post(path, {"reason": "It is so."}).status_code == 302
            again = as_(self.here.people.alice).get(path).content.decode()

        [finding] = self.here.findings()
        assert f"{finding} has come of it already." in again

    def test_a_person_notes_about_a_vendor_or_a_server_and_not_about_both(self) -> None:
        client, path = as_(self.here.people.alice), reverse("web:watch-entry-note")
        fields = {"kind": "other", "title": "Rumour", "techniques": "SAFE-T1001, AML.T0010"}
        both = {"vendor": self.vendor.pk, "server": self.here.server.pk}
        assert client.post(path, fields | both).status_code == 422
        assert client.post(path, fields).status_code == 422
        assert client.post(path, fields | {"vendor": self.vendor.pk}).status_code == 302

        entry = WatchEntry.objects.get()
        assert (entry.vendor, entry.techniques, entry.via) == (self.vendor, ["SAFE-T1001", "AML.T0010"], "page")

    def test_an_approver_signs_what_leaves_and_the_bundle_is_handed_out_as_it_was_decided(self) -> None:
        bob, path = self.here.people.bob, reverse("web:share-make")
        fields = {"unit": self.here.people.payments.pk, "recipient": "FS-ISAC", "tlp": "amber", "hits": [self.hit.pk]}
        assert as_(bob).post(path, fields | {"reason": "They asked."}).status_code == 422
        assert Share.objects.count() == 0
        assert signing_as(bob).post(path, fields | {"reason": "They asked."}).status_code == 302

        share = Share.objects.get()
        got = as_(bob).get(reverse("web:share-bundle", args=[share.pk]))
        body = b"".join(got.streaming_content)  # type: ignore[attr-defined]
        assert (body.decode(), got["Content-Disposition"]) == (
            share.bundle, f'attachment; filename="{share.ref}-tlp-amber.json"',
        )  # fmt: skip

    def test_the_api_notes_by_fields_and_by_a_message_as_it_came(self) -> None:
        alice = Caller(self.here.people.alice)
        with frozen(LATER):
            by_fields = alice.made("/watch-entries/", vendor=str(self.vendor.pk), kind="advisory", title="Advisory")
            by_mail = alice.made("/watch-entries/", message=MESSAGE)
            again = alice.made("/watch-entries/", message=MESSAGE)
            both = alice.post("/watch-entries/", vendor=str(self.vendor.pk), server=str(self.here.server.pk))
            neither = alice.post("/watch-entries/", title="Nothing")
            no_mail = alice.post("/watch-entries/", message="no mail")
            marked = alice.made("/watch-entries/", message=MESSAGE.replace("<", "<2", 1), tlp="red")

        assert (by_fields["via"], by_mail["via"], by_mail["vendor"]["name"]) == ("api", "mail", "Acme")
        assert (by_mail["kind"], again["id"]) == ("breach_notice", by_mail["id"])
        assert [one.status_code for one in (both, neither, no_mail)] == [422, 422, 422]
        assert (by_mail["tlp"], marked["tlp"]) == ("", "red")
        assert WatchEntry.objects.count() == 3

    def test_the_api_takes_a_log_and_says_what_it_told(self) -> None:
        line = "1772000000.0 5 10.0.0.5 TCP_TUNNEL/200 9 CONNECT api.weather.example:443 - HIER_DIRECT/- -\n"
        alice = Caller(self.here.people.alice, ["discover"])
        with frozen(LATER):
            made = alice.post("/egress-logs/", server=str(self.here.server.pk), log=line)
            bad = alice.post("/egress-logs/", server=str(self.here.server.pk), log="no log")

        assert (made.status_code, made.json()["hosts"], bad.status_code) == (201, 1, 422)
        assert EgressContact.objects.get().host == "api.weather.example"
        assert ("egress", "api.weather.example:443") in self.here.hits()

    def test_the_api_shares_and_shows_the_bundle(self) -> None:
        bob = Caller(self.here.people.bob)
        fields = {"unit": str(self.here.people.payments.pk), "recipient": "ISAC", "reason": "They asked."}
        with frozen(LATER):
            made = bob.made("/shares/", **fields, hits=[str(self.hit.pk)], tlp="amber")
            too_mild = bob.post("/shares/", **fields, hits=[str(self.hit.pk)], tlp="green")

        assert json.loads(made["bundle"])["type"] == "bundle"
        assert "bundle" not in bob.read("/shares/")["results"][0]
        assert too_mild.status_code == 422

    def test_the_api_says_how_an_indicator_stands_and_by_what_it_is_met(self) -> None:
        shown = Caller(self.here.people.eve).read(f"/indicators/{self.hit.indicator_id}/")

        assert (shown["standing"], shown["feed"]["name"]) == ("in_force", "Threats")
        assert shown["terms"] == [{"way": 0, "kind": "domain", "value": "weather.example", "version": ""}]
        assert Caller(self.here.people.eve).read("/indicator-hits/")["results"] == []

    def test_the_command_takes_a_file_as_a_feed_of_its_own(self) -> None:
        with TemporaryDirectory() as folder:
            path, out = Path(folder, "list.csv"), StringIO()
            path.write_text("kind,value\ndomain,evil.example\ndomain,no domain\n")
            call_command("take_indicators", path, stdout=out)
            call_command("take_indicators", path, stdout=out)
            with pytest.raises(CommandError, match="Its ending does not tell its form"):
                call_command("take_indicators", folder)
            broken = Path(folder, "bundle.json")
            broken.write_text("{")
            with pytest.raises(CommandError, match=r"Failed\. The file ends in the middle\."):
                call_command("take_indicators", broken)

        first, bad, second, _bad = out.getvalue().splitlines()
        assert first.endswith("list.csv: 2 seen, 1 new, 0 changed, 0 unchanged, 0 withdrawn, 1 quarantined, 0 missing.")
        assert second.endswith("2 seen, 0 new, 0 changed, 1 unchanged, 0 withdrawn, 1 quarantined, 0 missing.")
        assert bad == "  Not read: line 3: 'no domain' is no domain. Write it as in example.com."
        assert Indicator.objects.filter(feed__name="list.csv").count() == 1
