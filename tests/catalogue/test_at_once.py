"""Two people who import revisions of one framework at once."""

import json
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import TransactionTestCase

from accounts.models import Role
from catalogue import frameworks, revising
from catalogue.models import Control, Framework
from catalogue.oscal import reading
from tests import cast
from tests.cast import NOON
from tests.catalogue.oscal_documents import METADATA, catalog, control
from tests.interleaving import overtaken

pytestmark = pytest.mark.engine


class AtOnce(TransactionTestCase):
    def importing(self, version: str) -> Callable[[], Framework]:
        document = catalog(control("a"), control("b"), metadata=METADATA | {"version": version})
        read, olga = reading.read(json.dumps(document).encode()), self.olga
        return lambda: frameworks.take(document=read, by=olga, now=NOON)

    def at_once(self, *versions: str) -> list[str]:
        """Return what came of two imports, of which no half is left: one revision counts, with all its controls."""
        outcomes = overtaken(*map(self.importing, versions), at=(revising, "take_place"))
        current = Framework.objects.current().get(key="house-rules")
        assert Control.objects.filter(framework=current).count() == 2
        return sorted(type(one).__name__ for one in outcomes)

    def test_one_is_taken_whole_and_the_other_is_told(self) -> None:
        self.olga = cast.person("olga", role=Role.ANALYST, unit=None)
        assert self.at_once("1", "1") == ["Conflict", "Framework"]
        # Where one writes at a time, the later one takes the place of the earlier.
        later = "Framework" if connection.vendor == "sqlite" else "Conflict"
        assert self.at_once("2", "3") == [later, "Framework"]
