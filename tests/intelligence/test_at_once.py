"""Two people bring the same, or something of the same server, at once: it is kept once, and all of it counts."""

from functools import partial

import pytest
from django.test import TransactionTestCase

from intelligence import egress_logs, watching
from intelligence.models import EgressContact, EgressLog, WatchEntry
from tests import cast
from tests.cast import NOON
from tests.intelligence import scene
from tests.intelligence.scene import LATER
from tests.intelligence.test_egress_logs import FIRST, LAST, LOG, line, log
from tests.intelligence.test_watching import MAIL
from tests.interleaving import overtaken

pytestmark = pytest.mark.engine


class EgressAtOnce(TransactionTestCase):
    """A server whose egress two people bring."""

    def setUp(self) -> None:
        self.here = scene.set_up()

    def overtake(self, first: bytes, second: bytes) -> list[EgressLog]:
        """Return what came of two logs, the second taken when the first has counted and is about to write."""
        people = self.here.people
        one, other = (
            partial(egress_logs.take, self.here.server, taken=egress_logs.read(raw), by=by, now=LATER)
            for raw, by in ((first, people.alice), (second, people.bob))
        )
        return overtaken(one, other, at=(EgressContact.objects, "bulk_update"))

    def test_two_logs_of_one_server_are_both_counted(self):
        made = self.overtake(log(line(FIRST, "one.example")), log(line(LAST, "one.example"), line(LAST, "two.example")))

        assert [type(one) for one in made] == [EgressLog, EgressLog], made
        counts = EgressContact.objects.order_by("host").values_list("host", "count")
        assert list(counts) == [("one.example", 2), ("two.example", 1)]

    def test_one_log_is_counted_once(self):
        first, second = self.overtake(LOG, LOG)

        assert first == second
        assert sum(EgressContact.objects.values_list("count", flat=True)) == 4


class NotedAtOnce(TransactionTestCase):
    def test_a_mail_that_two_people_bring_is_one_entry(self):
        people = cast.assemble()
        cast.a_vendor(people, "Acme", website="https://www.acme.example/")

        one, other = (partial(watching.note_mail, MAIL, by=by, now=NOON) for by in (people.alice, people.bob))
        first, second = overtaken(one, other, at=(watching, "_techniques"))

        assert first == second == WatchEntry.objects.get()
