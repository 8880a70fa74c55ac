"""The pages of releases, their tools and deployments, and of evidence, as the cast sees them."""

import io
from datetime import timedelta
from typing import Any

import time_machine
from django.urls import reverse

from audit.models import Event
from evidence import records
from evidence.models import Blob, KeptCopy
from tests import cast
from tests.assessments import documents
from tests.cast import NOON, TODAY
from tests.evidence.places import place_of
from tests.web.test_servers import ServerCase
from vendors import lifecycle
from vendors.models import Deployment, Release
from vendors.registering import importing, registration

PDF = b"%PDF-1.7 report"


class Releases(ServerCase):
    def setUp(self) -> None:
        self.release = cast.a_release(self.people, "get_forecast")
        self.server = self.release.server

    def tools_page(self, release: Release) -> Any:
        return self.client.get(f"{self.page('server-tools')}?release={release.pk}")

    def imported(self, text: str, **given: Any) -> Any:
        fields = {"document": text, "captured_at": "2026-03-02T11:00", "command": "npx @example/weather"} | given
        with time_machine.travel(NOON):
            return self.client.post(reverse("web:release-tools-import", args=[self.release.pk]), fields)

    def test_another_version_is_recorded_with_its_packages(self) -> None:
        self.as_("alice")
        self.client.post(self.page("release-import"), {"document": cast.server_json(version="2.0.0")})
        assert sorted(self.server.releases.values_list("version", flat=True)) == ["1.2.3", "2.0.0"]
        self.assertContains(
            self.client.get(self.page("server-releases")), 'WEATHER_KEY</span> <span class="tag">Secret</span>'
        )

    def test_a_server_without_tools_leads_straight_to_where_they_come_from(self) -> None:
        self.as_("alice")
        self.server = cast.a_server(self.people, "com.example/bare")
        nothing_yet = self.client.get(self.page("server-tools")).context["next"]
        assert nothing_yet["url"] == self.page("release-import")
        registration.add_release(self.server, version="1.0.0", by=self.people.alice, now=NOON)
        one = self.client.get(self.page("server-tools"))
        only = self.server.releases.get()
        self.assertContains(one, reverse("web:release-tools-import", args=[only.pk]))
        registration.add_release(self.server, version="2.0.0", by=self.people.alice, now=NOON)
        several = self.client.get(self.page("server-tools")).context["next"]
        assert several["url"] == self.page("server-releases")
        self.as_("carol")
        assert self.client.get(self.page("server-tools")).context["next"] is None

    def test_each_document_names_the_credentials_that_it_held_itself(self) -> None:
        self.as_("alice")
        leaky = cast.server_json(version="2.0.0").replace(
            '"WEATHER_KEY"', '"WEATHER_KEY", "value": "ghp_%s"' % ("A1b2" * 9)
        )
        recorded = self.client.post(self.page("release-import"), {"document": leaky}, follow=True)
        self.assertContains(recorded, "were not kept: packages[0].environmentVariables[0].value. Have them revoked.")
        self.release = self.server.releases.get(version="2.0.0")
        self.imported('{"tools": [{"name": "delete", "inputSchema": {"type": "object"}}]}')
        captured = self.tools_page(self.release)
        self.assertContains(captured, "The tools of 2.0.0 are captured.")
        self.assertNotContains(captured, "Have them revoked")

    def test_a_document_about_another_server_is_refused(self) -> None:
        self.as_("alice")
        answer = self.client.post(self.page("release-import"), {"document": cast.server_json(name="com.example/other")})
        self.assertContains(answer, "This document is about com.example/other", status_code=422)
        assert self.server.releases.count() == 1

    def test_a_version_by_hand_is_exact(self) -> None:
        self.as_("alice")
        answer = self.client.post(self.page("release-add"), {"version": "latest"})
        self.assertContains(answer, "latest is another one tomorrow", status_code=422)
        self.client.post(self.page("release-add"), {"version": "3.0.0"})
        assert self.server.releases.filter(version="3.0.0").count() == 1

    def test_a_hint_that_is_not_declared_shows_the_default_of_the_protocol(self) -> None:
        self.as_("carol")
        page = self.tools_page(self.release)
        hints = [(hint.word, hint.value, hint.declared) for hint in page.context["tools"][0].hints]
        assert hints == [
            ("Read-only", False, False),
            ("Destructive", True, False),
            ("Idempotent", False, False),
            ("Open world", True, False),
        ]
        self.assertContains(page, "Destructive: yes (default)")

    def test_a_tool_that_is_declared_to_only_read_assumes_nothing_about_how_it_writes(self) -> None:
        for declared, words in (
            ({}, ["Read-only", "Open world"]),
            ({"destructiveHint": True}, ["Read-only", "Destructive", "Open world"]),
        ):
            with self.subTest(declared):
                self.as_("alice")
                self.imported(cast.tools("get_forecast", readOnlyHint=True, **declared))
                page = self.tools_page(self.server.releases.latest("revision"))
                assert [hint.word for hint in page.context["tools"][0].hints] == words

    def test_tools_that_changed_since_the_pin_are_shown_with_what_differs(self) -> None:
        lifecycle.start_review(self.server, by=self.people.alice, now=NOON)
        lifecycle.approve(self.server, self.release, by=self.people.bob, now=NOON)
        self.as_("alice")
        self.imported(cast.tools("get_forecast", "delete_city", destructiveHint=True))
        newer = self.server.releases.get(revision=2)
        page = self.tools_page(newer)
        added, changed = page.context["compared"].changes
        ((word, sides),) = changed.sides
        assert (added.name, added.kind, added.sides) == ("delete_city", "added", [])
        assert (changed.name, changed.kind, word) == ("get_forecast", "changed", "Destructive")
        texts = ["".join(piece.text for piece in side) for side in (sides.before, sides.after)]
        assert texts == ["not declared", "yes"]
        self.assertContains(page, "The approval does not cover these.")

    def test_the_same_tools_again_change_nothing(self) -> None:
        self.as_("alice")
        events = Event.objects.count()
        answer = self.imported(cast.tools("get_forecast"))
        assert (answer.status_code, Event.objects.count()) == (302, events)

    def test_bad_captures_are_refused_with_their_place(self) -> None:
        self.as_("alice")
        self.assertContains(self.imported('{"tools": [{"name": ""}]}'), "tools[0]", status_code=422)
        later = self.imported(cast.tools("x"), captured_at="2026-03-03T11:00")
        self.assertContains(later, "Give the moment of the capture: not later than now", status_code=422)
        assert list(self.server.releases.values_list("revision", flat=True)) == [1]

    def test_a_look_at_tools_keeps_nothing(self) -> None:
        self.as_("alice")
        self.assertContains(self.imported(cast.tools("delete_city"), look="yes"), "delete_city")
        assert self.server.releases.count() == 1

    def test_the_release_of_another_server_is_not_found(self) -> None:
        other = self.scene.another_server().releases.get()
        self.as_("alice")
        assert self.tools_page(other).status_code == 404
        assert self.client.get(f"{self.page('server-tools')}?release=x").status_code == 404

    def test_the_digest_of_the_registry_is_written_once(self) -> None:
        package = self.release.packages.get()
        url = reverse("web:package-digest", args=[package.pk])
        self.as_("alice")
        self.client.post(url, {"integrity": cast.INTEGRITY})
        self.assertContains(
            self.client.post(url, {"integrity": cast.OTHER_INTEGRITY}), "another digest already", status_code=422
        )
        package.refresh_from_db()
        assert package.integrity == cast.INTEGRITY

    def test_strangers_and_readers_import_nothing(self) -> None:
        for name, status in (("eve", 404), ("carol", 403), ("ada", 403)):
            self.as_(name)
            assert self.imported(cast.tools("x")).status_code == status, name
            assert self.client.post(self.page("release-import"), {"document": "{}"}).status_code == status, name
        assert self.server.releases.count() == 1

    def test_markup_in_a_description_stays_text(self) -> None:
        text = '{"tools": [{"name": "x", "description": "<b>now</b>", "inputSchema": {"type": "object"}}]}'
        made = importing.import_tools(self.release, text, captured_at=NOON, command="", by=self.people.alice, now=NOON)
        self.as_("alice")
        self.assertContains(self.tools_page(made), "&lt;b&gt;now&lt;/b&gt;")


