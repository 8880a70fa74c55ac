"""A document of another package than the release is taken in once somebody says that it is the right one."""

import io
import json
import re
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import TestCase

from audit.models import Event
from composition.inventories import taking
from composition.listing import Listed
from composition.models import Inventory
from tests import cast
from tests.api.caller import Caller, frozen
from tests.cast import NOON
from tests.composition.documents import LOCK
from tests.composition.inventories import FILE_NAME, QS, listing
from tests.web.signed_in import as_
from vendors.models import Release

OTHER = "The document says that it is of tide; this release is of @example/weather."
NOTICE = "It says that it is of another package than the release."
BOX = "It is the right document all the same"
TIDE = json.dumps(LOCK).replace("@example/weather", "tide").encode()


def of(name: str, *, ecosystem: str = "npm", version: str = "9.9.9") -> Listed:
    """Return what a document says that it is of."""
    return Listed(ref="", name=name, version=version, ecosystem=ecosystem)


class OfAnother(TestCase):
    """A release of the package @example/weather of npm."""

    people: cast.Cast
    release: Release

    @classmethod
    def setUpTestData(cls) -> None:
        cls.people = cast.assemble()
        cls.release = cast.a_release(cls.people)

    def setUp(self) -> None:
        clock = frozen()
        clock.start()
        self.addCleanup(clock.stop)

    def take(self, itself: Listed | None, *, text: bytes = b"{}", **how: Any) -> Inventory:
        document = replace(listing(QS), itself=itself)
        return taking.take(self.release, document, text, file_name=FILE_NAME, by=self.people.alice, now=NOON, **how)

    def test_it_is_refused_before_it_takes_the_place_of_anything(self) -> None:
        first = self.take(of("@example/weather"))
        with self.assertRaisesMessage(taking.OfAnotherPackage, OTHER):
            self.take(of("tide"), text=b"{ }")
        assert [*Inventory.objects.current()] == [first]

    def test_it_is_taken_in_when_somebody_says_that_it_is_right_which_the_trail_keeps(self) -> None:
        self.take(of("@example/weather"))
        self.take(of("tide"), text=b"{ }", other_package=True)
        events = Event.objects.filter(verb="inventory.taken").order_by("pk")
        assert [one.data["other_package"] for one in events] == [False, True]

    def test_the_next_document_of_the_same_package_is_asked_about_no_more(self) -> None:
        self.take(of("tide"), other_package=True)
        second = self.take(of("tide"), text=b"{ }")
        with pytest.raises(taking.OfAnotherPackage):
            self.take(of("current"), text=b"{  }")
        assert [*Inventory.objects.current()] == [second]

    def test_what_names_no_package_of_its_ecosystem_is_not_asked_about(self) -> None:
        for at, itself in enumerate((None, of("tide", ecosystem=""), of("tide", ecosystem="PyPI"))):
            self.take(itself, scope=f"part {at}")
        assert Inventory.objects.current().count() == 3

    def test_on_the_page_a_box_is_to_be_ticked_and_the_inventory_is_marked(self) -> None:
        client: Any = as_(self.people.alice)
        path = f"/servers/{self.release.server_id}/inventories/give/"
        assert BOX not in client.get(path).content.decode()

        def give(**more: str) -> Any:
            file = SimpleUploadedFile(FILE_NAME, TIDE)
            return client.post(path, {"file": file, "release": str(self.release.pk), **more}, follow=True)

        refused = give()
        assert refused.status_code == 422
        assert all(words in refused.content.decode() for words in (OTHER, BOX))
        without_file = client.post(path, {"release": str(self.release.pk), "other_package": "on"})
        assert (without_file.status_code, BOX in without_file.content.decode()) == (422, True)
        taken = give(other_package="on")
        assert NOTICE in taken.content.decode()

    def test_an_inventory_of_the_own_package_is_not_marked(self) -> None:
        client: Any = as_(self.people.alice)
        page = client.get(f"/inventories/{self.take(of('@example/weather')).pk}/")
        assert page.status_code == 200
        assert NOTICE not in page.content.decode()

    def test_a_program_says_it_with_a_field(self) -> None:
        caller = Caller(self.people.alice)

        def give(**more: str) -> Any:
            body = {"release": str(self.release.pk), "file": SimpleUploadedFile(FILE_NAME, TIDE), **more}
            return caller.client.post("/api/v1/inventories/", body)

        refused = give()
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "other_package")
        assert give(other_package="true").status_code == 201

    def test_the_command_says_it_with_an_option(self) -> None:
        path = Path(self.enterContext(TemporaryDirectory())) / FILE_NAME
        path.write_bytes(TIDE)
        server = self.release.server.ref
        with pytest.raises(CommandError, match=rf"^{re.escape(OTHER)} .* The option --other-package says that\.$"):
            call_command("take_inventory", server, path, stdout=io.StringIO())
        call_command("take_inventory", server, path, "--other-package", stdout=io.StringIO())
        assert Inventory.objects.count() == 1
