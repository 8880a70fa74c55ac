"""Two people who import revisions of one framework at once."""

import json
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import TransactionTestCase

from accounts.models import Role, User
from catalogue import frameworks, revising
from catalogue.models import Control, Framework
from catalogue.oscal import reading
from tests import cast
from tests.cast import NOON
from tests.catalogue.oscal_documents import METADATA, catalog, control
from tests.interleaving import overtaken

pytestmark = pytest.mark.engine


class AtOnce(TransactionTestCase):
    def setUp(self) -> None:
        self.olga = cast.person("olga", role=Role.ANALYST, unit=None)

    def importing(self, version: str, *, by: User | None = None) -> Callable[[], Framework]:
        document = catalog(control("a"), control("b"), metadata=METADATA | {"version": version})
        read, person = reading.read(json.dumps(document).encode()), by or self.olga
        return lambda: frameworks.take(document=read, by=person, now=NOON)

    def at_once(self, *versions: str) -> list[str]:
        """Return what came of two imports, of which no half is left: one revision counts, with all its controls."""
        outcomes = overtaken(*map(self.importing, versions), at=(revising, "take_place"))
        current = Framework.objects.current().get(key="house-rules")
        assert Control.objects.filter(framework=current).count() == 2
        return sorted(type(one).__name__ for one in outcomes)

    def test_one_is_taken_whole_and_the_other_is_told(self) -> None:
        assert self.at_once("1", "1") == ["Conflict", "Framework"]
        # Where one writes at a time, the later one takes the place of the earlier.
        later = "Framework" if connection.vendor == "sqlite" else "Conflict"
        assert self.at_once("2", "3") == [later, "Framework"]

    def test_who_works_in_some_units_does_not_replace_what_came_meanwhile(self) -> None:
        alice = cast.assemble().alice
        overtaken(self.importing("1", by=alice), self.importing("2"), at=(frameworks, "_made"))
        assert Framework.objects.current().get(key="house-rules").revision == "2"
