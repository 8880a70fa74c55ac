"""An inventory is taken in once, and takes the place of the one before."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import TestCase

from accounts.access import NotPermitted
from accounts.models import User
from audit.models import Event
from composition.inventories import taking
from composition.listing import Listed
from composition.models import Component, Inventory, PackageVersion
from evidence.models import Blob
from jobs.models import Job
from riskregister.refusals import Refused
from riskregister.transitions import IllegalTransition
from tests import cast
from tests.cast import NOON
from tests.composition import inventories
from tests.composition.inventories import EXPRESS, OWN, QS
from vendors.models import Release

LATER = NOON + timedelta(hours=1)


class Taking(TestCase):
    """A release of a server of Payments."""

    cast: cast.Cast
    release: Release

    @classmethod
    def setUpTestData(cls) -> None:
        cls.cast = cast.assemble()
        cls.release = cast.a_release(cls.cast)

    def take(self, *parts: Listed, by: User | None = None, now: datetime = NOON, **more: Any) -> Inventory:
        return inventories.take(self.release, *parts, by=by or self.cast.alice, now=now, **more)

    def test_what_it_lists_is_kept_with_the_way_it_came(self) -> None:
        made = self.take(EXPRESS, QS, OWN)
        rows = [
            (str(row), row.is_direct, row.path, row.licences, row.package_version.unreadable)
            for row in made.components.order_by("ref")
        ]
        assert rows == [
            ("express 4.18.2", True, [], [], ""),
            ("our-own-fork", None, [], [], "It is of no ecosystem that advisories speak of."),
            ("qs 6.11.0", False, ["express 4.18.2"], ["BSD-3-Clause"], ""),
        ]
        assert (made.ref, made.scope, made.components_count, made.unknown_count) == ("SB-1", "package-lock.json", 3, 1)

    def test_the_same_document_again_is_the_same_inventory(self) -> None:
        first = self.take(EXPRESS)
        assert self.take(EXPRESS, now=LATER) == first
        assert (Component.objects.count(), Event.objects.filter(verb="inventory.taken").count()) == (1, 1)

    def test_a_later_document_of_the_same_part_takes_its_place(self) -> None:
        first = self.take(EXPRESS, QS)
        second = self.take(EXPRESS, text=b"{ }", now=LATER)
        first.refresh_from_db()
        assert (first.status, first.superseded_by, first.ended_at) == ("superseded", second, LATER)
        assert list(Inventory.objects.current()) == [second]
        assert PackageVersion.objects.count() == 2

    def test_another_part_of_the_release_stands_beside_it(self) -> None:
        both = {self.take(EXPRESS), self.take(QS, text=b"{ }", scope="tools")}
        assert set(Inventory.objects.current()) == both

    def test_what_lists_nothing_is_refused_and_nothing_is_kept(self) -> None:
        with self.assertRaisesMessage(Refused, "The document lists no components"):
            taking.take(
                self.release, inventories.listing(), b"{}", file_name="package-lock.json", by=self.cast.alice, now=NOON
            )
        assert (Inventory.objects.count(), Blob.objects.count()) == (0, 0)

    def test_a_name_of_megabytes_is_not_kept_again_with_all_that_is_below_it(self) -> None:
        """A document of 9 MB became 64 GB of rows."""
        long = replace(EXPRESS, name="x" * 1_000_000, ecosystem="", purl="")
        made = self.take(long, QS)
        assert [len(one) for one in made.components.get(ref="qs").path] == [200]

    def test_it_waits_to_be_compared(self) -> None:
        self.take(EXPRESS)
        assert Job.objects.filter(kind="composition.compare", status="queued").exists()

    def test_a_manager_takes_none_in(self) -> None:
        with pytest.raises(NotPermitted):
            self.take(EXPRESS, by=self.cast.mia)

    def test_a_wrong_one_is_withdrawn_once_and_says_why(self) -> None:
        made = taking.withdraw(self.take(EXPRESS), reason="Of another server.", by=self.cast.alice, now=LATER)
        assert (made.status, made.ended_at, made.end_reason) == ("withdrawn", LATER, "Of another server.")
        with pytest.raises(IllegalTransition):
            taking.withdraw(made, reason="Again.", by=self.cast.alice, now=LATER)
