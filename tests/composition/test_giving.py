"""Inventories come in by page, API and command: read whole or refused with the place, and shown with what is known."""

import io
import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import TestCase

from composition import coverage, hits
from composition.inventories import taking
from composition.models import Component, Inventory
from evidence import store
from evidence.models import Blob
from feeds.models import Feed
from findings.models import Finding
from scoring.scales import Severity
from tests import cast
from tests.api.caller import Caller, frozen
from tests.composition import inventories
from tests.composition.advisories import EVERY, publish
from tests.composition.documents import LOCK
from tests.composition.feeding import a_fresh_feed
from tests.composition.inventories import EXPRESS, OWN, QS
from tests.web.signed_in import as_
from vendors.models import Release

BOM = {
    "bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1,
    "components": [
        {"type": "library", "name": "qs", "version": "6.11.0", "purl": "pkg:npm/qs@6.11.0"},
        {"type": "library", "name": "our-own-fork"},
    ],
}  # fmt: skip
XML = """<?xml version="1.0" encoding="utf-16"?>
<bom xmlns="http://cyclonedx.org/schema/bom/1.5" version="1"><components>
<component type="library"><name>qs</name><version>6.11.0</version><purl>pkg:npm/qs@6.11.0</purl></component>
</components></bom>"""


def a_file(name: str = "package-lock.json", content: bytes | None = None) -> SimpleUploadedFile:
    """Return the lock file as it is uploaded, or another file."""
    return SimpleUploadedFile(name, json.dumps(LOCK).encode() if content is None else content)