class Deployments(ServerCase):
    def posted(self, **given: Any) -> Any:
        fields = {"name": "Desk", "environment": "production", "agent": "Support", "personal_data": "yes"} | given
        with time_machine.travel(NOON):
            return self.client.post(self.page("deployment-add"), fields)

    def test_the_tier_follows_from_the_facts_and_what_is_not_known_is_a_gap(self) -> None:
        self.as_("alice")
        facts = dict.fromkeys(self.server.facts, "low") | {"egress": "", "data_reached": "severe"}
        self.assertRedirects(self.posted(in_use_since="2026-03-01", **facts), self.page("server-deployments"))
        deployment = Deployment.objects.get()
        assert (deployment.inherent_tier, deployment.tier_at_best, deployment.personal_data) == (1, 2, True)
        page = self.client.get(self.page("server-deployments"))
        self.assertContains(page, "Not known, so counted as severe: Egress.")
        self.assertContains(
            page, "At least two facts are severe: Data reached, Egress (unknown). At best it is of tier 2."
        )

    def test_what_was_added_is_said(self) -> None:
        self.as_("alice")
        page = self.client.get(self.posted().url)
        self.assertContains(page, "Desk is on record.")

    def test_a_day_in_the_future_is_refused_at_its_field(self) -> None:
        self.as_("alice")
        answer = self.posted(in_use_since="2026-04-01")
        self.assertContains(answer, "This day has not come yet.", status_code=422)
        assert not Deployment.objects.exists()

    def test_an_edit_starts_from_what_is_known_and_an_end_is_final(self) -> None:
        self.deployed(data_reached="severe", personal_data=False)
        deployment = Deployment.objects.get()
        edit = reverse("web:deployment-edit", args=[deployment.pk])
        self.as_("alice")
        initial = self.client.get(edit).context["form"].initial
        assert (initial["data_reached"], initial["personal_data"]) == ("severe", "no")
        with time_machine.travel(NOON):
            early = reverse("web:deployment-end", args=[deployment.pk])
            assert self.client.post(early, {"on": TODAY - timedelta(days=1)}).status_code == 422
            self.client.post(early, {"on": TODAY})
            given = {name: value or "" for name, value in initial.items()} | {"name": "Other"}
            self.assertContains(self.client.post(edit, given), "Add a new deployment.", status_code=422)
        deployment.refresh_from_db()
        assert (deployment.ended_on, deployment.name) == (TODAY, "Desk")

    def test_strangers_and_readers_deploy_nothing(self) -> None:
        for name, status in (("eve", 404), ("carol", 403), ("mia", 403)):
            self.as_(name)
            assert self.posted().status_code == status, name
        assert not Deployment.objects.exists()


