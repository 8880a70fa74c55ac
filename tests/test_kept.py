"""Scenes that are written again are what they were when the product made them."""

from typing import Any
from unittest import mock

from django.db import connection, transaction
from django.db.models import Model
from django.test import TestCase

from assessments import lifecycle
from assessments.models import Assessment
from findings.models import Finding
from riskregister import ids
from tests import cast, kept
from tests.api.caller import frozen
from tests.assessments import scenes
from vendors.models import Vendor

MADE_BY_HAND = AssertionError("Made by the steps, not written again.")


def rows() -> dict[str, list[Any]]:
    """Return all rows of all tables."""
    with connection.cursor() as cursor:
        names = sorted(connection.introspection.table_names(cursor))
        return {name: sorted(cursor.execute(f'SELECT * FROM "{name}"').fetchall(), key=repr) for name in names}


def never() -> Any:
    return mock.patch.object(lifecycle, "start", side_effect=MADE_BY_HAND)


class Taken(Exception):
    """Takes a transaction back."""


class Kept(TestCase):
    """The same scene from the same rows, and others."""

    def made(self) -> tuple[scenes.Scene, Finding, dict[str, list[Any]]]:
        """Return a scene, its finding and all rows, of which nothing is left behind it."""
        try:
            with transaction.atomic():
                scene = scenes.set_up()
                found = scene, scene.finding(), rows()
                raise Taken
        except Taken:
            return found

    def test_it_is_written_again_row_by_row(self) -> None:
        scene, finding, before = self.made()
        with never():
            again, the_same, after = self.made()
        assert after == before
        assert len(before["findings_finding"]) == 1
        assert (again, the_same.pk) == (scene, finding.pk)
        assert again.server is not scene.server

    def test_what_was_given_stands_as_it_stood_behind_the_steps(self) -> None:
        def fields(row: Model) -> dict[str, Any]:
            return {name: value for name, value in vars(row).items() if not name.startswith("_")}

        made, _finding, _rows = self.made()
        scene = scenes.set_up()
        server, bob = scene.server, scene.people.bob
        with never():
            finding = scene.finding()
        assert scene.server is server
        assert fields(server) == fields(made.server)
        assert scene.people.bob is bob
        assert Assessment.objects.get(server=server).finalised_by == bob
        assert finding.server == server

    def test_on_a_connection_that_is_not_noted_it_is_made_anew(self) -> None:
        with mock.patch.dict(kept._scenes, clear=True), mock.patch.object(connection, "execute_wrappers", []):
            _scene, finding, _rows = self.made()
            _scene, again, after = self.made()
        assert again.pk != finding.pk
        assert len(after["findings_finding"]) == 1

    def test_from_other_rows_it_is_made_anew(self) -> None:
        self.made()
        scene = scenes.set_up()
        Vendor.objects.update(notes="Changed by this test.")
        with never(), self.assertRaisesMessage(AssertionError, str(MADE_BY_HAND)):
            scene.finding()

    def test_what_a_part_wrote_that_was_taken_back_counts_no_more(self) -> None:
        self.made()
        scene = scenes.set_up()
        try:
            with transaction.atomic():
                Vendor.objects.update(notes="Changed by this test.")
                raise Taken
        except Taken:
            pass
        with never():
            assert scene.finding().status == "open"

    def test_with_other_settings_or_other_arguments_it_is_made_anew(self) -> None:
        self.made()
        scene = scenes.set_up()
        for how, choice in (({"TIME_ZONE": "Asia/Tokyo"}, "closed"), ({}, "public")):
            with (
                self.subTest(how),
                self.settings(**how),
                never(),
                self.assertRaisesMessage(AssertionError, str(MADE_BY_HAND)),
            ):
                scene.finding(choice=choice)

    def test_what_is_made_behind_it_sorts_behind_it_while_the_clock_stands_still(self) -> None:
        with frozen():
            self.made()
        ids.uuid7()  # The clock goes on meanwhile, and is put back.
        with frozen():
            scene = scenes.set_up()
            with never():
                finding = scene.finding()
            behind = cast.a_vendor(scene.people, "Another Ltd")
        assert scene.vendor.pk < finding.pk < behind.pk

    def test_the_cast_works_behind_it(self) -> None:
        self.made()
        scene = scenes.set_up()
        with never():
            scene.finding()
        assert cast.a_vendor(scene.people, "Another Ltd").ref == "V-2"
        assert scene.another_server().ref == "S-2"
