"""Two people who import revisions of one framework at once."""

import json
from collections.abc import Callable

import pytest
from django.test import TransactionTestCase

from catalogue import frameworks, revising
from catalogue.models import Control, Framework
from catalogue.oscal import reading
from riskregister.refusals import Conflict
from tests import cast
from tests.cast import NOON
from tests.catalogue.oscal_documents import METADATA, catalog, control
from tests.interleaving import overtaken

pytestmark = pytest.mark.engine


class AtOnce(TransactionTestCase):
    def importing(self, version: str) -> Callable[[], Framework]:
        document = catalog(control("a"), control("b"), metadata=METADATA | {"version": version})
        read, alice = reading.read(json.dumps(document).encode()), self.people.alice
        return lambda: frameworks.take(document=read, by=alice, now=NOON)

    def test_one_is_taken_whole_and_the_other_is_told(self) -> None:
        self.people = cast.assemble()
        for versions in (("1", "1"), ("2", "3")):
            outcomes = overtaken(*map(self.importing, versions), at=(revising, "take_place"))

            assert sorted(type(one).__name__ for one in outcomes) == ["Conflict", "Framework"]
            current = Framework.objects.current().get(key="house-rules")
            assert Control.objects.filter(framework=current).count() == 2
            assert all(isinstance(one, Conflict | Framework) for one in outcomes)