class Doors(TestCase):
    """A release of a server of Payments, without an inventory; alice works there, eve elsewhere."""

    cast: cast.Cast
    release: Release

    @classmethod
    def setUpTestData(cls) -> None:
        cls.cast = cast.assemble()
        cls.release = cast.a_release(cls.cast)

    def setUp(self) -> None:
        clock = frozen()
        clock.start()
        self.addCleanup(clock.stop)

    @property
    def tab(self) -> str:
        return f"/servers/{self.release.server_id}/built-from/"

    def page(self, path: str) -> str:
        response: Any = as_(self.cast.alice).get(path)
        assert response.status_code == 200, response.status_code
        return str(response.content.decode())

    def give(self, file: SimpleUploadedFile, **more: Any) -> Any:
        path = f"/servers/{self.release.server_id}/inventories/give/"
        return as_(self.cast.alice).post(path, {"file": file, "release": str(self.release.pk), **more})

    def post(self, caller: Caller, **body: Any) -> Any:
        return caller.client.post("/api/v1/inventories/", body)

    # Giving

    def test_a_server_without_one_says_that_what_it_is_built_from_is_unknown(self) -> None:
        assert "No inventory: what it is built from is unknown" in self.page(self.tab)
        assert "Not known</a>" in self.page(f"/servers/{self.release.server_id}/")

    def test_a_lock_file_given_on_the_page_is_shown_with_the_way_each_package_came(self) -> None:
        given = self.give(a_file())
        row = Inventory.objects.get()
        assert given["Location"] == f"/inventories/{row.pk}/"
        page = self.page(given["Location"])
        assert (row.scope, row.given_by) == ("package-lock.json", self.cast.alice)
        assert "By the server itself" in page
        assert "By express 4.18.2" in page
        assert page.count("Not compared yet") == 2
        assert "No inventory" not in self.page(self.tab)
        assert "Not compared yet" in self.page(self.tab)

    def test_of_one_component_it_is_said_in_the_singular(self) -> None:
        form = {"file": a_file("requirements.txt", b"click==8.1.8\n"), "release": str(self.release.pk)}
        path = f"/servers/{self.release.server_id}/inventories/give/"
        page: Any = as_(self.cast.alice).post(path, form, follow=True)
        assert "SB-1 lists 1 component. It is compared next." in page.content.decode()

    def test_a_broken_document_is_refused_with_the_place_and_nothing_is_kept(self) -> None:
        given = self.give(a_file("bom.json", b'{"bomFormat": "CycloneDX", "specVersion": "1.5", "components": [{}]}'))
        assert given.status_code == 422
        assert "components[0]" in given.content.decode()
        assert (Inventory.objects.count(), Blob.objects.count()) == (0, 0)

    def test_what_is_larger_than_a_page_takes_is_not_looked_at(self) -> None:
        given = self.give(a_file("bom.json", b"{" + b" " * (16 * 1024 * 1024)))
        assert given.status_code == 422
        assert "at most 16 MiB are read" in given.content.decode().replace("\n", " ")

    def test_a_document_in_utf_16_is_kept_as_it_came(self) -> None:
        document = XML.encode("utf-16")
        self.give(a_file("bom.xml", document), scope="image")
        row = Inventory.objects.get()
        with store.open_blob(row.document) as kept:
            assert kept.read() == document
        assert (row.form, row.scope, row.components_count) == ("CycloneDX 1.5, XML", "image", 1)
        got = as_(self.cast.alice).get(f"/inventories/{row.pk}/document/")
        assert b"".join(got.streaming_content) == document  # type: ignore[attr-defined]

    def test_an_api_client_gives_one_of_the_release_that_is_relied_on_and_sends_it_again(self) -> None:
        caller = Caller(self.cast.alice)
        body = {"server": str(self.release.server_id), "scope": "server"}
        first = caller.client.post(
            "/api/v1/inventories/", body | {"file": a_file()}, headers={"Idempotency-Key": "build-7"}
        )
        again = caller.client.post(
            "/api/v1/inventories/", body | {"file": a_file()}, headers={"Idempotency-Key": "build-7"}
        )
        assert (first.status_code, again.status_code, again["Idempotent-Replayed"]) == (201, 201, "true")
        assert (first.json()["release"]["id"], first.json()["scope"]) == (str(self.release.pk), "server")
        assert Inventory.objects.count() == 1

    def test_an_api_client_is_told_what_to_mend(self) -> None:
        caller = Caller(self.cast.alice)
        broken = self.post(caller, release=str(self.release.pk), file=a_file("notes.md", b"# Notes"))
        of_none = self.post(caller, file=a_file())
        stranger = self.post(Caller(self.cast.eve), release=str(self.release.pk), file=a_file())
        assert [one.status_code for one in (broken, of_none, stranger)] == [422, 400, 422]
        assert broken.json()["errors"][0]["message"].startswith("The file is no inventory of a known form.")
        assert of_none.json()["errors"] == [{"field": "release", "message": "Name a release, or a server."}]
        assert Inventory.objects.count() == 0

    def test_a_token_that_only_reads_gives_none(self) -> None:
        assert (
            self.post(Caller(self.cast.alice, ["read"]), release=str(self.release.pk), file=a_file()).status_code == 403
        )

    def test_the_command_takes_one_in_and_says_how_much_is_unknown(self) -> None:
        output = io.StringIO()
        path = Path(self.enterContext(TemporaryDirectory())) / "bom.json"
        path.write_text(json.dumps(BOM))
        server = self.release.server
        call_command("take_inventory", server.ref, path, stdout=output)
        counts = "2 components, 1 of which cannot be compared"
        assert output.getvalue() == f"SB-1: bom.json of {self.release} of {server.ref}, {counts}.\n"

    def test_the_command_names_what_it_cannot_find_and_each_place_of_a_broken_document(self) -> None:
        ref = self.release.server.ref
        path = Path(self.enterContext(TemporaryDirectory())) / "bom.json"
        path.write_text('{"bomFormat": "CycloneDX", "specVersion": "1.5", "components": [{}]}')
        for arguments, why in (
            ((ref, path), r"components\[0\]"),
            ((ref, "/nowhere/bom.json"), "cannot be read: No such file"),
            ((ref, path, "--release", "9"), f"{ref} has no release 9. It has: {self.release}"),
        ):
            with pytest.raises(CommandError, match=why):
                call_command("take_inventory", *arguments)
        assert Inventory.objects.count() == 0

    # What is known

    def taken(self, *parts: Any, **more: Any) -> Inventory:
        return inventories.take(self.release, *parts, by=self.cast.alice, now=cast.NOON, **more)

    def known(self) -> dict[str, tuple[str, str]]:
        rows = Caller(self.cast.alice).read("/components/", counts="true")["results"]
        return {row["name"]: (row["known"], row["why"]) for row in rows}

    def test_what_was_not_compared_is_never_shown_as_clean(self) -> None:
        self.taken()
        waiting = ("waiting", "")
        unknown = ("unknown", "It is of no ecosystem that advisories speak of.")
        assert self.known() == {"express": waiting, "qs": waiting, "our-own-fork": unknown}

    def test_without_advisories_of_its_ecosystem_nothing_is_known_of_a_package(self) -> None:
        self.taken(EXPRESS, QS)
        hits.compare(self.release.server, now=cast.NOON)
        unknown = ("unknown", coverage.NOT_COVERED)
        assert self.known() == {"express": unknown, "qs": unknown}

    def test_nothing_is_not_affected_by_advisories_that_are_not_all_there_are(self) -> None:
        feed = a_fresh_feed()
        publish("GHSA-1", "else", feed=feed)
        self.taken(EXPRESS)
        hits.compare(self.release.server, now=cast.NOON)
        assert self.known() == {"express": ("not_affected", "")}
        silent = {"silent_since": cast.NOON}
        for facts in ({"is_whole": False}, silent, {"status": "off"}, {"last_success_at": None}):
            with self.subTest(facts=facts):
                was = Feed.objects.filter(pk=feed.pk).values(*facts)[0]
                Feed.objects.update(**facts)
                assert self.known() == {"express": ("unknown", coverage.NOT_COVERED)}
                Feed.objects.update(**was)

    def test_each_figure_of_a_server_is_the_count_of_its_list_and_unknown_is_told(self) -> None:
        self.taken()
        server = f"/servers/{self.release.server_id}/"
        assert "3 components, 0 affected, 1 unknown, 2 not compared yet" in self.page(server)
        hits.compare(self.release.server, now=cast.NOON)
        assert "3 components, 0 affected, 3 unknown" in self.page(server)
        client = as_(self.cast.alice)
        figures = client.get(self.tab).context["figures"]
        counted = {one.label: (one.value, len(client.get(one.url).context["list"].rows)) for one in figures}
        assert counted == {"Components": (3, 3), "Affected": (0, 0), "Unknown": (3, 3)}

    def test_a_package_that_is_named_as_a_whole_is_counted_beside_what_is_affected(self) -> None:
        publish("MAL-1", ranges=EVERY)
        self.taken()
        hits.compare(self.release.server, now=cast.NOON)
        client = as_(self.cast.alice)
        figures = client.get(self.tab).context["figures"]
        counted = {one.label: (one.value, len(client.get(one.url).context["list"].rows)) for one in figures}
        assert counted == {"Components": (3, 3), "Affected": (0, 0), "To verify": (1, 1), "Unknown": (2, 2)}
        assert "3 components, 0 affected, 1 to verify, 2 unknown" in self.page(f"/servers/{self.release.server_id}/")

    def test_a_server_whose_inventory_was_withdrawn_is_not_known_any_more(self) -> None:
        row = self.taken(EXPRESS)
        hits.compare(self.release.server, now=cast.NOON)
        taking.withdraw(row, reason="Of another server.", by=self.cast.alice, now=cast.NOON)
        hits.compare(self.release.server, now=cast.NOON)
        assert "Not known</a>" in self.page(f"/servers/{self.release.server_id}/")

    def test_what_is_hit_comes_first_with_the_version_that_is_free_of_it(self) -> None:
        publish("GHSA-hrpp-h998-j3pp", key="CVE-2022-24999", feed=a_fresh_feed())
        row = self.taken()
        hits.compare(self.release.server, now=cast.NOON)
        assert self.known() == {
            "express": ("not_affected", ""),
            "qs": ("affected", "CVE-2022-24999; free of it from 6.11.1"),
            "our-own-fork": ("unknown", "It is of no ecosystem that advisories speak of."),
        }
        page = self.page(f"/inventories/{row.pk}/")
        assert page.index("CVE-2022-24999") < page.index("our-own-fork") < page.index(">express<")
        tab = self.page(self.tab)
        assert "Prototype pollution</p>" in tab
        assert "Free of it from 6.11.1" in tab
        assert "3 components, 1 affected, 1 unknown" in self.page(f"/servers/{self.release.server_id}/")

    def test_beside_what_hits_it_stands_what_became_of_the_finding(self) -> None:
        publish("GHSA-hrpp-h998-j3pp", key="CVE-2022-24999", feed=a_fresh_feed())
        self.taken()
        hits.compare(self.release.server, now=cast.NOON)
        assert "Dismissed" not in self.page(self.tab)
        Finding.objects.update(status="dismissed", dismissed_at=cast.NOON)
        assert "Dismissed" in self.page(self.tab)

    def test_of_several_the_surest_and_worst_comes_first(self) -> None:
        publish("GHSA-1", severity=None)
        publish("GHSA-2", severity=Severity.HIGH)
        publish("MAL-1", "express", ranges=[], versions=["4.18.2"], severity=None)
        publish("MAL-2", "express", ranges=EVERY, severity=None)
        publish("GHSA-3", "express", ranges=[{"type": "NEW", "events": [{"introduced": "0"}]}])
        self.taken(EXPRESS, QS)
        hits.compare(self.release.server, now=cast.NOON)
        assert {name: why for name, (_known, why) in self.known().items()} == {
            "express": "MAL-1 and 2 more", "qs": "GHSA-2 and 1 more",
        }  # fmt: skip
        rows = as_(self.cast.alice).get(self.tab).context["hits"].rows
        keys = [hit.vulnerability.key for hit, _versions in rows]
        assert keys == ["MAL-1", "GHSA-2", "GHSA-1", "MAL-2", "GHSA-3"]

    def test_components_are_found_by_package_version_licence_and_what_is_known(self) -> None:
        publish("GHSA-1")
        self.taken()
        hits.compare(self.release.server, now=cast.NOON)
        caller = Caller(self.cast.alice)
        found = {
            query: [row["name"] for row in caller.read("/components/", **dict([query.split("=")]))["results"]]
            for query in (
                *("name=qs", "name=q", "search=q", "version=4.18.2", "licence=BSD-3-Clause", "licence=BSD"),
                *("known=affected", "needed=true"),
            )
        }  # fmt: skip
        assert found == {
            "name=qs": ["qs"], "name=q": [], "search=q": ["qs"], "version=4.18.2": ["express"],
            "licence=BSD-3-Clause": ["qs"], "licence=BSD": [], "known=affected": ["qs"], "needed=true": ["express"],
        }  # fmt: skip
        assert Caller(self.cast.eve).read("/components/", name="qs")["results"] == []

    def test_the_page_of_components_shows_what_counts_today(self) -> None:
        self.taken(EXPRESS)
        self.taken(QS, text=b"{ }")
        page = self.page("/components/")
        assert ("qs" in page, "4.18.2" in page) == (True, False)
        old = Inventory.objects.get(status="superseded")
        assert "4.18.2" in self.page(f"/components/?inventory={old.pk}")

    # Two, and other forms

    def test_what_changed_is_shown_against_the_one_before_and_any_other(self) -> None:
        first = self.taken(EXPRESS, QS)
        newer = inventories.listed("qs", "6.12.0", licences=("MIT",))
        second = self.taken(newer, OWN, text=b"{ }")
        page = self.page(f"/inventories/{second.pk}/changes/")
        assert "1 added, 1 removed, 1 changed, 0 the same." in page
        assert "Version: 6.11.0 → 6.12.0" in page
        assert "Licence: BSD-3-Clause → MIT" in page
        assert "6.12.0 → 6.11.0" in self.page(f"/inventories/{first.pk}/changes/?against={second.pk}")
        changes = Caller(self.cast.alice).read(f"/inventories/{second.pk}/changes/{first.pk}/")
        assert [row["name"] for key in ("added", "removed", "changed") for row in changes[key]] == [
            "our-own-fork", "express", "qs",
        ]  # fmt: skip

    def test_one_of_another_server_is_compared_with_nothing(self) -> None:
        row = self.taken(EXPRESS)
        other = inventories.take(
            cast.a_release(self.cast, "com.example/tides"), EXPRESS, by=self.cast.alice, now=cast.NOON
        )
        assert as_(self.cast.alice).get(f"/inventories/{row.pk}/changes/?against={other.pk}").status_code == 404

    def test_it_is_handed_out_as_cyclonedx_and_spdx_the_same_each_time(self) -> None:
        self.give(a_file())
        row = Inventory.objects.get()
        client = as_(self.cast.alice)
        first, again = (
            b"".join(client.get(f"/inventories/{row.pk}/export/cyclonedx/").streaming_content)  # type: ignore[attr-defined]
            for _ in range(2)
        )
        document = json.loads(first)
        assert first == again
        assert (document["specVersion"], [one["purl"] for one in document["components"]]) == (
            "1.6", ["pkg:npm/express@4.18.2", "pkg:npm/qs@6.11.0"],
        )  # fmt: skip
        spdx = Caller(self.cast.alice).read(f"/inventories/{row.pk}/export/spdx/")
        assert [one["name"] for one in spdx["packages"]] == ["@example/weather", "express", "qs"]
        assert client.get(f"/inventories/{row.pk}/export/other/").status_code == 404

    def test_what_can_be_read_no_more_is_handed_out_as_it_came_alone(self) -> None:
        row = self.taken(EXPRESS, text=b"{ }")
        page = as_(self.cast.alice).get(f"/inventories/{row.pk}/export/spdx/", follow=True)
        assert "Download it as it came." in page.content.decode()
        assert Caller(self.cast.alice).get(f"/inventories/{row.pk}/export/spdx/").status_code == 422

    def test_a_program_withdraws_it_with_a_reason_in_json(self) -> None:
        row = self.taken(EXPRESS)
        withdrawn = Caller(self.cast.alice).done(f"/inventories/{row.pk}/withdraw/", reason="Of another server.")
        assert withdrawn["status"] == "withdrawn"

    def test_a_wrong_one_is_withdrawn_on_its_page_and_the_server_is_unknown_again(self) -> None:
        row = self.taken(EXPRESS)
        as_(self.cast.alice).post(f"/inventories/{row.pk}/withdraw/", {"reason": "Of another server."})
        assert "Of another server." in self.page(f"/inventories/{row.pk}/")
        assert "No inventory: what it is built from is unknown" in self.page(self.tab)
        assert Component.objects.counting().count() == 0