class EvidencePages(ServerCase):
    def setUp(self) -> None:
        upload = io.BytesIO(PDF)
        upload.name = "Prüf bericht.pdf"
        self.evidence = records.add_file(
            upload, title="Report", issuer="vendor", unit=self.people.payments, by=self.people.alice, now=NOON
        )

    def url(self, name: str) -> str:
        return reverse(f"web:{name}", args=[self.evidence.pk])

    def test_a_file_is_downloaded_and_never_shown(self) -> None:
        self.as_("carol")
        answer: Any = self.client.get(self.url("evidence-file"))
        assert b"".join(answer.streaming_content) == PDF
        assert answer["Content-Disposition"] == "attachment; filename*=utf-8''Pr%C3%BCf%20bericht.pdf"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert answer["Cache-Control"] == "no-store"

    def test_a_lost_file_is_told_with_what_to_do(self) -> None:
        self.as_("carol")
        place_of(Blob.objects.get()).unlink()
        answer = self.client.get(self.url("evidence-file"))
        self.assertContains(answer, "restore it from the backup", status_code=404)
        self.assertContains(answer, Blob.objects.get().sha256, status_code=404)
        assert self.client.get(self.url("evidence-detail")).status_code == 200

    def test_nobody_of_another_unit_finds_it(self) -> None:
        self.as_("eve")
        for name in ("evidence-detail", "evidence-file", "evidence-copy", "evidence-keep-copy"):
            assert self.client.get(self.url(name)).status_code == 404, name

    def link(self) -> None:
        """Look at a link instead."""
        self.evidence = records.add_link(
            "https://example.com/soc2",
            title="SOC 2",
            issuer="independent",
            unit=self.people.payments,
            by=self.people.alice,
            now=NOON,
        )

    def test_a_copy_of_a_link_is_kept_and_downloaded(self) -> None:
        self.link()
        self.as_("alice")
        self.assertContains(self.client.get(self.url("evidence-detail")), "Nobody kept a copy")
        given = {"file": documents.upload("As it stood")}
        self.assertRedirects(self.client.post(self.url("evidence-keep-copy"), given), self.url("evidence-detail"))
        page = self.client.get(self.url("evidence-detail"))
        self.assertContains(page, KeptCopy.objects.get().blob_id)
        self.assertNotContains(page, "Nobody kept a copy")
        copy: Any = self.client.get(self.url("evidence-copy"))
        assert (b"".join(copy.streaming_content), copy["Content-Type"]) == (b"As it stood", "text/plain")
        assert copy["Content-Security-Policy"] == "default-src 'none'; sandbox"

    def test_readers_keep_no_copy_and_of_a_file_there_is_none(self) -> None:
        self.as_("alice")
        assert self.client.get(self.url("evidence-copy")).status_code == 404
        self.assertRedirects(self.client.get(self.url("evidence-keep-copy")), self.url("evidence-detail"))
        self.link()
        self.as_("carol")
        assert self.client.post(self.url("evidence-keep-copy"), {"file": documents.upload()}).status_code == 403
        assert not KeptCopy.objects.exists()

    def test_a_note_has_no_file(self) -> None:
        self.evidence = records.add_note(
            "Seen.", title="Call", unit=self.people.payments, by=self.people.alice, now=NOON
        )
        self.as_("alice")
        assert self.client.get(self.url("evidence-file")).status_code == 404
        self.assertContains(self.client.get(self.url("evidence-detail")), "Seen.")
